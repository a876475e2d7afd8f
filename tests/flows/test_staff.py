"""People of the office decide: on the staff page and by a button in Slack, and see what came of it."""

from typing import Any

import httpx

from rebook.db.session import ledger
from rebook.services import staff_accounts
from tests.flows.house import Client, House, until
from tests.office.page import Visitor

PASSWORD = "three blue kettles"


def test_a_case_is_booked_from_the_staff_page_and_another_by_a_button_in_slack(
    house: House,
) -> None:
    caller, other = house.client(), house.client()
    for client in (caller, other):
        client.cancels()
    for client in (caller, other):
        client.gets_offer()
        client.waits()
    caller.replies("I would rather talk to a person, please call me")
    case_id = caller.case_in("handed_over").id
    caller.waits()
    _book_on_page(_signed_in(house), case_id)
    _book_in_slack(house, other)
    for client in (caller, other):
        client.case_in("rebooked")
        client.gets_confirmation()
        assert len(client.bookings()) == 1
    until("the message shows the result", lambda: _shows_result(house, other))
    (message,) = _messages(house, other)
    assert [block["type"] for block in message["blocks"]] == ["section"]


def _signed_in(house: House) -> Visitor:
    with ledger() as session:
        staff_accounts.add(session, "maria", password=PASSWORD)
    visitor = Visitor(httpx.Client(base_url=house.addresses["office"], timeout=30))
    assert visitor.sign_in("maria", PASSWORD).status_code == 200
    return visitor


def _book_on_page(maria: Visitor, case_id: str) -> None:
    assert case_id in maria.open("/") or f"/cases/{case_id}" in maria.last.text
    answer = maria.decide(case_id, choice="book_slot", slot="o1-2")
    assert answer.status_code == 200

    def done() -> bool:
        maria.open(f"{answer.url.path}?{answer.url.query.decode()}")
        return "Book this time: the slot was chosen." in maria.last.text

    until("the page shows what came of it", done)


def _book_in_slack(house: House, client: Client) -> None:
    (message,) = until("the office was told", lambda: _messages(house, client))
    action = {"ts": message["ts"], "action_id": "book:o1-1", "user": "U0SANDBOX1"}
    house.control("slack/click", action)


def _messages(house: House, client: Client) -> list[dict[str, Any]]:
    case_id = client.case().id
    return [m for m in house.platform("slack")["messages"] if case_id in m["text"]]


def _shows_result(house: House, client: Client) -> bool:
    (message,) = _messages(house, client)
    said = message["text"]
    return (
        "is rebooked" in said
        and "U0SANDBOX1: book this time o1-1 → the slot was chosen" in said
        and "New time: " in said
    )
