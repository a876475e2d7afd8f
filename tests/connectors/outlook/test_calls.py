"""Outlook's calls, each held against a recorded exchange and Graph's own description."""

from datetime import UTC, datetime
from typing import Any

import pytest

from connectors import connect
from connectors.contract import Watch
from connectors.errors import Conflict, NotAllowed, NotFound, Refused, TooMany, VendorFault
from rebook.domain.appointments import Appointment, Busy, Person, Status
from tests.connectors import specs
from tests.connectors.outlook.kit import EVENT, MAILBOX
from tests.connectors.replay import replay
from tests.connectors.samples import END, START, ZONE, booking, slot
from tests.connectors.setups import build
from tests.connectors.vendor import Received, Reply, Vendor

SLUG = "outlook"
ONE = f"{MAILBOX}/{EVENT}"
NEW = f"{MAILBOX}/AAkALgAAAnew="
MELE = "mele@example.com"
TWO = {"mailboxes": f"{MAILBOX}, {MELE}", "calendar_map": f"8101={MAILBOX}"}
HOOK = "https://gw.example.com/hooks/outlook"


def fetched(vendor: Vendor, name: str, **settings: str) -> Appointment:
    recorded = replay(SLUG, vendor, name)
    found = build(SLUG, vendor, **settings).fetch_appointment(ONE)
    assert recorded.finished()
    return found


def test_check_tells_whose_calendar_it_is(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "check")
    assert build(SLUG, vendor).check() == "Shore Studio"
    assert recorded.finished()


def test_without_a_mailbox_nothing_is_asked_and_the_setting_is_named(vendor: Vendor) -> None:
    with pytest.raises(Refused) as caught:
        build(SLUG, vendor, mailboxes=" , ").check()
    assert caught.value.code == "no_mailbox"
    assert vendor.received == []


def test_an_event_is_read_in_our_words(vendor: Vendor) -> None:
    found = fetched(vendor, "fetch", link_fields="deal_id=pipedrive, acuity_id=acuity")
    assert (found.id, found.status, found.zone) == (ONE, Status.BOOKED, ZONE)
    assert (found.starts_at, found.ends_at) == (START, END)
    assert found.person == Person("Ana", "K.", "+18085550123", "ana@example.com")
    assert (found.service, found.calendar, found.place) == ("Haircut", MAILBOX, "12 Shore Road")
    assert (found.version, found.same_as) == ('W/"etag-1"', "acuity:170001")
    assert (found.ours, found.by_client) == ("", None)


def test_a_link_is_read_only_where_a_setting_names_its_word(vendor: Vendor) -> None:
    assert fetched(vendor, "fetch").same_as == ""


def test_a_meeting_that_its_organizer_cancelled_was_cancelled_by_the_client(vendor: Vendor) -> None:
    found = fetched(vendor, "fetch_cancelled")
    assert (found.status, found.by_client) == (Status.CANCELLED, True)
    assert found.person.email == "ana@example.com"


def test_a_category_makes_a_noshow_and_our_reference_is_told(vendor: Vendor) -> None:
    found = fetched(vendor, "fetch_noshow")
    assert (found.status, found.ours) == (Status.NOSHOW, "intent-0")


def test_a_category_marks_a_cancelled_event_that_staff_keep(vendor: Vendor) -> None:
    found = fetched(vendor, "fetch_marked_cancelled")
    assert (found.status, found.by_client) == (Status.CANCELLED, None)


def test_which_categories_mean_a_loss_is_a_setting(vendor: Vendor) -> None:
    assert fetched(vendor, "fetch_noshow", noshow_values="Absent").status is Status.BOOKED
    blue = {"cancelled_values": "blue category", "noshow_values": "Absent"}
    assert fetched(vendor, "fetch_noshow", **blue).status is Status.CANCELLED


def test_a_guest_who_declined_is_the_client_and_cancels_nothing(vendor: Vendor) -> None:
    found = fetched(vendor, "fetch_guest")
    assert found.person == Person("Bo", "Lane Pale", "", "bo@example.com")
    assert found.status is Status.BOOKED


def test_a_time_in_a_zone_of_windows_names_is_the_same_instant(vendor: Vendor) -> None:
    found = fetched(vendor, "fetch_windows_zone")
    assert (found.starts_at, found.zone) == (START, "America/Los_Angeles")


@pytest.mark.parametrize("name", ["fetch_all_day", "fetch_series", "fetch_gone", "fetch_deleted"])
def test_what_has_no_time_of_its_own_or_lies_among_the_deleted_is_no_appointment(
    vendor: Vendor, name: str
) -> None:
    recorded = replay(SLUG, vendor, name)
    with pytest.raises(NotFound):
        build(SLUG, vendor).fetch_appointment(ONE)
    assert recorded.finished()


def test_an_event_of_a_mailbox_that_is_not_configured_is_not_asked_for(vendor: Vendor) -> None:
    with pytest.raises(NotFound):
        build(SLUG, vendor).fetch_appointment("stranger@example.com/ev1")
    assert vendor.received == []


