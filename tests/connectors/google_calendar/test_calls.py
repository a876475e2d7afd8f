"""Google Calendar's calls, each held against a recorded exchange and the vendor's discovery document."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.contract import Watch
from connectors.errors import Conflict, ConnectorError, NotFound, Refused, TooMany, VendorFault
from connectors.google_calendar.wire import event_id
from rebook.domain.appointments import Appointment, Busy, Person, Status
from tests.connectors import specs
from tests.connectors.replay import replay
from tests.connectors.samples import END, START, ZONE, booking, slot
from tests.connectors.setups import build
from tests.connectors.vendor import Received, Reply, Vendor

STUDIO = "studio@example.com"
EV1 = f"{STUDIO}/ev1"
SLUG = "google_calendar"
TWO = {"calendars": f"{STUDIO}, mele@example.com", "calendar_map": "8101=studio@example.com"}


def fetched(vendor: Vendor, name: str, **settings: str) -> Appointment:
    recorded = replay(SLUG, vendor, name)
    found = build(SLUG, vendor, **settings).fetch_appointment(EV1)
    assert recorded.finished()
    return found


def test_check_tells_the_calendars_own_title_and_asks_for_nothing_else(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "check")
    assert build(SLUG, vendor).check() == "Shore Studio"
    assert recorded.finished()
    assert vendor.received[0].headers["authorization"] == "Bearer access-1"


def test_an_event_is_read_in_our_words(vendor: Vendor) -> None:
    found = fetched(vendor, "fetch", link_fields="deal_id=pipedrive, acuity_id=acuity")
    assert (found.id, found.status, found.zone) == (EV1, Status.BOOKED, ZONE)
    assert (found.starts_at, found.ends_at) == (START, END)
    assert found.person == Person("Ana", "K.", "+18085550123", "ana@example.com")
    assert (found.service, found.calendar, found.place) == ("Haircut", STUDIO, "12 Shore Road")
    assert (found.version, found.same_as) == ('"3300000000000000"', "acuity:170001")


def test_a_link_is_read_only_where_a_setting_names_its_field(vendor: Vendor) -> None:
    assert fetched(vendor, "fetch").same_as == ""


def test_a_cancelled_event_is_cancelled(vendor: Vendor) -> None:
    assert fetched(vendor, "fetch_cancelled").status is Status.CANCELLED


def test_our_own_mark_makes_a_noshow_and_our_reference_is_told(vendor: Vendor) -> None:
    found = fetched(vendor, "fetch_noshow")
    assert (found.status, found.ours) == (Status.NOSHOW, "intent-0")


def test_a_guest_who_declined_is_the_client_and_cancels_nothing(vendor: Vendor) -> None:
    found = fetched(vendor, "fetch_guest")
    assert found.person == Person("Bo", "Lane Pale", "", "bo@example.com")
    assert found.status is Status.BOOKED


@pytest.mark.parametrize("name", ["fetch_bare", "fetch_all_day"])
def test_what_has_no_time_of_its_own_is_no_appointment(vendor: Vendor, name: str) -> None:
    recorded = replay(SLUG, vendor, name)
    with pytest.raises(NotFound):
        build(SLUG, vendor).fetch_appointment(EV1)
    assert recorded.finished()


def test_our_event_id_is_the_same_for_the_same_reference_and_of_googles_letters() -> None:
    made = {event_id(ref) for ref in ("intent-1", "intent-1", "intent-2", "x")}
    assert len(made) == 3
    assert all(re.fullmatch("[a-v0-9]{5,1024}", one) for one in made)


def test_booking_inserts_under_our_own_id(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "book")
    made = build(SLUG, vendor).book(booking(""), our_ref="intent-1")
    assert made == f"{STUDIO}/{event_id('intent-1')}"
    assert recorded.finished()


def test_booking_again_under_the_same_reference_gives_the_same_event(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "book_again")
    made = build(SLUG, vendor).book(booking(""), our_ref="intent-1")
    assert made == f"{STUDIO}/{event_id('intent-1')}"
    assert recorded.finished()


def test_an_event_of_ours_that_was_deleted_since_is_not_passed_off_as_booked(
    vendor: Vendor,
) -> None:
    recorded = replay(SLUG, vendor, "book_after_deletion")
    with pytest.raises(Conflict):
        build(SLUG, vendor).book(booking(""), our_ref="intent-1")
    assert recorded.finished()


def test_a_booking_of_unknown_outcome_is_found_by_its_id(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "find_booking")
    found = build(SLUG, vendor).find_booking(booking(""), our_ref="intent-1")
    assert found == f"{STUDIO}/{event_id('intent-1')}"
    assert recorded.finished()


def test_a_booking_that_never_came_about_is_not_found(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "find_booking_none")
    assert build(SLUG, vendor).find_booking(booking(""), our_ref="intent-1") is None
    assert recorded.finished()


def test_moving_holds_to_the_version_we_read(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "move")
    connector = build(SLUG, vendor)
    assert connector.move(EV1, slot(""), version='"3300000000000000"') == EV1
    assert recorded.finished()


def test_moving_what_changed_meanwhile_is_a_conflict(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "move_changed")
    with pytest.raises(Conflict):
        build(SLUG, vendor).move(EV1, slot(""), version='"1"')
    assert recorded.finished()


def test_moving_to_another_practitioner_moves_the_event_to_their_calendar(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "move_calendar")
    moved = build(SLUG, vendor, **TWO).move(EV1, slot("mele@example.com"))
    assert moved == "mele@example.com/ev1"
    assert recorded.finished()


def test_another_systems_calendar_is_translated_by_the_map(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "book")
    assert build(SLUG, vendor, **TWO).book(booking("8101"), our_ref="intent-1").startswith(STUDIO)
    assert recorded.finished()


def test_a_calendar_that_is_not_configured_is_refused_and_not_guessed(vendor: Vendor) -> None:
    with pytest.raises(Refused) as caught:
        build(SLUG, vendor, **TWO).book(booking("8102"), our_ref="intent-1")
    assert caught.value.code == "unknown_calendar"
    assert vendor.received == []


@pytest.mark.parametrize("name", ["cancel", "cancel_again", "cancel_unknown"])
def test_cancelling_succeeds_once_and_again(vendor: Vendor, name: str) -> None:
    recorded = replay(SLUG, vendor, name)
    build(SLUG, vendor).cancel(EV1, "rebooked")
    assert recorded.finished()


def test_a_noshow_is_a_private_mark_of_ours(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "noshow")
    build(SLUG, vendor).mark_noshow(EV1)
    assert recorded.finished()


def test_the_same_note_twice_writes_the_same_property(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "annotate")
    for _ in range(2):
        build(SLUG, vendor).annotate(EV1, "Rebook: offered new times")
    assert recorded.finished()


def test_busy_times_are_told_with_their_instants(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "busy")
    busy = build(SLUG, vendor).busy_times(STUDIO, START, END)
    until = datetime(2030, 3, 12, 21, 0, tzinfo=UTC)
    assert busy == [Busy(datetime(2030, 3, 12, 20, 15, tzinfo=UTC), until)]
    assert recorded.finished()


@pytest.mark.parametrize(
    ("reason", "error"),
    [("notFound", NotFound), ("rateLimitExceeded", TooMany), ("internalError", VendorFault)],
)
def test_an_empty_busy_list_with_an_error_is_not_taken_for_free(
    vendor: Vendor, reason: str, error: type[ConnectorError]
) -> None:
    recorded = replay(SLUG, vendor, f"busy_{reason}")
    with pytest.raises(error):
        build(SLUG, vendor).busy_times(STUDIO, START, END)
    assert recorded.finished()


@pytest.mark.parametrize("reason", ["rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded"])
def test_googles_403_over_quota_means_too_many_and_not_locked_out(
    vendor: Vendor, reason: str
) -> None:
    body = {"error": {"errors": [{"domain": "usageLimits", "reason": reason}], "code": 403}}
    vendor.answer = lambda _request: Reply(403, body)
    with pytest.raises(TooMany):
        build(SLUG, vendor).fetch_appointment(EV1)


def _channels(request: Received) -> Reply:
    if request.path.endswith("/channels/stop"):
        return Reply(204 if request.json["id"] == "old-1" else 404)
    made = {"id": request.json["id"], "resourceId": "res-" + request.json["id"][:4]}
    return Reply(200, {**made, "expiration": "1900000000000"})


def test_watching_opens_a_channel_for_each_calendar_and_then_stops_the_old(vendor: Vendor) -> None:
    vendor.answer = _channels
    hook = "https://gw.example.com/hooks/google"
    watch = build(SLUG, vendor, **TWO).watch(hook, "token-1", Watch("old-1,old-2", "res-1,res-2"))
    opened: list[Any] = [r.json for r in vendor.received if r.path.endswith("/watch")]
    stopped = [r.json for r in vendor.received if r.path.endswith("/stop")]
    assert watch.id == ",".join(one["id"] for one in opened)
    assert watch.expires_at == datetime.fromtimestamp(1900000000, UTC)
    assert {(one["type"], one["address"], one["token"]) for one in opened} == {
        ("web_hook", hook, "token-1")
    }
    assert stopped == [
        {"id": "old-1", "resourceId": "res-1"},
        {"id": "old-2", "resourceId": "res-2"},
    ]
    assert [r.path.rsplit("/", 1)[1] for r in vendor.received] == ["watch", "watch", "stop", "stop"]
    assert [fault for r in vendor.received for fault in specs.faults(SLUG, r)] == []


def test_a_refused_token_is_renewed_once_and_the_request_sent_again(vendor: Vendor) -> None:
    def answer(request: Received) -> Reply:
        if request.path == "/token":
            return Reply(200, {"access_token": "access-2", "expires_in": 3599})
        fresh = request.headers["authorization"] == "Bearer access-2"
        return Reply(200, {"summary": "Shore Studio"}) if fresh else Reply(401, {})

    vendor.answer = answer
    assert build(SLUG, vendor).check() == "Shore Studio"
    assert vendor.received[1].form == {
        "grant_type": ["refresh_token"],
        "refresh_token": ["refresh-1"],
        "client_id": ["client-1"],
        "client_secret": ["secret-1"],
    }
