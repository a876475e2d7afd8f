"""HubSpot's calls, each held against a recorded exchange and the spec."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

import connectors.hubspot
from connectors.contract import StoredWebhook
from connectors.errors import (
    Conflict,
    NotFound,
    OptedOut,
    Refused,
    SlotTaken,
    TooMany,
    VendorFault,
)
from connectors.hubspot import HubSpot
from connectors.oauth import MemoryTokens
from rebook.domain.appointments import Person, Status
from tests.connectors import specs
from tests.connectors.kits import KITS
from tests.connectors.replay import replay
from tests.connectors.samples import ANA, END, START, ZONE, booking, query, slot
from tests.connectors.setups import build
from tests.connectors.vendor import Received, Reply, Vendor

SLUG, LINK = "hubspot", "studio/haircut"


def test_check_says_whether_the_property_of_the_outcome_is_there(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "check")
    assert build(SLUG, vendor).check() == "HubSpot: meetings, Meeting outcome"
    assert recorded.finished()
    assert vendor.received[0].headers["authorization"] == "Bearer pat-of-nobody"


def test_an_app_of_oauth_renews_its_token_and_keeps_the_new_refresh_token(vendor: Vendor) -> None:
    def answer(request: Received) -> Reply:
        if request.path == "/oauth/v1/token":
            fresh = {"access_token": "fresh", "refresh_token": "second", "expires_in": 1800}
            return Reply(200, fresh)
        return Reply(200, {"label": "Outcome"})

    vendor.answer = answer
    tokens = MemoryTokens({"refresh_token": "first"})
    secrets = {"client_id": "app-1", "client_secret": "secret-1"}
    settings = {"token_url": f"{vendor.url}/oauth/v1/token"}
    HubSpot.connect(vendor.url, settings, secrets, tokens=tokens).check()
    asked, called = vendor.received
    assert asked.form["refresh_token"] == ["first"]
    assert called.headers["authorization"] == "Bearer fresh"
    assert tokens.read()["refresh_token"] == "second"
    assert specs.faults(SLUG, asked) == []


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"X-HubSpot-RateLimit-Interval-Milliseconds": "10000"}, 10.0),
        ({"X-HubSpot-RateLimit-Interval-Milliseconds": "soon"}, 10.0),
        ({"X-HubSpot-RateLimit-Daily-Remaining": "0"}, 3600.0),
        ({"Retry-After": "3", "X-HubSpot-RateLimit-Interval-Milliseconds": "10000"}, 3.0),
        ({}, 10.0),
    ],
)
def test_a_limit_without_a_wait_of_its_own_lasts_its_interval(
    vendor: Vendor, headers: dict[str, str], wait: float
) -> None:
    vendor.answer = lambda _request: Reply(429, {"errorType": "RATE_LIMIT"}, headers)
    with pytest.raises(TooMany) as caught:
        build(SLUG, vendor).check()
    assert caught.value.retry_after == wait


def test_a_meeting_is_read_in_our_words_with_its_contact(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "fetch")
    found = build(SLUG, vendor).fetch_appointment("5001")
    assert (found.id, found.status, found.zone) == ("5001", Status.BOOKED, ZONE)
    assert (found.starts_at, found.ends_at) == (START, END)
    assert found.person == Person("Ana", "Kealoha", "+18085550123", "ana@example.com")
    assert (found.service, found.calendar, found.ours, found.same_as) == ("Haircut", "81", "", "")
    assert recorded.finished()


def test_the_outcome_decides_and_links_and_our_reference_are_read(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "fetch_noshow")
    assert build(SLUG, vendor).fetch_appointment("5001").status is Status.NOSHOW
    assert recorded.finished()
    recorded = replay(SLUG, vendor, "fetch_cancelled")
    settings = {"ref_property": "rebook_key", "link_fields": "acuity_id=acuity"}
    gone = build(SLUG, vendor, **settings).fetch_appointment("5001")
    assert (gone.status, gone.ours) == (Status.CANCELLED, "intent-1")
    assert gone.same_as == "acuity:170001"
    assert recorded.finished()


def test_a_time_in_milliseconds_and_a_missing_end_are_understood(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "fetch_in_milliseconds")
    found = build(SLUG, vendor, minutes="30").fetch_appointment("5001")
    assert found.starts_at == datetime.fromtimestamp(1899576000, UTC)
    assert (found.minutes, found.person) == (30, Person())
    assert recorded.finished()


def test_a_record_without_a_time_is_not_an_appointment(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "fetch_without_a_time")
    with pytest.raises(NotFound):
        build(SLUG, vendor).fetch_appointment("5001")
    assert recorded.finished()


def test_the_appointments_object_is_read_by_the_accounts_own_property(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "fetch_appointment")
    settings = {"status_property": "visit_state", "noshow_values": "ausgefallen"}
    found = build(SLUG, vendor, object="appointments", **settings).fetch_appointment("5001")
    assert (found.status, found.starts_at) == (Status.NOSHOW, START)
    assert recorded.finished()


@pytest.mark.parametrize("wrong", ["", "x", "5001/associations", "5001?archived=true", "²"])
def test_an_id_that_cannot_be_one_is_not_asked_for(vendor: Vendor, wrong: str) -> None:
    with pytest.raises(NotFound):
        build(SLUG, vendor).fetch_appointment(wrong)
    with pytest.raises(NotFound):
        build(SLUG, vendor).move(wrong, slot())
    assert vendor.received == []


def test_slots_are_those_of_the_link_month_by_month(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "find_slots")
    with time_machine.travel(datetime(2030, 3, 28, tzinfo=UTC), tick=False):
        found = build(SLUG, vendor, meeting_link=LINK).find_slots(query("81"))
    assert [(s.starts_at, s.calendar) for s in found] == [
        (datetime(2030, 3, 30, 21, 0, tzinfo=UTC), "81"),
        (datetime(2030, 4, 1, 19, 0, tzinfo=UTC), "81"),
    ]
    assert {(s.ends_at - s.starts_at) for s in found} == {timedelta(minutes=45)}
    assert vendor.received[0].raw_path.endswith("/studio%2Fhaircut")
    assert recorded.finished()


def test_without_a_link_there_are_no_slots_to_ask_for(vendor: Vendor) -> None:
    with pytest.raises(Refused):
        build(SLUG, vendor).find_slots(query("81"))
    assert vendor.received == []


@pytest.mark.parametrize(
    ("name", "was"),
    [
        ("book", ""),
        ("book_for_a_stranger", ""),
        ("book_in_place_of", "5001"),
        ("book_in_place_of_archived", "5001"),
    ],
)
def test_a_meeting_is_made_for_the_contact_where_there_is_one(
    vendor: Vendor, name: str, was: str
) -> None:
    recorded = replay(SLUG, vendor, name)
    assert build(SLUG, vendor).book(booking("81", was=was), our_ref="intent-1") == "5002"
    assert recorded.finished()


@pytest.mark.parametrize("name", ["book_with_reference", "book_with_reference_again"])
def test_our_unique_property_keeps_a_meeting_from_being_made_twice(
    vendor: Vendor, name: str
) -> None:
    recorded = replay(SLUG, vendor, name)
    connector = build(SLUG, vendor, ref_property="rebook_key", calendar_map="8101=82")
    assert connector.book(booking("8101"), our_ref="intent-1") == "5002"
    assert recorded.finished()


def test_a_refusal_that_is_none_of_our_own_making_stays_one(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "book_refused")
    with pytest.raises(Refused) as caught:
        build(SLUG, vendor, ref_property="rebook_key", owner="82").book(
            booking(), our_ref="intent-1"
        )
    assert caught.value.code == "VALIDATION_ERROR"
    assert recorded.finished()


def test_a_booking_on_a_link_tells_the_meeting_it_made(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "book_on_link")
    assert build(SLUG, vendor, meeting_link=LINK).book(booking(), our_ref="i") == "5002"
    assert recorded.finished()


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("book_on_link_not_shown", VendorFault),
        ("book_on_link_not_asked", VendorFault),
        ("book_on_link_taken", SlotTaken),
    ],
)
def test_a_booking_on_a_link_may_be_unknown_or_too_late(
    vendor: Vendor, name: str, error: type[Exception]
) -> None:
    recorded = replay(SLUG, vendor, name)
    with pytest.raises(error) as caught:
        build(SLUG, vendor, meeting_link=LINK).book(booking(), our_ref="i")
    assert type(caught.value) is error
    assert recorded.finished()


def test_evidence_is_a_standing_meeting_of_the_contact_at_the_time(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "find_booking")
    connector = build(SLUG, vendor)
    assert connector.find_booking(booking(was="5001"), our_ref="intent-1") == "5002"
    assert recorded.finished()
    recorded = replay(SLUG, vendor, "find_booking_none")
    assert connector.find_booking(booking(), our_ref="intent-1") is None
    assert recorded.finished()


def test_where_a_property_carries_our_reference_it_alone_is_evidence(vendor: Vendor) -> None:
    connector = build(SLUG, vendor, ref_property="rebook_key")
    recorded = replay(SLUG, vendor, "find_booking_by_reference")
    assert connector.find_booking(booking(), our_ref="intent-1") == "5002"
    assert recorded.finished()
    recorded = replay(SLUG, vendor, "find_booking_by_reference_none")
    assert connector.find_booking(booking(), our_ref="intent-1") is None
    assert recorded.finished()


def test_moving_writes_the_time_and_the_outcome_at_once(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "move")
    assert build(SLUG, vendor).move("5001", slot()) == "5001"
    assert recorded.finished()


def test_a_meeting_is_moved_only_as_it_was_read(vendor: Vendor) -> None:
    version = "2030-03-02T19:00:00.000Z"
    recorded = replay(SLUG, vendor, "move_unchanged")
    assert build(SLUG, vendor).move("5001", slot(), version=version) == "5001"
    assert recorded.finished()
    recorded = replay(SLUG, vendor, "move_changed")
    with pytest.raises(Conflict):
        build(SLUG, vendor).move("5001", slot(), version=version)
    assert recorded.finished()


@pytest.mark.parametrize("name", ["cancel", "cancel_again", "cancel_archived"])
def test_cancelling_succeeds_once_and_again_and_when_it_is_archived(
    vendor: Vendor, name: str
) -> None:
    recorded = replay(SLUG, vendor, name)
    build(SLUG, vendor).cancel("5001", "rebooked")
    assert recorded.finished()


def test_a_missed_meeting_is_marked(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "noshow")
    build(SLUG, vendor).mark_noshow("5001")
    assert recorded.finished()


@pytest.mark.parametrize("name", ["annotate", "annotate_again"])
def test_a_note_is_added_below_what_is_there_and_only_once(vendor: Vendor, name: str) -> None:
    recorded = replay(SLUG, vendor, name)
    build(SLUG, vendor).annotate("5001", "Rebook: offered new times")
    assert recorded.finished()


def test_an_object_without_a_property_for_notes_takes_none(vendor: Vendor) -> None:
    with pytest.raises(Refused):
        build(SLUG, vendor, object="appointments").annotate("5001", "Rebook: offered")
    assert vendor.received == []


def test_a_task_is_made_for_whom_the_admin_named(vendor: Vendor) -> None:
    vendor.answer = lambda _request: Reply(201, {"id": "88"})
    made = build(SLUG, vendor, task_owner="82").create_task("Call", "a client", our_ref="i-1")
    [sent] = vendor.received
    assert (made, sent.path) == ("88", "/crm/v3/objects/tasks")
    assert sent.json["properties"]["hs_task_subject"] == "Call"
    assert sent.json["properties"]["hs_task_body"] == "a client\ni-1"
    assert sent.json["properties"]["hubspot_owner_id"] == "82"
    assert specs.faults(SLUG, sent) == []


def test_a_client_is_handed_to_the_accounts_own_workflow_by_a_property(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "campaign")
    connector = build(SLUG, vendor, campaign_property="rebook_case")
    assert connector.start_campaign(ANA, our_ref="intent-1") == "6001"
    assert recorded.finished()
    recorded = replay(SLUG, vendor, "campaign_opted_out")
    with pytest.raises(OptedOut):
        connector.start_campaign(ANA, our_ref="intent-1")
    assert recorded.finished()


def test_without_a_property_nobody_is_handed_over(vendor: Vendor) -> None:
    with pytest.raises(Refused):
        build(SLUG, vendor).start_campaign(ANA, our_ref="intent-1")
    assert vendor.received == []


def test_what_our_own_app_wrote_is_no_news() -> None:
    event = json.loads(KITS[SLUG].body)[0]
    ours = {**event, "changeSource": "INTEGRATION", "sourceId": "51879189"}
    kept = StoredWebhook("", "", {}, json.dumps([ours, event]).encode(), datetime.now(UTC))
    assert len(HubSpot.at_the_door({}).translate(kept)) == 2
    assert len(HubSpot.at_the_door({"app_id": "51879189"}).translate(kept)) == 1


def test_the_shipped_subscriptions_are_of_what_is_read() -> None:
    folder = Path(connectors.hubspot.__file__).parent / "admin"
    told = json.loads((folder / "rebook-webhooks-hsmeta.json").read_text())
    listed = told["config"]["subscriptions"]["crmObjects"]
    assert {one["subscriptionType"] for one in listed} <= set(HubSpot.webhook_kinds)
    named = {one["propertyName"] for one in listed if "propertyName" in one}
    assert named == {"hs_meeting_outcome", "hs_meeting_start_time"}


def test_a_poll_reads_what_changed_and_whom_it_is_of_in_batches(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "poll")
    with time_machine.travel(datetime(2030, 3, 5, 19, tzinfo=UTC), tick=False):
        pages = list(build(SLUG, vendor).poll_changes(None))
    assert recorded.finished()
    mine, nobodys = pages[0].appointments
    assert (mine.person.given_name, mine.person.phone) == (ANA.given_name, "+18085550123")
    assert (nobodys.person, nobodys.status) == (Person(), Status.CANCELLED)
    assert (pages[0].gone, pages[-1].last) == (["5003"], True)
