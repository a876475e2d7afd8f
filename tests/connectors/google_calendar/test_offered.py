"""Times on offer in Google's calendars: tentative entries, a line in the event, and all of it gone again."""

from dataclasses import replace

import pytest

from connectors.errors import Conflict, NotFound
from tests.connectors import specs
from tests.connectors.replay import replay
from tests.connectors.samples import START, slot, times_on_offer
from tests.connectors.setups import build
from tests.connectors.vendor import Received, Reply, Vendor

SLUG = "google_calendar"
STUDIO, MELE = "studio@example.com", "mele@example.com"
EV1 = f"{STUDIO}/ev1"
TWO = {"calendars": f"{STUDIO}, {MELE}", "calendar_map": f"8101={STUDIO}, 8102={MELE}"}


@pytest.mark.parametrize(
    "recorded",
    [
        pytest.param("show_offer", id="those of an earlier offer are taken away"),
        pytest.param("show_offer_again", id="what stands there already is left as it is"),
        pytest.param("show_offer_back", id="an entry that was taken away comes back"),
        pytest.param("show_offer_deleted", id="a deleted event's description is left alone"),
    ],
)
def test_offered_times_become_tentative_entries_and_a_line_in_the_event(
    vendor: Vendor, recorded: str
) -> None:
    played = replay(SLUG, vendor, recorded)
    build(SLUG, vendor).show_offer(times_on_offer(EV1), our_ref="case-1")
    assert played.finished()


def test_no_times_take_the_entries_and_our_line_away_and_leave_what_people_wrote(
    vendor: Vendor,
) -> None:
    played = replay(SLUG, vendor, "show_offer_nothing")
    nothing = replace(times_on_offer(EV1), slots=())
    build(SLUG, vendor).show_offer(nothing, our_ref="case-1")
    assert played.finished()


def _empty(request: Received) -> Reply:
    if request.method == "POST":
        return Reply(200, request.json)
    return Reply(200, {"items": []}) if request.path.endswith("/events") else Reply(404)


def test_each_entry_stands_in_the_calendar_of_its_own_practitioner(vendor: Vendor) -> None:
    vendor.answer = _empty
    offer = replace(times_on_offer(), slots=(slot("8101"), slot("8102"), slot("8103")))
    build(SLUG, vendor, **TWO).show_offer(offer, our_ref="case-1")
    made = [one for one in vendor.received if one.method == "POST"]
    assert [one.path.split("/")[-2] for one in made] == [STUDIO, MELE]
    assert {one.json["transparency"] for one in made} == {"transparent"}
    assert [fault for one in vendor.received for fault in specs.faults(SLUG, one)] == []


def test_an_event_that_is_not_there_keeps_no_offer_from_being_shown(vendor: Vendor) -> None:
    vendor.answer = _empty
    build(SLUG, vendor).show_offer(times_on_offer(EV1), our_ref="case-1")
    assert [one.method for one in vendor.received] == ["GET", "POST", "POST", "GET"]


def test_an_event_that_changed_meanwhile_is_told_later(vendor: Vendor) -> None:
    event = {
        "id": "ev1",
        "etag": '"1"',
        "status": "confirmed",
        "start": {"dateTime": START.isoformat()},
        "end": {"dateTime": START.isoformat()},
    }

    def answer(request: Received) -> Reply:
        if request.method == "PATCH":
            return Reply(412, {"error": {"errors": [{"reason": "conditionNotMet"}], "code": 412}})
        return Reply(200, event) if request.path.endswith("/ev1") else _empty(request)

    vendor.answer = answer
    with pytest.raises(Conflict):
        build(SLUG, vendor).show_offer(times_on_offer(EV1), our_ref="case-1")
    assert vendor.received[-1].headers["if-match"] == '"1"'


def test_an_entry_of_an_offer_is_no_appointment(vendor: Vendor) -> None:
    entry = {
        "id": "entry1",
        "status": "tentative",
        "start": {"dateTime": START.isoformat()},
        "end": {"dateTime": START.isoformat()},
        "extendedProperties": {"private": {"rebook_offer": "case-1"}},
    }
    vendor.answer = lambda _request: Reply(200, entry)
    with pytest.raises(NotFound):
        build(SLUG, vendor).fetch_appointment(f"{STUDIO}/entry1")
    vendor.answer = lambda _request: Reply(200, {"items": [entry], "nextSyncToken": "t"})
    pages = list(build(SLUG, vendor).poll_changes(None))
    assert [one for page in pages for one in page.appointments] == []


def test_a_clients_number_is_not_looked_for_among_the_times_we_wrote(vendor: Vendor) -> None:
    event = {
        "id": "ev1",
        "status": "confirmed",
        "description": "Offered by Rebook: Tue 12 Mar, 10:00 am 808 555 0199\nCall 808-555-0123",
        "start": {"dateTime": START.isoformat()},
        "end": {"dateTime": START.isoformat()},
    }
    vendor.answer = lambda _request: Reply(200, event)
    assert build(SLUG, vendor).fetch_appointment(EV1).person.phone == "+18085550123"
