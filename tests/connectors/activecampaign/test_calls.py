"""ActiveCampaign's calls, each held against a recorded exchange and the vendor's definition."""

from datetime import timedelta
from typing import Any

import pytest

from connectors.contract import Watch
from connectors.errors import Conflict, NotFound, OptedOut, Refused, VendorFault
from rebook.domain.appointments import Appointment, Person, Status
from tests.connectors.calls import HOOK
from tests.connectors.replay import replay
from tests.connectors.samples import ANA, END, START, ZONE, booking, slot
from tests.connectors.setups import build
from tests.connectors.vendor import Vendor

SLUG = "activecampaign"
NOTE = "Rebook: offered new times"
SECRET = "a-secret-of-nobody"


def fetched(vendor: Vendor, name: str, **settings: str) -> Appointment:
    recorded = replay(SLUG, vendor, name)
    found = build(SLUG, vendor, **settings).fetch_appointment("46")
    assert recorded.finished()
    return found


def refused(vendor: Vendor, name: str, call: Any, **settings: str) -> Refused:
    recorded = replay(SLUG, vendor, name)
    with pytest.raises(Refused) as caught:
        call(build(SLUG, vendor, **settings))
    assert recorded.finished()
    return caught.value


def test_check_tells_the_user_of_the_key(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "check")
    assert build(SLUG, vendor).check() == "harbour-studio"
    assert recorded.finished()
    assert vendor.received[0].headers["api-token"] == "an-api-token-of-nobody"


def test_a_deal_is_read_in_our_words(vendor: Vendor) -> None:
    found = fetched(vendor, "fetch")
    assert (found.id, found.status, found.zone) == ("46", Status.BOOKED, ZONE)
    assert (found.starts_at, found.ends_at) == (START, END)
    assert found.person == Person("Ana", "Kealoha", "+18085550123", "ana@example.com")
    assert (found.service, found.calendar, found.same_as) == (
        "Haircut - Ana K",
        "1",
        "acuity:170001",
    )


def test_the_stage_is_the_status_and_our_reference_stands_in_the_description(
    vendor: Vendor,
) -> None:
    found = fetched(vendor, "fetch_missed", minutes="30")
    assert (found.status, found.ours, found.same_as) == (Status.NOSHOW, "intent-0", "")
    assert found.ends_at == START + timedelta(minutes=30)
    assert fetched(vendor, "fetch_cancelled").status is Status.CANCELLED
    other = fetched(vendor, "fetch_missed", noshow_values="Away", cancelled_values="missed")
    assert other.status is Status.CANCELLED


@pytest.mark.parametrize("name", ["fetch_without_contact", "fetch_deleted_contact"])
def test_a_deal_of_nobody_is_still_an_appointment(vendor: Vendor, name: str) -> None:
    assert fetched(vendor, name).person == Person()


def test_a_deal_without_a_time_is_none_of_ours(vendor: Vendor) -> None:
    with pytest.raises(NotFound):
        fetched(vendor, "fetch_empty")


def test_another_way_of_writing_times_is_configured_and_not_guessed(vendor: Vendor) -> None:
    found = fetched(vendor, "fetch_formatted", date_format="%m/%d/%Y %H:%M", minutes="45")
    assert (found.starts_at, found.ends_at) == (START, END)
    with pytest.raises(VendorFault):
        fetched(vendor, "fetch_formatted")


def test_a_pipeline_that_the_key_may_not_see_is_named(vendor: Vendor) -> None:
    error = refused(vendor, "fetch_hidden", lambda c: c.fetch_appointment("46"))
    assert error.code == "no_pipeline_permission"


@pytest.mark.parametrize("wrong", ["", "x", "4/6", "¾", "1" * 30])
def test_what_cannot_be_an_id_is_not_asked_for(vendor: Vendor, wrong: str) -> None:
    with pytest.raises(NotFound):
        build(SLUG, vendor).fetch_appointment(wrong)
    assert vendor.received == []


def test_the_outcome_is_the_new_time_and_the_first_booked_stage_of_its_own_pipeline(
    vendor: Vendor,
) -> None:
    recorded = replay(SLUG, vendor, "move")
    version = "2030-03-01T09:00:00-10:00"
    assert build(SLUG, vendor).move("46", slot(), version=version) == "46"
    assert recorded.finished()


def test_a_deal_that_changed_since_it_was_read_is_not_written(vendor: Vendor) -> None:
    replay(SLUG, vendor, "move")
    with pytest.raises(Conflict):
        build(SLUG, vendor).move("46", slot(), version="2030-02-28T09:00:00-10:00")
    assert [request.method for request in vendor.received] == ["GET"]


def test_a_deal_that_stays_in_its_stage_was_not_moved(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "move_not_taken")
    with pytest.raises(VendorFault):
        build(SLUG, vendor).move("46", slot())
    assert recorded.finished()


