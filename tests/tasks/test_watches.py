"""Subscribing at a platform: nothing has to be copied by hand for its webhooks to verify."""

import json

import pytest

from rebook.db.session import ledger
from rebook.db.tables import Audit, Connection
from rebook.keyring import keyring
from rebook.services import connections
from rebook.services.connections import Account
from rebook.settings import settings
from tasks.watches import subscribe
from tests.connectors.kits import KITS
from tests.connectors.vendor import Received, Reply, Vendor
from tests.services import office

pytestmark = pytest.mark.usefixtures("business")
KEY = "a-key-square-made-up"


def save(slug: str, vendor: Vendor, *secrets: str) -> None:
    kit = KITS[slug]
    account = Account(slug, slug, vendor.url + kit.path, dict(kit.settings), dict(kit.credentials))
    with ledger() as session:
        connections.store(session, account, door_secrets=secrets)


def square(key: str) -> dict[str, object]:
    url = "http://127.0.0.1:8080/hooks/square"
    events = ["booking.created", "booking.updated"]
    told = {"id": "wbhk_1", "enabled": True, "event_types": events, "notification_url": url}
    return told | {"signature_key": key}


def at_the_door(connection: str) -> list[str]:
    with ledger() as session:
        row = session.get_one(Connection, connection)
    opened: dict[str, list[str]] = json.loads(keyring().door_decrypt(row.door_secrets))
    return opened["secrets"]


def test_the_key_a_platform_made_up_opens_its_door_and_stands_nowhere_else(
    vendor: Vendor,
) -> None:
    save("square", vendor)
    vendor.answer = lambda r: (
        Reply(200, {"subscription": square(KEY)}) if r.method == "POST" else Reply(200, {})
    )
    watch = subscribe("square")
    assert watch.id == "wbhk_1"
    assert KEY in at_the_door("square")
    row = office.rows(Connection, id="square")[0]
    assert row.watch == {
        "id": "wbhk_1",
        "resource": watch.resource,
        "secret": "",
        "expires_at": None,
    }
    assert KEY not in str([entry.detail for entry in office.rows(Audit)])


def test_a_key_that_was_changed_at_the_platform_is_good_at_the_next_renewal(
    vendor: Vendor,
) -> None:
    save("square", vendor, "entered long ago")
    url = f"{settings().public_url.rstrip('/')}/hooks/square"
    keys = iter(["first", "second"])

    def answer(request: Received) -> Reply:
        if request.path.endswith("/wbhk_1"):
            return Reply(200, {"subscription": square(next(keys))})
        return Reply(200, {"subscriptions": [square("") | {"notification_url": url}]})

    vendor.answer = answer
    subscribe("square")
    subscribe("square")
    assert at_the_door("square") == ["entered long ago", "second", "first"]


def test_a_platform_that_signs_with_our_word_is_given_one_where_nobody_entered_any(
    vendor: Vendor,
) -> None:
    save("pipedrive", vendor)
    given: list[str] = []

    def answer(request: Received) -> Reply:
        if request.method == "GET":
            return Reply(200, {"success": True, "data": []})
        given.append(request.json["http_auth_password"])
        return Reply(201, {"success": True, "data": {"id": 7}})

    vendor.answer = answer
    subscribe("pipedrive")
    assert at_the_door("pipedrive") == given
    assert len(given[0]) >= 32
