"""Square's calls, each held against a recorded exchange and the vendor's own description."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connectors import connect
from connectors.contract import BookingRequest, SlotQuery
from connectors.errors import Conflict, NotFound, Refused, SlotTaken, TooMany, VendorFault
from connectors.square.wire import Place
from rebook.domain.appointments import Appointment, Person, Status
from tests.connectors import specs
from tests.connectors.replay import replay
from tests.connectors.samples import ANA, END, START, ZONE, booking, query, slot
from tests.connectors.setups import build
from tests.connectors.square.kit import BOOKING, LOCATION, OTHER, SERVICE, STAFF
from tests.connectors.vendor import Answer, Received, Reply, Vendor, always

SLUG = "square"
NEW = "newbooking0001"
HOOK = "https://gw.example.com/hooks/square"


def fetched(vendor: Vendor, name: str, **settings: str) -> Appointment:
    recorded = replay(SLUG, vendor, name)
    found = build(SLUG, vendor, **settings).fetch_appointment(BOOKING)
    assert recorded.finished()
    return found


def test_check_tells_the_businesss_name(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "check")
    assert build(SLUG, vendor).check() == "Shore Studio"
    assert recorded.finished()


def test_a_booking_is_read_in_our_words_with_its_customer_and_its_place(vendor: Vendor) -> None:
    found = fetched(vendor, "fetch", link_fields="acuity_id=acuity")
    assert (found.id, found.status, found.zone) == (BOOKING, Status.BOOKED, ZONE)
    assert (found.starts_at, found.ends_at) == (START, END)
    assert found.person == Person("Ana", "Kealoha", "+18085550123", "ana@example.com")
    assert (found.service, found.service_id, found.calendar) == ("Haircut", SERVICE, STAFF)
    assert (found.version, found.same_as, found.ours) == ("3", "acuity:170001", "")


def test_several_segments_last_as_long_as_all_of_them_and_our_reference_is_told(
    vendor: Vendor,
) -> None:
    found = fetched(vendor, "fetch_ours")
    assert (found.minutes, found.ours) == (90, "intent-0")


@pytest.mark.parametrize(
    ("name", "status", "by_client"),
    [
        ("cancelled_by_customer", Status.CANCELLED, True),
        ("cancelled_by_seller", Status.CANCELLED, False),
        ("declined", Status.CANCELLED, False),
        ("noshow", Status.NOSHOW, None),
        ("pending", Status.BOOKED, None),
    ],
)
def test_squares_status_words_in_ours(
    vendor: Vendor, name: str, status: Status, by_client: bool | None
) -> None:
    found = fetched(vendor, f"fetch_{name}")
    assert (found.status, found.by_client) == (status, by_client)


def test_a_status_that_is_not_documented_is_not_guessed(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "fetch_unknown_status")
    with pytest.raises(VendorFault):
        build(SLUG, vendor).fetch_appointment(BOOKING)
    assert recorded.finished()


def test_without_a_customer_it_is_nobodys_and_without_a_length_the_settings(
    vendor: Vendor,
) -> None:
    found = fetched(vendor, "fetch_without_customer", minutes="30")
    assert (found.person, found.minutes, found.calendar) == (Person(), 30, "")


def test_a_deleted_customer_is_nobody(vendor: Vendor) -> None:
    assert fetched(vendor, "fetch_deleted_customer").person == Person()


@pytest.mark.parametrize("own", ["", "a/b", "a?b", "é", "a" * 65])
def test_what_cannot_be_an_id_is_not_asked_for(vendor: Vendor, own: str) -> None:
    with pytest.raises(NotFound):
        build(SLUG, vendor).fetch_appointment(own)
    assert vendor.received == []


def test_free_times_of_all_staff_are_told_in_order(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "find_slots")
    found = build(SLUG, vendor).find_slots(query(""))
    assert [(s.starts_at.day, s.starts_at.hour, s.calendar) for s in found] == [
        (30, 20, STAFF),
        (1, 22, OTHER),
        (1, 22, STAFF),
    ]
    assert recorded.finished()


def test_free_times_of_one_are_asked_for_by_our_map(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "find_slots_of_one")
    [found] = build(SLUG, vendor, calendar_map=f"8101={STAFF}").find_slots(query("8101"))
    place = Place.load(found.key)
    assert place is not None
    assert (place.location, place.segments[0]["service_variation_version"]) == (
        LOCATION,
        1599775456731,
    )
    assert recorded.finished()


@pytest.mark.parametrize(
    ("name", "length", "count"),
    [
        ("find_slots_short", timedelta(hours=2), 1),
        ("find_slots_long", timedelta(days=40), 1),
    ],
)
def test_a_period_is_asked_for_in_squares_bounds_and_answered_in_ours(
    vendor: Vendor, name: str, length: timedelta, count: int
) -> None:
    recorded = replay(SLUG, vendor, name)
    starts_at = datetime(2030, 3, 30, 20, 0, tzinfo=UTC)
    asked = SlotQuery("9101", starts_at, starts_at + length, 45, ZONE, STAFF)
    assert len(build(SLUG, vendor).find_slots(asked)) == count
    assert recorded.finished()


def test_without_named_locations_all_open_ones_are_asked(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "find_slots_everywhere")
    assert len(build(SLUG, vendor, locations="").find_slots(query(STAFF))) == 1
    assert recorded.finished()


@pytest.mark.parametrize("name", ["book", "book_by_phone"])
def test_booking_finds_the_customer_and_the_segments(vendor: Vendor, name: str) -> None:
    recorded = replay(SLUG, vendor, name)
    assert build(SLUG, vendor).book(booking(STAFF), our_ref="intent-1") == NEW
    assert recorded.finished()


def test_a_slot_of_squares_own_is_booked_as_its_key_says(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "book_by_key")
    segment = {
        "team_member_id": STAFF,
        "service_variation_id": SERVICE,
        "service_variation_version": 77,
        "duration_minutes": 45,
    }
    own = replace(slot(STAFF), key=Place(LOCATION, [segment]).dump())
    request = replace(booking(STAFF), slot=own)
    assert build(SLUG, vendor).book(request, our_ref="intent-1") == NEW
    assert recorded.finished()


def instead() -> BookingRequest:
    return booking(STAFF, was=BOOKING)


def test_the_customer_of_the_booking_that_is_replaced_is_taken(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "book_instead")
    assert build(SLUG, vendor).book(instead(), our_ref="intent-1") == NEW
    assert recorded.finished()


def test_with_buyer_permissions_no_note_is_written(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "book_as_buyer")
    assert build(SLUG, vendor, permissions="buyer").book(instead(), our_ref="intent-1") == NEW
    assert recorded.finished()
    with pytest.raises(Refused, match="buyer permissions"):
        build(SLUG, vendor, permissions="buyer").annotate(BOOKING, "Rebook: offered new times")


def test_someone_who_is_no_customer_is_not_booked(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "book_no_customer")
    with pytest.raises(Refused) as caught:
        build(SLUG, vendor).book(booking(STAFF), our_ref="intent-1")
    assert caught.value.code == "no_customer"
    assert recorded.finished()


def test_a_time_that_is_no_longer_offered_is_taken(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "book_taken")
    with pytest.raises(SlotTaken):
        build(SLUG, vendor).book(booking(STAFF), our_ref="intent-1")
    assert recorded.finished()


def test_a_refusal_tells_squares_code(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "book_key_reused")
    with pytest.raises(Refused) as caught:
        build(SLUG, vendor).book(instead(), our_ref="intent-1")
    assert caught.value.code == "IDEMPOTENCY_KEY_REUSED"
    assert recorded.finished()


@pytest.mark.parametrize(("name", "found"), [("find_booking", NEW), ("find_booking_none", None)])
def test_a_booking_of_unknown_outcome_is_found_by_our_reference_to_the_last_page(
    vendor: Vendor, name: str, found: str | None
) -> None:
    recorded = replay(SLUG, vendor, name)
    assert build(SLUG, vendor).find_booking(booking(STAFF), our_ref="intent-1") == found
    assert recorded.finished()


def test_with_buyer_permissions_it_is_found_by_person_and_time(vendor: Vendor) -> None:
    connector = build(SLUG, vendor, permissions="buyer")
    recorded = replay(SLUG, vendor, "find_booking_by_person")
    assert connector.find_booking(booking(STAFF), our_ref="intent-1") == NEW
    assert recorded.finished()
    replay(SLUG, vendor, "find_booking_by_person")
    bo = booking(STAFF, person=replace(ANA, email="bo@example.com", phone="+18085550124"))
    assert connector.find_booking(bo, our_ref="intent-1") is None


def test_moving_names_the_version_that_stands(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "move")
    assert build(SLUG, vendor).move(BOOKING, slot("")) == BOOKING
    assert recorded.finished()


def test_moving_what_changed_meanwhile_is_a_conflict_though_square_says_400(
    vendor: Vendor,
) -> None:
    recorded = replay(SLUG, vendor, "move_version")
    with pytest.raises(Conflict):
        build(SLUG, vendor).move(BOOKING, slot(STAFF), version="2")
    assert recorded.finished()


def test_moving_to_another_member_of_staff_takes_the_segments_square_offers(
    vendor: Vendor,
) -> None:
    recorded = replay(SLUG, vendor, "move_staff")
    assert build(SLUG, vendor).move(BOOKING, slot(OTHER)) == BOOKING
    assert recorded.finished()


def test_a_cancelled_booking_is_replaced_by_a_new_one_for_the_same_customer(
    vendor: Vendor,
) -> None:
    recorded = replay(SLUG, vendor, "move_cancelled")
    assert build(SLUG, vendor).move(BOOKING, slot(STAFF), version="3") == NEW
    assert recorded.finished()


@pytest.mark.parametrize("name", ["cancel", "cancel_again", "cancel_missed"])
def test_cancelling_succeeds_once_and_again(vendor: Vendor, name: str) -> None:
    recorded = replay(SLUG, vendor, name)
    build(SLUG, vendor).cancel(BOOKING, "rebooked")
    assert recorded.finished()


def test_cancelling_what_changed_meanwhile_is_a_conflict(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "cancel_changed")
    with pytest.raises(Conflict):
        build(SLUG, vendor).cancel(BOOKING, "rebooked")
    assert recorded.finished()


@pytest.mark.parametrize("name", ["annotate", "annotate_again"])
def test_a_note_is_written_once_beside_the_sellers_own(vendor: Vendor, name: str) -> None:
    recorded = replay(SLUG, vendor, name)
    build(SLUG, vendor).annotate(BOOKING, "Rebook: offered new times")
    assert recorded.finished()


@pytest.mark.parametrize("name", ["watch", "watch_disabled"])
def test_a_subscription_of_ours_is_found_switched_on_again_and_its_key_read(
    vendor: Vendor, name: str
) -> None:
    recorded = replay(SLUG, vendor, name)
    found = build(SLUG, vendor).watch(HOOK, "unused", None)
    assert (found.id, found.secret) == ("wbhk_1", "a-key-square-made-up")
    assert "a-key-square-made-up" not in repr(found)
    assert recorded.finished()


def making(status: int, body: object) -> Answer:
    """No subscription is there; `status` and `body` answer the wish for one."""
    return lambda request: Reply(200, {}) if request.method == "GET" else Reply(status, body)


def test_without_a_subscription_one_is_made_and_its_key_kept(vendor: Vendor) -> None:
    made = {"id": "wbhk_2", "notification_url": HOOK, "signature_key": "a-key-square-made-up"}
    vendor.answer = making(200, {"subscription": made})
    found = build(SLUG, vendor).watch(HOOK, "unused", None)
    assert (found.id, found.secret) == ("wbhk_2", "a-key-square-made-up")
    asked = vendor.received[-1]
    assert specs.faults(SLUG, asked) == []
    assert asked.json["subscription"] == {
        "name": "Rebook",
        "enabled": True,
        "event_types": ["booking.created", "booking.updated"],
        "notification_url": HOOK,
    }


def test_a_token_that_may_not_make_one_leaves_it_to_the_admin(vendor: Vendor) -> None:
    forbidden = {"errors": [{"category": "AUTHENTICATION_ERROR", "code": "FORBIDDEN"}]}
    vendor.answer = making(403, forbidden)
    with pytest.raises(Refused) as caught:
        build(SLUG, vendor).watch(HOOK, "unused", None)
    assert caught.value.code == "no_webhook"


def test_squares_own_word_for_a_limit_is_too_many(vendor: Vendor) -> None:
    body = {"errors": [{"category": "RATE_LIMIT_ERROR", "code": "RATE_LIMITED"}]}
    vendor.answer = always(Reply(400, body, {"Retry-After": "3"}))
    with pytest.raises(TooMany) as caught:
        build(SLUG, vendor).check()
    assert caught.value.retry_after == 3.0


def test_a_sellers_token_is_renewed_by_json_and_kept_as_long_as_square_says(
    vendor: Vendor,
) -> None:
    asked: list[object] = []

    def answer(request: Received) -> Reply:
        if request.path == "/oauth2/token":
            asked.append(request.json)
            told = {"access_token": "access-2", "expires_at": "2099-01-01T00:00:00Z"}
            return Reply(200, {**told, "refresh_token": "refresh-1"})
        fresh = request.headers["authorization"] == "Bearer access-2"
        return Reply(200, {"locations": [{"id": "L1", "name": "Shore"}]}) if fresh else Reply(401)

    vendor.answer = answer
    given = {
        "client_id": "client-1",
        "client_secret": "secret-1",
        "refresh_token": "refresh-1",
        "access_token": "access-1",
    }
    assert connect(SLUG, vendor.url, {}, given).check() == "Shore"
    assert asked == [
        {
            "grant_type": "refresh_token",
            "refresh_token": "refresh-1",
            "client_id": "client-1",
            "client_secret": "secret-1",
        }
    ]
