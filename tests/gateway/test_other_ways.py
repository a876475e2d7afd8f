"""More times, another day, call me, I no longer need it, the calendar file, and both languages."""

import json
import re
from datetime import timedelta
from typing import Any

import icalendar
import pytest

from gateway.words import BY_LANGUAGE
from tests.gateway.house import CALENDAR, FREE, SOON, House, at
from tests.gateway.visitor import Visitor, form_of, words


def stored(house: House, token: str) -> list[tuple[str, dict[str, Any]]]:
    found = [(row["kind"], json.loads(house.opened(row)["body"])) for row in house.rows("portal")]
    return [
        (kind, {name: value for name, value in said.items() if name != "token"})
        for kind, said in found
        if said.get("token") == token
    ]


def test_more_times_stand_by_week_and_one_of_them_can_be_chosen(house: House) -> None:
    visitor = Visitor(house, house.page(free=FREE))
    assert "/offer/times" in visitor.get().text
    first = visitor.get("/offer/times")
    weeks = re.findall(r"/offer/times\?week=(\d)", first.text)
    assert len(weeks) in (2, 3)
    assert first.text.count('aria-current="page"') == 1
    shown = [
        radio["value"]
        for week in weeks
        for radio in form_of(visitor.get(f"/offer/times?week={week}").text).radios
    ]
    assert len(shown) == len(set(shown)) == 20
    fields = form_of(first.text).fields | {"time": str(shown[0])}
    answer = visitor.request("POST", "/offer", data=fields)
    assert answer.headers["location"] == f"/offer?chosen=o2-t{shown[0]}"
    assert stored(house, visitor.token) == [("time", {"start": FREE[0][0]})]
    waiting = visitor.get(answer.headers["location"])
    assert "Booking it now" in waiting.text
    house.put_page(visitor.token, offer=3)
    assert "That time has just gone" in visitor.get(answer.headers["location"]).text


@pytest.mark.parametrize("time", ["", "1", "x", "99999999999", "-5"])
def test_a_time_that_was_not_free_is_refused(house: House, time: str) -> None:
    visitor = Visitor(house, house.page(free=FREE))
    fields = visitor.form().fields | {"time": time}
    assert visitor.request("POST", "/offer", data=fields).status_code == 422
    assert stored(house, visitor.token) == []


def test_a_wish_is_a_day_and_a_part_of_it(house: House) -> None:
    visitor = Visitor(house, house.page())
    days = re.findall(r'<option value="(\d{4}-\d\d-\d\d)">', visitor.get("/offer/wish").text)
    assert len(days) == 28
    answer = visitor.send("/offer/wish", day=days[4], part="afternoon")
    assert answer.headers["location"] == "/offer?said=wish-2"
    assert stored(house, visitor.token) == [("wish", {"day": days[4], "part": "afternoon"})]
    waiting = visitor.get("/offer?said=wish-2")
    assert "We have your answer" in waiting.text
    assert waiting.headers["refresh"] == "3; url=/offer?said=wish-2&again=1"
    house.put_page(visitor.token, offer=3)
    assert "Choose a new time" in visitor.get("/offer?said=wish-2").text


@pytest.mark.parametrize(
    ("path", "answers", "kind", "said"),
    [
        ("/offer/call", {"answer": "yes"}, "press", {"meaning": "call_me"}),
        ("/offer/cancel", {"answer": "yes"}, "press", {"meaning": "withdraw"}),
        ("/offer/cancel", {"answer": "keep"}, "press", {"meaning": "keep"}),
    ],
)
def test_other_answers_are_asked_for_and_stored(
    house: House, path: str, answers: dict[str, str], kind: str, said: dict[str, str]
) -> None:
    visitor = Visitor(house, house.page(stands=at(0)))
    assert visitor.send(path, **answers).status_code == 303
    assert stored(house, visitor.token) == [(kind, said)]


def test_nothing_can_be_kept_where_nothing_stands(house: House) -> None:
    visitor = Visitor(house, house.page())
    assert "keep" not in visitor.get("/offer/cancel").text
    assert visitor.send("/offer/cancel", answer="keep").status_code == 422
    assert stored(house, visitor.token) == []


@pytest.mark.parametrize(
    "path", ["/offer", "/offer/times", "/offer/wish", "/offer/call", "/offer/cancel"]
)
def test_c1_c2_a_scanner_that_sends_every_form_it_finds_changes_nothing(
    house: House, path: str
) -> None:
    """With the cookie and the page's own proof, as far as a robot can come without an answer."""
    visitor = Visitor(house, house.page(free=FREE, stands=at(0)))
    form = form_of(visitor.get(path).text)
    assert visitor.request("POST", form.action, data=form.fields).status_code == 422
    filled = {name: value or "x" for name, value in form.fields.items()}
    assert visitor.request("POST", form.action, data=filled).status_code == 422
    assert visitor.request("POST", form.action).status_code == 403
    assert stored(house, visitor.token) == []


