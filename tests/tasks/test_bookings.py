"""The step that books, where the platform says the client must do it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import pytest

from rebook.db.session import ledger
from rebook.db.tables import Intent
from rebook.domain.decisions import Choice
from rebook.services import by_link, connections
from rebook.services.connections import Account
from rebook.services.leases import Actor
from tasks import bookings
from tests.connectors.calendly.kit import KIT
from tests.connectors.vendor import Received, Reply, Vendor
from tests.services import office

pytestmark = pytest.mark.usefixtures("business")
book = cast(Callable[[Actor, str], str], cast(Any, bookings.book).__wrapped__)
"""The step without Prefect around it."""


def test_the_client_is_given_the_link_of_a_platform_that_takes_no_booking_from_us(
    vendor: Vendor,
) -> None:
    def answer(request: Received) -> Reply:
        if request.path == "/scheduling_links":
            return Reply(201, {"resource": {"booking_url": "https://calendly.example/d/1"}})
        return Reply(403, {"title": "Permission Denied"})

    vendor.answer = answer
    office.configure(topology=replace(office.TOPOLOGY, record="calendly"))
    settings = {"service_map": KIT.settings["service_map"].replace("9101=", "7=")}
    known = Account("calendly", "calendly", vendor.url, settings, {**KIT.credentials})
    with ledger() as session:
        connections.store(session, known, door_secrets=["none"])
    case_id = office.lose("EV1/I1", "calendly")
    actor = office.act(case_id)
    office.offer(actor)
    office.send(actor)
    office.wake(actor, office.decision(Choice.BOOK_SLOT, "o1-1"))
    [intent] = office.rows(Intent, case_id=case_id, kind="booking")
    assert book(actor, intent.id) == by_link.REASON
    assert [one.path for one in vendor.received] == ["/invitees", "/scheduling_links"]
    [text] = office.send(actor)
    assert f"https://calendly.example/d/1?utm_source=rebook&utm_content={intent.id}" in text.text
