"""Choosing a time on the client's page: C2, C5, C7, C8, C10 and C13 of the trust catalogue."""

import json
import re
from typing import Any

import pytest

from tests.gateway.house import BOOKED, House
from tests.gateway.visitor import Visitor, form_of, words

OTHER = {"content-type": "text/plain"}


def choices(house: House, token: str) -> list[dict[str, Any]]:
    found = [json.loads(house.opened(row)["body"]) for row in house.rows("portal")]
    return [choice for choice in found if choice["token"] == token]


def test_a_chosen_time_is_one_sealed_row_and_a_page_that_waits(house: House) -> None:
    visitor = Visitor(house, house.page())
    answer = visitor.choose("2")
    assert (answer.status_code, answer.headers["location"]) == (303, "/offer?chosen=o2-2")
    assert choices(house, visitor.token) == [{"token": visitor.token, "offer": 2, "slot": 2}]
    shown = visitor.get(answer.headers["location"])
    assert "Booking it now" in shown.text
    assert "4:30 pm" in shown.text
    assert 'href="/offer?chosen=o2-2"' in shown.text
    assert shown.headers["refresh"] == "3; url=/offer?chosen=o2-2&again=1"


def test_the_waiting_page_becomes_the_booking(house: House) -> None:
    visitor = Visitor(house, house.page())
    waiting = visitor.choose("2").headers["location"]
    house.put_page(visitor.token, **BOOKED)
    page = visitor.get(waiting)
    assert "You are booked Tuesday 24 November 4:30 pm" in words(page.text)
    assert "refresh" not in page.headers


def test_the_waiting_page_says_so_when_the_time_has_gone(house: House) -> None:
    visitor = Visitor(house, house.page())
    waiting = visitor.choose("2").headers["location"]
    house.put_page(visitor.token, offer=3)
    page = visitor.get(waiting)
    assert "That time has just gone" in page.text
    assert form_of(page.text).fields["offer"] == "3"


def test_the_waiting_page_stops_asking_after_a_minute_and_lets_the_client_go(house: House) -> None:
    visitor = Visitor(house, house.page())
    page = visitor.get("/offer?chosen=o2-2&again=20")
    assert "You can close this page" in words(page.text)
    assert "refresh" not in page.headers


def test_c2_no_time_is_chosen_beforehand_and_sending_the_form_as_it_is_books_nothing(
    house: House,
) -> None:
    visitor = Visitor(house, house.page())
    form = visitor.form()
    assert [radio["value"] for radio in form.radios] == ["1", "2", "3"]
    assert not any("checked" in radio for radio in form.radios)
    answer = visitor.post(form.fields)
    assert (answer.status_code, choices(house, visitor.token)) == (422, [])
    assert "Please choose one of the times." in answer.text
    assert form_of(answer.text).radios == form.radios


@pytest.mark.parametrize("slot", ["", "0", "4", "-1", "1.0", " 1", "x", "9" * 5000, "１", "1\x00"])
def test_c10_a_time_that_is_not_on_the_page_is_refused(house: House, slot: str) -> None:
    visitor = Visitor(house, house.page())
    answer = visitor.choose(slot)
    assert answer.status_code in (413, 422)
    assert choices(house, visitor.token) == []


def test_c2_a_robot_that_fills_every_field_books_nothing(house: House) -> None:
    visitor = Visitor(house, house.page())
    assert visitor.choose("1", website="https://spam.example").status_code == 422
    assert choices(house, visitor.token) == []


def test_c5_the_same_choice_twice_is_one_row(house: House) -> None:
    visitor = Visitor(house, house.page())
    assert [visitor.choose("1").status_code for _ in range(3)] == [303] * 3
    assert len(choices(house, visitor.token)) == 1


def test_c5_after_the_booking_another_choice_shows_the_booking_and_changes_nothing(
    house: House,
) -> None:
    visitor = Visitor(house, house.page())
    late = visitor.form().fields | {"slot": "1"}
    house.put_page(visitor.token, **BOOKED)
    answer = visitor.post(late)
    assert (answer.status_code, answer.headers["location"]) == (303, "/offer")
    assert "You are booked" in visitor.get().text
    assert choices(house, visitor.token) == []


def test_a_form_of_an_older_offer_shows_the_newer_one(house: House) -> None:
    visitor = Visitor(house, house.page())
    old = visitor.form().fields | {"slot": "1"}
    house.put_page(visitor.token, offer=3)
    answer = visitor.post(old)
    assert (answer.status_code, form_of(answer.text).fields["offer"]) == (409, "3")
    assert "newer times" in answer.text
    assert choices(house, visitor.token) == []


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "null"},
        {"origin": "https://evil.example"},
        {"origin": "https://book.example.com.evil.example"},
        {"origin": "http://book.example.com"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"referer": "https://evil.example/https://book.example.com/offer"},
        {"referer": "https://["},
        OTHER,
        {"content-type": "multipart/form-data; boundary=x"},
        {"content-type": "application/json"},
    ],
)
def test_c7_a_form_from_elsewhere_is_refused(house: House, headers: dict[str, str]) -> None:
    visitor = Visitor(house, house.page())
    fields = visitor.form().fields | {"slot": "1"}
    assert visitor.post(fields, headers=headers).status_code == 403
    assert choices(house, visitor.token) == []


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://book.example.com", "sec-fetch-site": "same-origin"},
        {"referer": "https://book.example.com/offer"},
        {},
    ],
)
def test_c7_our_own_form_is_taken(house: House, headers: dict[str, str]) -> None:
    visitor = Visitor(house, house.page())
    fields = visitor.form().fields | {"slot": "1"}
    assert visitor.post(fields, headers=headers).status_code == 303