@pytest.mark.parametrize("path", ["/offer/wish", "/offer/call", "/offer/cancel"])
def test_c7_every_form_needs_our_page(house: House, path: str) -> None:
    visitor = Visitor(house, house.page())
    fields = form_of(visitor.get(path).text).fields | {"answer": "yes"}
    elsewhere = {"origin": "https://evil.example"}
    assert visitor.request("POST", path, data=fields, headers=elsewhere).status_code == 403
    forged = fields | {"proof": "0" * 64}
    assert visitor.request("POST", path, data=forged).status_code == 403
    assert Visitor(house, "").request("POST", path, data=fields).status_code == 404
    assert stored(house, visitor.token) == []


@pytest.mark.parametrize("state", ["booked", "withdrawn", "closed", "working"])
def test_what_is_settled_takes_no_further_answers(house: House, state: str) -> None:
    visitor = Visitor(house, house.page())
    fields = form_of(visitor.get("/offer/cancel").text).fields | {"answer": "yes"}
    house.put_page(visitor.token, state=state, booked=at(0))
    assert visitor.request("POST", "/offer/cancel", data=fields).headers["location"] == "/offer"
    assert stored(house, visitor.token) == []


def test_the_calendar_file_is_read_by_an_independent_reader(house: House) -> None:
    nasty = "Cleaning; \\n, deep\r\nBEGIN:VALARM\u202e" + "é" * 60
    view = {"state": "booked", "booked": at(0), "calendar": CALENDAR, "service": nasty}
    visitor = Visitor(house, house.page(**view))
    assert "/offer/calendar.ics" in visitor.get().text
    answer = visitor.get("/offer/calendar.ics")
    assert answer.headers["content-type"].startswith("text/calendar")
    assert max(len(line) for line in answer.content.split(b"\r\n")) <= 75
    calendar = icalendar.Calendar.from_ical(answer.content)
    (event,) = (dict[str, Any](found) for found in calendar.walk("VEVENT"))
    assert not calendar.walk("VALARM")
    assert (str(event["UID"]), event["SEQUENCE"]) == ("visit-1@rebook", 1)
    assert event["DTSTART"].dt == SOON
    assert event["DTEND"].dt == SOON + timedelta(hours=1)
    assert event["DTSTAMP"].to_ical().endswith(b"Z")
    assert "BEGIN:VALARM" in str(event["SUMMARY"])
    assert str(event["LOCATION"]) == "45-1048 Example Road"


def test_there_is_no_calendar_file_where_nothing_is_booked(house: House) -> None:
    visitor = Visitor(house, house.page(calendar=CALENDAR))
    assert visitor.get("/offer/calendar.ics").status_code == 404


def test_the_page_speaks_the_clients_language_until_another_is_pressed(house: House) -> None:
    slots = [{"code": 1, **at(0)}]
    visitor = Visitor(house, house.page(language="es", slots=slots))
    page = visitor.get()
    assert '<html lang="es">' in page.text
    assert "Elija una nueva hora" in page.text
    assert re.search(r"(lunes|martes|miércoles|jueves|viernes|sábado|domingo) \d+ de", page.text)
    assert 'href="/offer?lang=en" lang="en"' in page.text
    english = visitor.get("/offer?lang=en")
    assert "Choose a new time" in english.text
    assert english.headers["set-cookie"].startswith("__Host-lang=en;")
    kept = {"cookie": f"{visitor.cookie}={visitor.token}; __Host-lang=en"}
    assert "Choose a new time" in visitor.get(headers=kept).text


def test_a_page_without_a_client_speaks_the_browsers_language(house: House) -> None:
    with house.client() as client:
        spanish = client.get("/offer", headers={"accept-language": "es-MX,es;q=0.9,en;q=0.8"})
        strange = client.get("/offer?lang=<script>", headers={"accept-language": "xx"})
    assert "Este enlace no funciona" in spanish.text
    assert "This link does not work" in strange.text


def test_both_languages_say_the_same_things_with_the_same_gaps() -> None:
    english, spanish = BY_LANGUAGE["en"], BY_LANGUAGE["es"]
    assert english.keys() == spanish.keys()
    gaps = re.compile(r"\{\w+\}|%s")
    for name, text in english.items():
        assert gaps.findall(text) == gaps.findall(spanish[name]), name


@pytest.mark.parametrize(
    ("view", "said"),
    [
        ({"state": "seeking", "slots": []}, "Looking for times"),
        ({"state": "seeking", "stands": at(0)}, "stands until the new time is confirmed"),
        ({"state": "withdrawn"}, "Your appointment is cancelled"),
        ({"state": "kept", "stands": at(0)}, "Your appointment stands"),
        ({"state": "staff", "slots": []}, "I no longer need it"),
    ],
)
def test_each_further_state_says_how_things_stand(
    house: House, view: dict[str, object], said: str
) -> None:
    assert said in words(Visitor(house, house.page(**view)).get().text)
