"""Calendly's calls, each held against a recorded exchange and the vendor's own description."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors import connect
from connectors.contract import BookingRequest, SlotQuery, Watch
from connectors.errors import (
    NotAllowed,
    NotFound,
    OnlyByLink,
    Refused,
    SlotTaken,
    TooMany,
    VendorFault,
)
from connectors.oauth import MemoryTokens
from rebook.domain.appointments import Appointment, Busy, Person, Status
from tests.connectors.calendly.kit import API, HOST, KIT, SERVICE
from tests.connectors.replay import replay
from tests.connectors.samples import ANA, END, START, ZONE, booking, query, slot
from tests.connectors.setups import build
from tests.connectors.vendor import Received, Reply, Vendor, always

SLUG = "calendly"
NEW = "EV9AAAAAAAAAAAAA/i9"
HOOK = "https://gw.example.com/hooks/calendly"


def fetched(vendor: Vendor, name: str, own: str = KIT.id, **settings: str) -> Appointment:
    recorded = replay(SLUG, vendor, name)
    found = build(SLUG, vendor, **settings).fetch_appointment(own)
    assert recorded.finished()
    return found


def test_check_tells_the_accounts_name(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "check")
    assert build(SLUG, vendor).check() == "Shore Studio"
    assert recorded.finished()
    assert vendor.received[0].headers["authorization"] == f"Bearer {KIT.credentials['token']}"


def test_an_invitee_is_read_in_our_words(vendor: Vendor) -> None:
    found = fetched(vendor, "fetch", link_fields="booking number=acuity")
    assert (found.id, found.status, found.zone) == (KIT.id, Status.BOOKED, ZONE)
    assert (found.starts_at, found.ends_at) == (START, END)
    assert found.person == Person("Ana", "Kealoha", "+18085550123", "ana@example.com")
    assert (found.service, found.service_id) == ("Haircut", SERVICE)
    assert (found.calendar, found.place) == (HOST, "12 Shore Road")
    assert (found.ours, found.same_as, found.by_client) == ("", "acuity:170001", None)


def test_our_reference_and_a_link_ride_in_the_tracking_fields(vendor: Vendor) -> None:
    found = fetched(vendor, "fetch_ours", link_fields="salesforce_uuid=salesforce")
    assert (found.ours, found.same_as) == ("intent-0", "salesforce:0068c00000A")
    assert found.person.phone == "+18085550123"


def test_the_number_that_is_called_is_the_clients(vendor: Vendor) -> None:
    assert fetched(vendor, "fetch_called").person.phone == "+18085550123"


@pytest.mark.parametrize(
    ("name", "by_client"), [("fetch_cancelled", True), ("fetch_cancelled_by_host", False)]
)
def test_who_cancelled_is_told(vendor: Vendor, name: str, by_client: bool) -> None:
    found = fetched(vendor, name)
    assert (found.status, found.by_client) == (Status.CANCELLED, by_client)


def test_a_hosts_mark_makes_a_noshow(vendor: Vendor) -> None:
    assert fetched(vendor, "fetch_noshow").status is Status.NOSHOW


@pytest.mark.parametrize(
    ("name", "own"),
    [("fetch_rescheduled", KIT.id), ("fetch_newest", "EV3AAAAAAAAAAAAA/i3")],
)
def test_a_chain_of_reschedulings_is_one_appointment_wherever_it_is_entered(
    vendor: Vendor, name: str, own: str
) -> None:
    found = fetched(vendor, name, own)
    assert (found.id, found.status) == (KIT.id, Status.BOOKED)
    assert found.starts_at == datetime(2030, 3, 20, 20, 0, tzinfo=UTC)


def test_a_chain_without_an_end_is_the_vendors_fault(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "fetch_endless")
    with pytest.raises(VendorFault):
        build(SLUG, vendor).fetch_appointment(KIT.id)
    assert recorded.finished()


@pytest.mark.parametrize("own", ["", "EV1", "EV1/../users", "EV1/i1/x", "é/1"])
def test_what_cannot_be_an_id_is_not_asked_for(vendor: Vendor, own: str) -> None:
    with pytest.raises(NotFound):
        build(SLUG, vendor).fetch_appointment(own)
    assert vendor.received == []


def test_free_times_lie_wholly_in_the_period_and_carry_calendlys_link(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "find_slots")
    found = build(SLUG, vendor).find_slots(query(HOST))
    assert [(s.starts_at.isoformat(), s.calendar) for s in found] == [
        ("2030-03-30T20:00:00+00:00", HOST),
        ("2030-04-01T22:00:00+00:00", HOST),
    ]
    assert found[0].key.startswith("https://calendly.com/shore/haircut/")
    assert recorded.finished()


def test_a_longer_period_is_asked_for_by_the_week(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "find_slots_weeks")
    starts_at = datetime(2030, 3, 30, 20, 0, tzinfo=UTC)
    asked = SlotQuery("9101", starts_at, starts_at + timedelta(days=10), 45, ZONE)
    assert len(build(SLUG, vendor).find_slots(asked)) == 1
    assert recorded.finished()


def test_a_period_of_the_past_is_not_asked_for(vendor: Vendor) -> None:
    starts_at = datetime(2020, 3, 30, 20, 0, tzinfo=UTC)
    asked = SlotQuery("9101", starts_at, starts_at + timedelta(days=10), 45, ZONE)
    assert build(SLUG, vendor).find_slots(asked) == []
    assert vendor.received == []


def test_busy_times_hold_the_minutes_kept_free_around_them(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "busy")
    assert build(SLUG, vendor).busy_times(HOST, START, END) == [
        Busy(START - timedelta(minutes=15), START + timedelta(minutes=35)),
        Busy(START + timedelta(minutes=40), START + timedelta(minutes=50)),
    ]
    assert recorded.finished()


@pytest.mark.parametrize("name", ["book", "book_resource"])
def test_booking_gives_the_invitee_however_the_reply_names_it(vendor: Vendor, name: str) -> None:
    recorded = replay(SLUG, vendor, name)
    assert build(SLUG, vendor).book(booking(HOST), our_ref="intent-1") == NEW
    assert recorded.finished()


def test_a_place_and_a_number_for_texts_are_sent_where_settings_say_so(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "book_with_place")
    where = {"location_kind": "physical", "location": "12 Shore Road", "text_reminders": "yes"}
    assert build(SLUG, vendor, **where).book(booking(HOST), our_ref="intent-1") == NEW
    assert recorded.finished()


def test_a_refused_time_that_is_no_longer_free_was_taken(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "book_taken")
    with pytest.raises(SlotTaken):
        build(SLUG, vendor).book(booking(HOST), our_ref="intent-1")
    assert recorded.finished()


def test_a_refusal_for_another_reason_stays_one(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "book_refused")
    with pytest.raises(Refused) as caught:
        build(SLUG, vendor).book(booking(HOST), our_ref="intent-1")
    assert caught.value.code == "Invalid_Argument"
    assert recorded.finished()


@pytest.mark.parametrize("name", ["book_not_in_plan", "book_day_is_full"])
def test_where_calendly_takes_no_booking_from_us_the_client_gets_a_link_for_one(
    vendor: Vendor, name: str
) -> None:
    recorded = replay(SLUG, vendor, name)
    with pytest.raises(OnlyByLink) as caught:
        build(SLUG, vendor).book(booking(HOST), our_ref="intent-1")
    assert caught.value.link == (
        "https://calendly.com/d/abcd-brv8/haircut?utm_source=rebook&utm_content=intent-1"
    )
    assert "calendly.com" not in str(caught.value)
    assert recorded.finished()


def test_a_token_that_may_do_neither_is_not_allowed(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "book_not_allowed")
    with pytest.raises(NotAllowed):
        build(SLUG, vendor).book(booking(HOST), our_ref="intent-1")
    assert recorded.finished()


def test_a_limit_that_is_soon_over_is_waited_for(vendor: Vendor) -> None:
    vendor.answer = always(Reply(429, {}, {"X-RateLimit-Reset": "60"}))
    with pytest.raises(TooMany):
        build(SLUG, vendor).book(booking(HOST), our_ref="intent-1")
    assert len(vendor.received) == 1


def test_what_stands_is_moved_by_the_invitees_own_link(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "move_not_in_plan")
    with pytest.raises(OnlyByLink) as caught:
        build(SLUG, vendor).move(KIT.id, slot(HOST))
    assert caught.value.link == "https://calendly.com/reschedulings/x"
    assert recorded.finished()


def test_nobody_is_booked_without_an_address(vendor: Vendor) -> None:
    someone = booking(HOST, person=Person("Ana", "Kealoha", "+18085550123"))
    with pytest.raises(Refused) as caught:
        build(SLUG, vendor).book(someone, our_ref="intent-1")
    assert caught.value.code == "no_email"
    assert build(SLUG, vendor).find_booking(someone, our_ref="intent-1") is None
    assert vendor.received == []


@pytest.mark.parametrize(("name", "found"), [("find_booking", NEW), ("find_booking_none", None)])
def test_a_booking_of_unknown_outcome_is_found_by_person_time_and_service(
    vendor: Vendor, name: str, found: str | None
) -> None:
    recorded = replay(SLUG, vendor, name)
    assert build(SLUG, vendor).find_booking(booking(HOST), our_ref="intent-1") == found
    assert recorded.finished()


def test_the_appointment_that_is_replaced_is_no_evidence(vendor: Vendor) -> None:
    replay(SLUG, vendor, "find_booking")
    request = BookingRequest(slot(HOST), ANA, "Haircut", "9101", ZONE, was=NEW)
    assert build(SLUG, vendor).find_booking(request, our_ref="intent-1") is None


@pytest.mark.parametrize("name", ["move", "move_again", "move_cancelled"])
def test_moving_books_anew_once_and_then_cancels_what_stands(vendor: Vendor, name: str) -> None:
    recorded = replay(SLUG, vendor, name)
    assert build(SLUG, vendor).move(KIT.id, slot(HOST)) == NEW
    assert recorded.finished()


def test_what_stands_at_the_time_is_not_moved(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "move_there")
    assert build(SLUG, vendor).move(KIT.id, slot(HOST)) == KIT.id
    assert recorded.finished()


def test_an_event_with_other_guests_is_not_moved(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "move_group")
    with pytest.raises(Refused) as caught:
        build(SLUG, vendor).move(KIT.id, slot(HOST))
    assert caught.value.code == "group_event"
    assert recorded.finished()


def test_an_event_with_other_guests_is_not_cancelled(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "cancel_group")
    with pytest.raises(Refused) as caught:
        build(SLUG, vendor).cancel(KIT.id, "rebooked")
    assert caught.value.code == "group_event"
    assert recorded.finished()


@pytest.mark.parametrize("name", ["cancel", "cancel_again", "cancel_raced"])
def test_cancelling_succeeds_once_and_again(vendor: Vendor, name: str) -> None:
    recorded = replay(SLUG, vendor, name)
    build(SLUG, vendor).cancel(KIT.id, "rebooked")
    assert recorded.finished()


def test_the_past_cannot_be_cancelled_and_does_not_lock_us_out(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "cancel_past")
    with pytest.raises(Refused) as caught:
        build(SLUG, vendor).cancel(KIT.id, "rebooked")
    assert caught.value.code == "in_the_past"
    assert recorded.finished()


@pytest.mark.parametrize("name", ["noshow", "noshow_again"])
def test_a_noshow_is_marked_once(vendor: Vendor, name: str) -> None:
    recorded = replay(SLUG, vendor, name)
    build(SLUG, vendor).mark_noshow(KIT.id)
    assert recorded.finished()


def watched(vendor: Vendor, name: str, current: Watch | None) -> Watch:
    recorded = replay(SLUG, vendor, name)
    found = build(SLUG, vendor).watch(HOOK, "key-1", current)
    assert recorded.finished()
    return found


def test_a_hook_that_stands_is_kept_and_one_that_was_switched_off_is_made_anew(
    vendor: Vendor,
) -> None:
    first = watched(vendor, "watch", None)
    assert (first.id, first.expires_at) == ("h2", None)
    assert "key-1" not in first.resource
    assert watched(vendor, "watch_again", first) == first
    assert watched(vendor, "watch_disabled", first) == first


def test_a_hook_of_another_address_or_of_an_unknown_key_is_replaced(vendor: Vendor) -> None:
    watched(vendor, "watch_moved", Watch("h1", "another-mark"))
    watched(vendor, "watch_disabled", None)


def test_an_applications_hook_is_made_without_a_key_of_ours(vendor: Vendor) -> None:
    """Calendly signs with the key of the application, whatever it is given."""

    def answer(request: Received) -> Reply:
        me = {"uri": HOST, "current_organization": f"{API}/organizations/O1"}
        uri = f"{API}/webhook_subscriptions/h2"
        return Reply(200, {"resource": {**me, "uri": uri}, "collection": [], "pagination": {}})

    vendor.answer = answer
    given = {"client_id": "client-1", "client_secret": "secret-1", "refresh_token": "refresh-1"}
    kept = MemoryTokens({"access_token": "access-1", "refresh_token": "refresh-1"})
    made = connect(SLUG, vendor.url, {}, given, tokens=kept).watch(HOOK, "the-apps-key", None)
    assert made.id == "h2"
    assert "signing_key" not in vendor.received[-1].json
    assert b"the-apps-key" not in b"".join(request.body for request in vendor.received)


def test_calendlys_own_header_says_how_long_to_wait(vendor: Vendor) -> None:
    vendor.answer = always(Reply(429, {}, {"X-RateLimit-Reset": "42", "X-RateLimit-Limit": "500"}))
    with pytest.raises(TooMany) as caught:
        build(SLUG, vendor).check()
    assert caught.value.retry_after == 42.0


def test_an_applications_token_is_renewed_once_where_it_was_refused(vendor: Vendor) -> None:
    def answer(request: Received) -> Reply:
        if request.path == "/token":
            told = {"access_token": "access-2", "refresh_token": "refresh-2", "expires_in": 7200}
            return Reply(200, told)
        me = {"uri": HOST, "name": "Shore", "current_organization": f"{API}/organizations/O1"}
        fresh = request.headers["authorization"] == "Bearer access-2"
        return Reply(200, {"resource": me}) if fresh else Reply(401)

    vendor.answer = answer
    given = {"client_id": "client-1", "client_secret": "secret-1", "refresh_token": "refresh-1"}
    settings = {"token_url": f"{vendor.url}/token"}
    kept = MemoryTokens({"access_token": "access-1", "refresh_token": "refresh-1"})
    assert connect(SLUG, vendor.url, settings, given, tokens=kept).check() == "Shore"
    assert [r.path for r in vendor.received] == ["/users/me", "/token", "/users/me"]
    assert vendor.received[1].form["refresh_token"] == ["refresh-1"]
    assert kept.read()["refresh_token"] == "refresh-2"


def test_a_users_own_events_are_listed_where_the_scope_says_so(vendor: Vendor) -> None:
    asked: list[Any] = []

    def answer(request: Any) -> Reply:
        asked.append(request.query)
        me = {"uri": HOST, "current_organization": "https://api.calendly.com/organizations/O1"}
        if request.path == "/users/me":
            return Reply(200, {"resource": me})
        return Reply(200, {"collection": [], "pagination": {}})

    vendor.answer = answer
    assert [page.last for page in build(SLUG, vendor, scope="user").poll_changes(None)] == [True]
    assert asked[1]["user"] == [HOST]
    assert "organization" not in asked[1]
    assert asked[1]["sort"] == ["start_time:asc"]