def test_booking_carries_our_transaction_id(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "book")
    assert build(SLUG, vendor).book(booking(""), our_ref="intent-1") == NEW
    assert recorded.finished()


def test_a_booking_of_unknown_outcome_is_found_by_its_transaction_id(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "find_booking")
    assert build(SLUG, vendor).find_booking(booking(""), our_ref="intent-1") == NEW
    assert recorded.finished()


def test_another_event_and_a_cancelled_one_of_ours_are_no_evidence(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "find_booking_none")
    assert build(SLUG, vendor).find_booking(booking(""), our_ref="intent-1") is None
    assert recorded.finished()


def test_evidence_is_looked_for_to_the_last_page_and_never_at_another_house(vendor: Vendor) -> None:
    pages: list[Any] = [
        {"value": [], "@odata.nextLink": f"{vendor.url}/v1.0/next?$skiptoken=a"},
        {"value": [], "@odata.nextLink": "https://elsewhere.example.com/next"},
    ]
    vendor.answer = lambda _request: Reply(200, pages.pop(0))
    with pytest.raises(VendorFault, match="leads away"):
        build(SLUG, vendor).find_booking(booking(""), our_ref="intent-1")
    assert vendor.received[1].query == {"$skiptoken": ["a"]}


def test_moving_holds_to_the_version_we_read(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "move")
    assert build(SLUG, vendor).move(ONE, slot(""), version='W/"etag-1"') == ONE
    assert recorded.finished()


def test_moving_takes_away_the_categories_of_the_loss_and_no_others(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "move_lost")
    assert build(SLUG, vendor).move(ONE, slot("")) == ONE
    assert recorded.finished()


def test_moving_what_changed_meanwhile_is_a_conflict(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "move_changed")
    with pytest.raises(Conflict):
        build(SLUG, vendor).move(ONE, slot(""), version='W/"old"')
    assert recorded.finished()


def test_an_occurrence_that_would_cross_its_neighbour_is_refused(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "move_crossing")
    with pytest.raises(Refused) as caught:
        build(SLUG, vendor).move(ONE, slot(""))
    assert caught.value.code == "ErrorOccurrenceCrossingBoundary"
    assert recorded.finished()


def test_moving_to_another_mailbox_makes_the_event_there_and_removes_it_here(
    vendor: Vendor,
) -> None:
    recorded = replay(SLUG, vendor, "move_mailbox")
    assert build(SLUG, vendor, **TWO).move(ONE, slot(MELE)) == f"{MELE}/AAkALgAAAnew="
    assert recorded.finished()


def test_another_systems_calendar_is_translated_by_the_map(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "book")
    assert build(SLUG, vendor, **TWO).book(booking("8101"), our_ref="intent-1") == NEW
    assert recorded.finished()


def test_a_calendar_that_is_not_configured_is_refused_and_not_guessed(vendor: Vendor) -> None:
    with pytest.raises(Refused) as caught:
        build(SLUG, vendor, **TWO).book(booking("8102"), our_ref="intent-1")
    assert caught.value.code == "unknown_calendar"
    assert vendor.received == []


CANCELLED = ["cancel", "cancel_alone", "cancel_again", "cancel_cancelled", "cancel_deleted"]


@pytest.mark.parametrize("name", CANCELLED)
def test_cancelling_succeeds_once_and_again(vendor: Vendor, name: str) -> None:
    recorded = replay(SLUG, vendor, name)
    build(SLUG, vendor).cancel(ONE, "rebooked")
    assert recorded.finished()


def test_a_meeting_of_someone_else_cannot_be_cancelled_by_us(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "cancel_of_another")
    with pytest.raises(Refused) as caught:
        build(SLUG, vendor).cancel(ONE, "rebooked")
    assert caught.value.code == "not_organizer"
    assert recorded.finished()


@pytest.mark.parametrize("name", ["noshow", "noshow_again"])
def test_a_noshow_is_a_category_beside_the_others(vendor: Vendor, name: str) -> None:
    recorded = replay(SLUG, vendor, name)
    build(SLUG, vendor).mark_noshow(ONE)
    assert recorded.finished()


def test_the_same_note_twice_writes_the_same_property(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "annotate")
    for _ in range(2):
        build(SLUG, vendor).annotate(ONE, "Rebook: offered new times")
    assert recorded.finished()


def test_only_what_takes_a_persons_time_is_busy(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "busy")
    busy = build(SLUG, vendor).busy_times(MAILBOX, START, END)
    until = datetime(2030, 3, 12, 21, 0, tzinfo=UTC)
    assert busy == [Busy(datetime(2030, 3, 12, 20, 15, tzinfo=UTC), until)]
    assert recorded.finished()


def test_a_schedule_that_could_not_be_read_is_not_taken_for_free(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "busy_unknown")
    with pytest.raises(VendorFault, match="ErrorMailRecipientNotFound"):
        build(SLUG, vendor).busy_times(MAILBOX, START, END)
    assert recorded.finished()


