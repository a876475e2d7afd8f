"""Offered times in Google's calendars as a running sandbox keeps them."""

from dataclasses import replace
from datetime import timedelta

from connectors.contract import Connector
from rebook.domain.appointments import Appointment, Person, Slot, Status, TimesOnOffer
from tests.sandbox.conftest import Json, Running
from tests.sandbox.ours import polled, reach


def entries(sandbox: Running) -> list[Json]:
    """What stands in the calendars as offered."""
    events = sandbox.state()["google_calendar"]["events"]
    tentative = [one for one in events if one["status"] == "tentative"]
    return sorted(tentative, key=lambda one: str(one["start"]))


def visit(google: Connector) -> Appointment:
    return next(one for one in polled(google)[0] if one.status is Status.BOOKED)


def on_offer(found: Appointment, *days: int) -> TimesOnOffer:
    times = [
        Slot(found.starts_at + timedelta(days=day), found.ends_at + timedelta(days=day))
        for day in days
    ]
    return TimesOnOffer(tuple(times), Person("Ana", "Kealoha"), "Haircut", "UTC", found.id)


def described(sandbox: Running, found: Appointment) -> str:
    event_id = found.id.rpartition("/")[2]
    events = sandbox.state()["google_calendar"]["events"]
    return str(next(one["description"] for one in events if one["id"] == event_id))


def test_an_offer_stands_in_the_calendar_and_in_the_description_until_it_is_over(
    sandbox: Running,
) -> None:
    google = reach(sandbox, "google")
    found = visit(google)
    calendar, _, event_id = found.id.rpartition("/")
    path = f"/calendars/{calendar}/events/{event_id}"
    sandbox.google().patch(path, json={"description": "Please ring twice."})
    for _ in range(2):
        google.show_offer(on_offer(found, 30, 31), our_ref="case-1")
    assert [one["summary"] for one in entries(sandbox)] == ["Offered: Haircut – Ana K."] * 2
    assert described(sandbox, found).startswith("Please ring twice.\nOffered by Rebook: ")
    google.show_offer(replace(on_offer(found), slots=()), our_ref="case-1")
    assert entries(sandbox) == []
    assert described(sandbox, found) == "Please ring twice."


def test_an_offer_takes_nobodys_time_and_is_nobodys_appointment(sandbox: Running) -> None:
    google = reach(sandbox, "google")
    seen, _, cursor = polled(google)
    found = visit(google)
    offer = on_offer(found, 30)
    google.show_offer(offer, our_ref="case-1")
    [slot] = offer.slots
    assert google.busy_times(slot.calendar, slot.starts_at, slot.ends_at) == []
    changed, gone, _ = polled(google, cursor)
    assert {one.id for one in changed} <= {found.id}
    assert (gone, len(polled(google)[0])) == ([], len(seen))


def test_two_clients_offers_are_shown_side_by_side_and_end_each_by_itself(sandbox: Running) -> None:
    google = reach(sandbox, "google")
    found = visit(google)
    google.show_offer(on_offer(found, 30), our_ref="case-1")
    google.show_offer(on_offer(found, 31), our_ref="case-2")
    assert len(entries(sandbox)) == 2
    google.show_offer(on_offer(found), our_ref="case-1")
    [left] = entries(sandbox)
    assert left["extendedProperties"]["private"] == {"rebook_offer": "case-2"}


def test_an_offer_that_is_made_again_after_its_end_stands_again(sandbox: Running) -> None:
    google = reach(sandbox, "google")
    offer = on_offer(visit(google), 30)
    for shown in (offer, replace(offer, slots=()), offer):
        google.show_offer(shown, our_ref="case-1")
    assert len(entries(sandbox)) == 1