def test_a_pipeline_without_such_a_stage_and_a_field_nobody_named_are_said(
    vendor: Vendor,
) -> None:
    error = refused(vendor, "move_elsewhere", lambda c: c.move("46", slot()))
    assert error.code == "no_such_stage"
    with pytest.raises(Refused) as caught:
        build(SLUG, vendor, starts_field="").move("46", slot())
    assert caught.value.code == "no_starts_field"


@pytest.mark.parametrize("name", ["cancel", "cancel_again"])
def test_cancelling_succeeds_once_and_again(vendor: Vendor, name: str) -> None:
    recorded = replay(SLUG, vendor, name)
    build(SLUG, vendor).cancel("46", "rebooked")
    assert recorded.finished()


def test_a_noshow_is_the_stage_of_exactly_that_name_in_its_own_pipeline(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "noshow")
    build(SLUG, vendor).mark_noshow("46")
    assert recorded.finished()


@pytest.mark.parametrize("name", ["annotate", "annotate_again"])
def test_a_note_is_added_once(vendor: Vendor, name: str) -> None:
    recorded = replay(SLUG, vendor, name)
    build(SLUG, vendor).annotate("46", NOTE)
    assert recorded.finished()


@pytest.mark.parametrize("name", ["book", "book_for_somebody_new", "book_again"])
def test_booking_makes_one_deal_however_often_it_is_asked_for(vendor: Vendor, name: str) -> None:
    recorded = replay(SLUG, vendor, name)
    assert build(SLUG, vendor).book(booking(), our_ref="intent-1") == "47"
    assert recorded.finished()


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("book_again", "47"),
        ("find_booking_none", None),
        ("find_booking_nobody", None),
        ("find_booking_lost", None),
    ],
)
def test_a_booking_of_unknown_outcome_is_found_by_its_mark_while_it_stands(
    vendor: Vendor, name: str, wanted: str | None
) -> None:
    recorded = replay(SLUG, vendor, name)
    assert build(SLUG, vendor).find_booking(booking(), our_ref="intent-1") == wanted
    assert recorded.finished()


def test_a_booking_needs_an_address_and_a_pipeline(vendor: Vendor) -> None:
    nobody = booking(person=Person("Ana", "Kealoha", "+18085550123"))
    with pytest.raises(Refused):
        build(SLUG, vendor).book(nobody, our_ref="intent-1")
    with pytest.raises(Refused):
        build(SLUG, vendor, pipeline="").book(booking(), our_ref="intent-1")
    assert build(SLUG, vendor).find_booking(nobody, our_ref="intent-1") is None
    assert vendor.received == []


@pytest.mark.parametrize(
    ("name", "entry"),
    [("campaign", "501"), ("campaign_new_contact", "501"), ("campaign_again", "5")],
)
def test_a_contact_enters_the_automation_once(vendor: Vendor, name: str, entry: str) -> None:
    recorded = replay(SLUG, vendor, name)
    assert build(SLUG, vendor).start_campaign(ANA, our_ref="intent-1") == entry
    assert recorded.finished()


def test_who_unsubscribed_is_not_put_into_an_automation(vendor: Vendor) -> None:
    def start(connector: Any) -> None:
        connector.start_campaign(ANA, our_ref="intent-1")

    assert isinstance(refused(vendor, "campaign_unsubscribed", start), OptedOut)
    assert isinstance(refused(vendor, "campaign_unsubscribed", start, list="2"), OptedOut)
    assert isinstance(refused(vendor, "campaign_unsubscribed", start, list="3"), OptedOut)


def test_a_contact_that_cannot_enter_is_no_reason_to_pause_the_connection(vendor: Vendor) -> None:
    def start(connector: Any) -> None:
        connector.start_campaign(ANA, our_ref="intent-1")

    assert refused(vendor, "campaign_refused", start).code == "not_entered"


def test_without_an_automation_nobody_is_asked(vendor: Vendor) -> None:
    with pytest.raises(Refused) as caught:
        build(SLUG, vendor, automation="").start_campaign(ANA, our_ref="intent-1")
    assert (caught.value.code, vendor.received) == ("no_automation", [])


@pytest.mark.parametrize("name", ["watch", "watch_again"])
def test_watching_keeps_one_webhook_that_leaves_our_own_writes_out(
    vendor: Vendor, name: str
) -> None:
    recorded = replay(SLUG, vendor, name)
    assert build(SLUG, vendor).watch(HOOK, SECRET, None) == Watch("3", HOOK)
    assert recorded.finished()


def test_a_new_secret_replaces_the_webhook_and_forgets_the_old(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "watch_new_secret")
    assert build(SLUG, vendor).watch(HOOK, SECRET, Watch("9", HOOK)).id == "3"
    assert recorded.finished()


@pytest.mark.parametrize("wrong", ["soon", "-1", "1.5", "²"])
def test_a_setting_that_should_be_a_number_is_named_and_breaks_nothing(
    vendor: Vendor, wrong: str
) -> None:
    with pytest.raises(Refused) as caught:
        list(build(SLUG, vendor, days_back=wrong).poll_changes(None))
    assert caught.value.code == "bad_setting"