def test_graphs_own_word_for_a_limit_is_too_many_whatever_the_status(vendor: Vendor) -> None:
    vendor.answer = lambda _request: Reply(
        503, {"error": {"code": "TooManyRequests"}}, {"Retry-After": "2.128"}
    )
    with pytest.raises(TooMany) as caught:
        build(SLUG, vendor).fetch_appointment(ONE)
    assert caught.value.retry_after == 2.128


class Subscriptions:
    """Keeps subscriptions as Graph does; those not in `alive` have lapsed."""

    def __init__(self, vendor: Vendor, *alive: str) -> None:
        self.alive, self.asked = set(alive), list[tuple[str, str, Any]]()
        vendor.answer = self.answer

    def answer(self, request: Received) -> Reply:
        assert specs.faults(SLUG, request) == []
        number = request.path.rsplit("/", 1)[1]
        self.asked.append((request.method, number, request.json))
        if request.method == "POST":
            number = f"sub-{len(self.asked)}"
        elif number not in self.alive:
            return Reply(404, {"error": {"code": "ResourceNotFound"}})
        made = {"id": number, "expirationDateTime": "2030-03-04T11:00:00.0000000Z"}
        return Reply(204 if request.method == "DELETE" else 200, made)


def test_watching_asks_for_each_mailbox_with_the_secret_and_a_lifecycle_address(
    vendor: Vendor,
) -> None:
    graph = Subscriptions(vendor)
    watch = build(SLUG, vendor, **TWO).watch(HOOK, "state-1", None)
    assert watch.id == "sub-1,sub-2"
    assert watch.expires_at == datetime(2030, 3, 4, 11, 0, tzinfo=UTC)
    assert [body["resource"] for _m, _n, body in graph.asked] == [
        f"/users/{MAILBOX}/events",
        f"/users/{MELE}/events",
    ]
    assert {
        (b["clientState"], b["notificationUrl"], b["lifecycleNotificationUrl"])
        for _m, _n, b in graph.asked
    } == {("state-1", HOOK, f"{HOOK}/lifecycle")}
    assert "state-1" not in watch.resource


def test_what_stands_is_renewed_and_what_lapsed_is_made_anew(vendor: Vendor) -> None:
    Subscriptions(vendor)
    first = build(SLUG, vendor, **TWO).watch(HOOK, "state-1", None)
    graph = Subscriptions(vendor, "sub-1")
    again = build(SLUG, vendor, **TWO).watch(HOOK, "state-1", first)
    assert [(m, n) for m, n, _b in graph.asked] == [
        ("PATCH", "sub-1"),
        ("PATCH", "sub-2"),
        ("POST", "subscriptions"),
    ]
    assert again.id == "sub-1,sub-3"


def test_another_secret_or_address_means_new_ones_and_then_the_old_are_removed(
    vendor: Vendor,
) -> None:
    Subscriptions(vendor)
    first = build(SLUG, vendor).watch(HOOK, "state-1", None)
    graph = Subscriptions(vendor, "sub-1")
    again = build(SLUG, vendor).watch(HOOK, "state-2", Watch(first.id, first.resource))
    assert [(m, n) for m, n, _b in graph.asked] == [("POST", "subscriptions"), ("DELETE", "sub-1")]
    assert again.resource != first.resource


def tokens(vendor: Vendor, **credentials: str) -> list[Received]:
    """What the token service is asked by a connector whose token is no longer taken."""

    def answer(request: Received) -> Reply:
        if request.path == "/token":
            return Reply(200, {"access_token": "access-2", "expires_in": 3599})
        fresh = request.headers["authorization"] == "Bearer access-2"
        return Reply(200, {"value": [{"name": "Calendar"}]}) if fresh else Reply(401, {})

    vendor.answer = answer
    settings = {"token_url": f"{vendor.url}/token", "mailboxes": MAILBOX}
    given = {"client_id": "client-1", "client_secret": "secret-1", "access_token": "access-1"}
    connector = connect(SLUG, f"{vendor.url}/v1.0", settings, {**given, **credentials})
    assert connector.check() == "Calendar"
    return [one for one in vendor.received if one.path == "/token"]


def test_the_application_asks_for_a_token_of_its_own(vendor: Vendor) -> None:
    [asked] = tokens(vendor)
    assert asked.form == {
        "grant_type": ["client_credentials"],
        "scope": ["https://graph.microsoft.com/.default"],
        "client_id": ["client-1"],
        "client_secret": ["secret-1"],
    }


def test_a_person_who_gave_a_refresh_token_is_acted_for(vendor: Vendor) -> None:
    [asked] = tokens(vendor, refresh_token="refresh-1")
    assert asked.form["grant_type"] == ["refresh_token"]
    assert asked.form["refresh_token"] == ["refresh-1"]


def test_a_revoked_grant_locks_the_connection_out(vendor: Vendor) -> None:
    vendor.answer = lambda r: Reply(400 if r.path == "/token" else 401, {"error": "invalid_grant"})
    with pytest.raises(NotAllowed, match="connect the platform again"):
        build(SLUG, vendor).check()