@pytest.mark.parametrize("proof", ["", "0" * 64, "é"])
def test_c7_a_form_without_the_pages_proof_is_refused(house: House, proof: str) -> None:
    visitor = Visitor(house, house.page())
    assert visitor.choose("1", proof=proof).status_code == 403
    assert choices(house, visitor.token) == []


def test_c7_the_proof_of_another_clients_page_is_refused(house: House) -> None:
    mine, theirs = Visitor(house, house.page()), Visitor(house, house.page())
    assert mine.choose("1", proof=theirs.form().fields["proof"]).status_code == 403


def test_c7_a_form_without_the_cookie_gets_the_page_of_a_dead_link(house: House) -> None:
    visitor = Visitor(house, house.page())
    fields = visitor.form().fields | {"slot": "1"}
    assert Visitor(house, "").post(fields).status_code == 404


@pytest.mark.parametrize("body", [b"slot=1&slot=2", b"%ff=%fe", b"&&&", b"\xff\xfe", b"a=b&" * 500])
def test_a_form_that_is_none_is_a_400(house: House, body: bytes) -> None:
    visitor = Visitor(house, house.page())
    answer = visitor.request(
        "POST",
        "/offer",
        content=body,
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    assert answer.status_code in (400, 403)
    assert choices(house, visitor.token) == []


def test_a_form_larger_than_ours_can_be_is_a_413(house: House) -> None:
    visitor = Visitor(house, house.page())
    assert visitor.choose("1", more="x" * 5000).status_code == 413


NASTY = [
    "<img src=x onerror=alert(1)>",
    '"><svg/onload=alert(1)>',
    "{{7*7}}",
    "{% raw %}",
    "javascript:alert(1)",
    "' autofocus onfocus=alert(1) x='",
    "</title><script>alert(1)</script>",
    "&lt;script&gt;",
]


@pytest.mark.parametrize("text", NASTY)
@pytest.mark.parametrize("state", ["choose", "working", "booked", "staff", "closed"])
def test_c8_whatever_a_text_holds_it_is_text(house: House, text: str, state: str) -> None:
    times = {"code": 1, "shown": text, "day": text, "time": text}
    names = ("first_name", "business", "business_phone", "service", "place", "zone", "note")
    view = dict.fromkeys(names, text) | {"slots": [times], "booked": times, "state": state}
    view["business_phone"] = f"{text} +1"
    page = Visitor(house, house.page(**view)).get().text
    harmless = Visitor(house, house.page(**_replaced(view, text, "word"))).get().text
    assert _tags(page) == _tags(harmless)
    assert "49" not in words(page)


def _replaced(view: dict[str, Any], text: str, by: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(view).replace(json.dumps(text)[1:-1], by))
    return found


def _tags(html: str) -> list[tuple[str, list[str]]]:
    """The page's elements and the names of their attributes, as a browser would read them."""
    return [(tag, [name for name, _ in attributes]) for tag, attributes in form_of(html).tags]


def test_c8_a_text_cannot_turn_the_page_around_or_fill_it(house: House) -> None:
    turned, long = "evil\u202etxt\u2066\x07\x00\u200f", "n" * 10_000
    page = Visitor(house, house.page(first_name=turned, place=long)).get()
    assert "Hi <bdi>eviltxt</bdi>" in page.text
    assert len(page.text) < 5000


def test_c8_names_in_any_script_are_shown_as_they_are(house: House) -> None:
    for name in ("Zoë", "Łukasz", "محمد", "小林", "Kūlolo ʻOkina", "👩🏽"):
        assert f"<bdi>{name}</bdi>" in Visitor(house, house.page(first_name=name)).get().text


def test_c8_the_page_may_run_nothing_and_load_only_its_own_style(house: House) -> None:
    visitor = Visitor(house, house.page())
    page = visitor.get()
    assert page.headers["content-security-policy"] == (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )
    assert not re.search(r"<script|style=|\son[a-z]+=|https?://", page.text)
    style = visitor.get("/page.css")
    assert style.headers["content-type"].startswith("text/css")
    assert not re.search(r"url\(|@import", style.text)


def test_c13_no_header_or_parameter_leads_the_client_elsewhere(house: House) -> None:
    token = house.page()
    visitor = Visitor(house, token)
    forged = {"host": "evil.example", "x-forwarded-host": "evil.example"}
    first = visitor.get(f"/o/{token}?next=https://evil.example", headers=forged)
    assert first.headers["location"] == "/offer"
    page = visitor.get("/offer?next=//evil.example&chosen=o2-1%0d%0aX: y", headers=forged)
    assert "evil.example" not in page.text + str(page.headers)
    assert page.headers["x-frame-options"] == "DENY"
