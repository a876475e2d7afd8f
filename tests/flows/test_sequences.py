"""A platform's own sequence invites the client in place of ours, and ends when the client has chosen."""

from collections.abc import Iterator
from functools import partial

import pytest
from sqlmodel import select

from connectors import connect
from connectors.contract import Connector
from rebook.db.session import ledger
from rebook.db.tables import Case, Connection, Intent
from rebook.domain.appointments import Person
from rebook.services import people
from tests.flows import topology
from tests.flows.conftest import pointed_at
from tests.flows.house import Client, House, until

pytestmark = pytest.mark.full

SLUGS = ("activecampaign", "hubspot", "mailchimp", "salesforce")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    extra = {"REBOOK_SANDBOX_PLATFORMS": ",".join(SLUGS), "REBOOK_SANDBOX_CLIENTS": "20"}
    house = House(tmp_path_factory.mktemp("sequences"), extra)
    house.start()
    for pointed in pointed_at(house):
        until("every account is known", lambda: set(SLUGS) <= _known())
        yield pointed
    house.stop()


def _known() -> set[str]:
    with ledger() as session:
        return set(session.exec(select(Connection.id)))


def account(house: House, slug: str) -> Connector:
    with house.town as town:
        entries = town.get("/_control/connections").json()
    entry = next(one for one in entries if one["slug"] == slug)
    return connect(slug, entry["base_url"], entry["settings"], entry["credentials"])


def person_of(client: Client) -> Person:
    with ledger() as session:
        return people.described(session, client.case().person_id)


def begun(case: Case) -> Intent | None:
    with ledger() as session:
        wanted = (Intent.case_id == case.id, Intent.kind == "campaign", Intent.state == "done")
        return session.exec(select(Intent).where(*wanted)).first()


@pytest.mark.parametrize("slug", SLUGS)
def test_a_sequence_speaks_alone_until_the_client_has_chosen(town: House, slug: str) -> None:
    topology.change(town, campaigns={"*": slug})
    client = town.client()
    client.cancels()
    case = client.case_in("offered")
    sequence = until("the sequence has begun", partial(begun, case))
    platform, person = account(town, slug), person_of(client)
    assert platform.in_campaign(person, our_ref=sequence.id)
    client.waits()
    assert client.texts() == []
    assert client.decides(decision="book_slot", by="maria", slot="o1-1")["status"] == "ACCEPT"
    client.gets_confirmation()
    until("nothing is left to do", lambda: client.case().next_action_at is None)
    assert not platform.in_campaign(person, our_ref=sequence.id)
    assert client.texts("New times") == []
    assert len(client.bookings()) == 1
