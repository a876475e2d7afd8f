"""The page of an appointment that is ahead, and getting a lost link again."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.gateway.house import VISIT, House, at
from tests.gateway.visitor import Visitor, form_of


def stored(house: House, token: str) -> list[dict[str, Any]]:
    found = [json.loads(house.opened(row)["body"]) for row in house.rows("portal")]
    return [said for said in found if said.get("token") == token]


def visitor_of(house: House, **changes: Any) -> Visitor:
    return Visitor(house, house.page(**(VISIT | changes)), "visit")


def test_the_link_of_a_visit_leads_to_its_page_and_off_the_address(house: House) -> None:
    token = house.page(**VISIT)
    with house.client() as client:
        first = client.get(f"/a/{token}")
    assert (first.status_code, first.headers["location"]) == (303, "/visit")
    assert first.headers["set-cookie"].startswith(f"__Host-visit={token};")
    page = Visitor(house, token, "visit").get("/visit")
    assert "What would you like to do?" in page.text
    assert token not in page.text


@pytest.mark.parametrize("asked", ["move", "cancel"])
def test_a_wish_waits_for_its_case_and_then_shows_times(house: House, asked: str) -> None:
    visitor = visitor_of(house)
    answer = visitor.send("/visit", asked=asked)
    assert answer.headers["location"] == f"/visit?asked={asked}"
    assert stored(house, visitor.token) == [{"token": visitor.token, "asked": asked}]
    waiting = visitor.get(f"/visit?asked={asked}")
    assert "Looking for times" in waiting.text
    assert waiting.headers["refresh"] == f"3; url=/visit?asked={asked}&again=1"
    case = house.page(stands=at(0))
    house.put_page(visitor.token, **VISIT, case=case)
    on = visitor.get(f"/visit?asked={asked}")
    assert (on.status_code, on.headers["location"]) == (303, "/offer")
    assert on.headers["set-cookie"].startswith(f"__Host-offer={case};")
    assert "stands until the new time is confirmed" in Visitor(house, case).get().text


def test_a_scanner_that_sends_the_form_as_it_is_asks_for_nothing(house: House) -> None:
    visitor = visitor_of(house)
    fields = form_of(visitor.get("/visit").text).fields
    assert visitor.request("POST", "/visit", data=fields).status_code == 422
    robot = fields | {"asked": "cancel", "website": "x"}
    assert visitor.request("POST", "/visit", data=robot).status_code == 422
    forged = fields | {"asked": "cancel", "proof": "0" * 64}
    assert visitor.request("POST", "/visit", data=forged).status_code == 403
    assert visitor.request("POST", "/visit").status_code == 403
    assert stored(house, visitor.token) == []


@pytest.mark.parametrize("view", [{"state": "gone", "booked": {}}, {"booked": at(-48)}])
def test_a_visit_that_is_over_cannot_be_moved(house: House, view: dict[str, Any]) -> None:
    visitor = visitor_of(house)
    fields = form_of(visitor.get("/visit").text).fields | {"asked": "move"}
    house.put_page(visitor.token, **(VISIT | view))
    assert visitor.request("POST", "/visit", data=fields).headers["location"] == "/visit"
    assert "no longer booked" in visitor.get("/visit").text
    assert stored(house, visitor.token) == []


def test_from_the_booking_to_the_visit_without_its_token_in_an_address(house: House) -> None:
    visit = house.page(**VISIT)
    visitor = Visitor(house, house.page(state="booked", booked=at(0), visit=visit))
    assert visit not in visitor.get().text
    on = visitor.get("/offer/change")
    assert (on.headers["location"], visit in on.headers["set-cookie"]) == ("/visit", True)


def test_one_cookie_does_not_open_the_other_page(house: House) -> None:
    visit = house.page(**VISIT)
    assert Visitor(house, visit, "offer").get("/visit").status_code == 404
    assert Visitor(house, "", "visit").get("/visit").status_code == 404
    assert visitor_of(house).get("/visit/calendar.ics").status_code == 200


def asked(house: House) -> list[str]:
    rows = [row for row in house.rows("portal") if row["kind"] == "lost"]
    return [json.loads(house.opened(row)["body"])["contact"] for row in rows]


def ask(house: House, contact: str, **fields: str) -> tuple[int, str]:
    with house.client() as client:
        answer = client.post("/lost", data={"contact": contact, "website": "", **fields})
    return answer.status_code, answer.text


def test_the_answer_is_the_same_for_everybody_and_a_contact_is_passed_on_once(
    another: Callable[..., House],
) -> None:
    house = another()
    house.start()
    answers = {
        ask(house, contact)
        for contact in ("808-555-0101", "+1 808 555 0199", "Leilani@Example.com", "808-555-0101")
    }
    assert [status for status, _ in answers] == [200]
    assert sorted(asked(house)) == ["+18085550199", "8085550101", "leilani@example.com"]
    marks = {row["twin_key"] for row in house.rows("portal")}
    assert len(marks) == 3


@pytest.mark.parametrize("contact", ["", "x", "12", "a@b", "1" * 40, "x" * 300, "<b>@x.y z"])
def test_what_is_neither_a_number_nor_an_address_is_asked_again(house: House, contact: str) -> None:
    before = len(asked(house))
    status, text = ask(house, contact)
    assert (status, "Please enter a phone number" in text) == (422, True)
    assert ask(house, "808 555 0100", website="x")[0] == 422
    assert len(asked(house)) == before


def test_too_many_at_once_are_asked_to_wait(another: Callable[..., House]) -> None:
    house = another()
    house.start()
    statuses = [ask(house, f"808555{number:04}")[0] for number in range(62)]
    assert (statuses.count(200), statuses.count(429)) == (60, 2)


def test_a_throttle_forgets_old_times_and_old_keys() -> None:
    from gateway.throttle import MOST_KEYS, Throttle

    throttle = Throttle(1, timedelta(0))
    assert all(throttle.lets_pass("a") for _ in range(3))
    for number in range(MOST_KEYS + 5):
        throttle.lets_pass(str(number))
    assert len(throttle.seen) <= MOST_KEYS
