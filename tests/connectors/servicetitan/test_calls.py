"""ServiceTitan's calls, each held against a recorded exchange and the vendor's spec."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest

from connectors.contract import WebhookRequest
from connectors.errors import (
    BadSignature,
    Conflict,
    NotAllowed,
    NotFound,
    Refused,
    SlotTaken,
    VendorFault,
)
from connectors.oauth import MemoryTokens
from connectors.servicetitan import ServiceTitan
from rebook.domain import clock
from rebook.domain.appointments import Person, Slot, Status
from tests.connectors import specs
from tests.connectors.kits import KITS
from tests.connectors.replay import replay
from tests.connectors.samples import END, START, ZONE, booking, query, slot
from tests.connectors.setups import build
from tests.connectors.vendor import Received, Reply, Vendor

SLUG, OWN = "servicetitan", "5001/7001"


def test_check_tells_the_tenant_by_its_own_name_and_shows_both_keys(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "check")
    assert build(SLUG, vendor).check() == "shorestudio"
    assert recorded.finished()
    sent = vendor.received[0].headers
    assert sent["authorization"] == "Bearer access-token-of-nobody"
    assert sent["st-app-key"] == "app-key-of-nobody"


def test_a_token_is_asked_for_with_the_tenants_own_credentials(vendor: Vendor) -> None:
    def answer(request: Received) -> Reply:
        if request.path == "/connect/token":
            return Reply(200, {"access_token": "fresh", "expires_in": 900})
        return Reply(200, {"page": 1, "pageSize": 1, "hasMore": False, "data": []})

    vendor.answer = answer
    kit = KITS[SLUG]
    settings = {**kit.settings, "token_url": f"{vendor.url}/connect/token"}
    tokens = MemoryTokens({})
    ServiceTitan.connect(vendor.url, settings, kit.credentials, tokens=tokens).check()
    asked, called = vendor.received
    assert asked.form == {
        "grant_type": ["client_credentials"],
        "client_id": ["client-of-nobody"],
        "client_secret": ["client-secret-of-nobody"],
    }
    assert called.headers["authorization"] == "Bearer fresh"
    until = datetime.fromisoformat(tokens.read()["expires_at"])
    assert timedelta(minutes=14) < until - clock.now() <= timedelta(minutes=15)


def test_credentials_that_no_longer_serve_pause_the_connection(vendor: Vendor) -> None:
    vendor.answer = lambda _request: Reply(400, {"error": "invalid_client"})
    kit = KITS[SLUG]
    settings = {**kit.settings, "token_url": f"{vendor.url}/connect/token"}
    connector = ServiceTitan.connect(vendor.url, settings, kit.credentials, tokens=MemoryTokens({}))
    with pytest.raises(NotAllowed):
        connector.check()


def test_a_visit_is_read_in_our_words_with_its_job_and_customer(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "fetch")
    found = build(SLUG, vendor).fetch_appointment(OWN)
    assert (found.id, found.status, found.zone) == (OWN, Status.BOOKED, ZONE)
    assert (found.starts_at, found.ends_at) == (START, END)
    assert found.person == Person("Ana", "Kealoha", "+18085550123", "ana@example.com")
    assert (found.service, found.service_id, found.calendar) == ("Haircut", "9101", "8101")
    assert (found.by_client, found.same_as) == (None, "")
    assert recorded.finished()


def test_the_number_of_a_visit_alone_is_enough_to_find_it(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "fetch")
    assert build(SLUG, vendor).fetch_appointment("7001").id == OWN
    assert recorded.finished()


def test_who_cancelled_is_told_by_the_reason_that_stands(vendor: Vendor) -> None:
    settings = {"client_reasons": "customer changed their mind", "link_fields": "acuity_id=acuity"}
    recorded = replay(SLUG, vendor, "fetch_cancelled")
    found = build(SLUG, vendor, **settings).fetch_appointment(OWN)
    assert (found.status, found.by_client) == (Status.CANCELLED, True)
    assert found.same_as == "acuity:170001"
    assert recorded.finished()


def test_a_missed_visit_is_a_job_cancelled_for_a_reason_that_says_so(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "fetch_noshow")
    found = build(SLUG, vendor).fetch_appointment(OWN)
    assert (found.status, found.by_client) == (Status.NOSHOW, None)
    assert recorded.finished()


def test_reasons_may_be_named_by_their_ids_too(vendor: Vendor) -> None:
    replay(SLUG, vendor, "fetch_noshow")
    found = build(SLUG, vendor, noshow_reasons="99", company_reasons="32")
    told = found.fetch_appointment(OWN)
    assert (told.status, told.by_client) == (Status.CANCELLED, False)


def test_a_start_without_an_offset_is_never_guessed(vendor: Vendor) -> None:
    replay(SLUG, vendor, "fetch_naive")
    with pytest.raises(VendorFault):
        build(SLUG, vendor).fetch_appointment(OWN)


@pytest.mark.parametrize("wrong", ["", "x", "5001/x", "5001/7001/3", "7001/reschedule", "²/³"])
def test_an_id_that_cannot_be_one_is_not_found_and_not_asked_for(
    vendor: Vendor, wrong: str
) -> None:
    with pytest.raises(NotFound):
        build(SLUG, vendor).fetch_appointment(wrong)
    assert vendor.received == []


def test_slots_follow_one_another_in_windows_while_hours_are_left(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "find_slots")
    found = build(SLUG, vendor).find_slots(query("8101"))
    assert [(s.starts_at, s.key) for s in found] == [
        (datetime(2030, 3, 30, 20, 15, tzinfo=UTC), "2030-03-30T18:00:00Z/2030-03-30T22:00:00Z"),
        (datetime(2030, 3, 30, 21, 0, tzinfo=UTC), "2030-03-30T18:00:00Z/2030-03-30T22:00:00Z"),
        (datetime(2030, 4, 1, 18, 0, tzinfo=UTC), "2030-04-01T18:00:00Z/2030-04-01T22:00:00Z"),
        (datetime(2030, 4, 1, 18, 45, tzinfo=UTC), "2030-04-01T18:00:00Z/2030-04-01T22:00:00Z"),
    ]
    assert {(s.ends_at - s.starts_at).seconds for s in found} == {45 * 60}
    assert {s.calendar for s in found} == {"8101"}
    assert recorded.finished()


def test_a_calendar_of_another_system_is_refused_before_anything_is_sent(vendor: Vendor) -> None:
    with pytest.raises(Refused):
        build(SLUG, vendor).find_slots(query("studio@example.com"))
    assert vendor.received == []


@pytest.mark.parametrize(
    "name", ["move", "move_of_cancelled", "move_quietly_still_cancelled", "move_of_held"]
)
def test_a_visit_is_moved_and_what_stands_in_the_way_is_removed_first(
    vendor: Vendor, name: str
) -> None:
    recorded = replay(SLUG, vendor, name)
    assert build(SLUG, vendor).move(OWN, slot("8101")) == OWN
    assert recorded.finished()


def test_a_clash_at_servicetitan_says_that_the_time_is_taken(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "move_taken")
    with pytest.raises(SlotTaken):
        build(SLUG, vendor).move(OWN, slot("8101"))
    assert recorded.finished()


@pytest.mark.parametrize("name", ["move_of_cancelled_taken", "move_of_held_taken"])
def test_a_lost_visit_whose_new_time_is_taken_stays_lost(vendor: Vendor, name: str) -> None:
    recorded = replay(SLUG, vendor, name)
    with pytest.raises(SlotTaken):
        build(SLUG, vendor).move(OWN, slot("8101"))
    assert recorded.finished()


def test_a_visit_that_is_done_or_invoiced_is_not_moved(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "move_refused")
    with pytest.raises(Refused):
        build(SLUG, vendor).move(OWN, slot("8101"))
    assert recorded.finished()


def test_a_visit_is_moved_only_as_it_was_read(vendor: Vendor) -> None:
    seen = "2030-03-02T19:00:00Z"
    recorded = replay(SLUG, vendor, "move_unchanged")
    assert build(SLUG, vendor).move(OWN, slot("8101"), version=seen) == OWN
    assert recorded.finished()
    recorded = replay(SLUG, vendor, "move_changed")
    with pytest.raises(Conflict):
        build(SLUG, vendor).move(OWN, slot("8101"), version=seen)
    assert recorded.finished()


def test_the_client_is_told_the_whole_window_that_the_slot_came_from(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "move_to_window")
    window = Slot(START, END, "8101", "2030-03-12T19:00:00Z/2030-03-12T22:00:00Z")
    assert build(SLUG, vendor).move(OWN, window) == OWN
    assert recorded.finished()


def test_booking_moves_the_visit_that_is_replaced(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "book")
    assert build(SLUG, vendor).book(booking("8101", was=OWN), our_ref="intent-1") == OWN
    assert recorded.finished()


def test_booking_in_place_of_a_deleted_visit_makes_another_on_its_job(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "book_of_deleted")
    made = build(SLUG, vendor).book(booking("8101", was=OWN), our_ref="intent-1")
    assert made == "5001/7002"
    assert recorded.finished()


def test_a_visit_without_a_job_is_refused_before_anything_is_sent(vendor: Vendor) -> None:
    with pytest.raises(Refused) as caught:
        build(SLUG, vendor).book(booking("8101"), our_ref="intent-1")
    assert caught.value.code == "no_job"
    assert vendor.received == []


def test_evidence_of_a_booking_is_a_standing_visit_of_the_job_at_the_time(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "find_booking")
    connector = build(SLUG, vendor)
    assert connector.find_booking(booking("8101", was=OWN), our_ref="i") == "5001/7003"
    assert recorded.finished()
    recorded = replay(SLUG, vendor, "find_booking_none")
    assert connector.find_booking(booking("8101", was=OWN), our_ref="i") is None
    assert recorded.finished()


@pytest.mark.parametrize("name", ["cancel", "cancel_again", "cancel_one_of_two"])
def test_a_job_is_cancelled_once_and_of_several_visits_only_the_one_goes(
    vendor: Vendor, name: str
) -> None:
    recorded = replay(SLUG, vendor, name)
    build(SLUG, vendor).cancel(OWN, "rebooked")
    assert recorded.finished()


@pytest.mark.parametrize("name", ["annotate", "annotate_again"])
def test_a_note_is_added_to_the_job_only_once_however_many_there_are(
    vendor: Vendor, name: str
) -> None:
    recorded = replay(SLUG, vendor, name)
    build(SLUG, vendor).annotate(OWN, "Rebook: offered new times")
    assert recorded.finished()


def test_a_task_goes_to_whom_the_tenant_named(vendor: Vendor) -> None:
    vendor.answer = lambda _request: Reply(200, {"id": 88})
    made = build(SLUG, vendor).create_task("Call back", "a client", our_ref="intent-1")
    [sent] = vendor.received
    assert made == "88"
    assert specs.faults(SLUG, sent) == []
    assert (sent.json["assignedToId"], sent.json["employeeTaskTypeId"]) == (72, 73)
    assert (sent.json["name"], sent.json["description"]) == ("Call back", "a client\nintent-1")


def test_a_task_for_nobody_is_refused_before_anything_is_sent(vendor: Vendor) -> None:
    with pytest.raises(Refused):
        build(SLUG, vendor, task_assigned_to="").create_task("Call", "", our_ref="intent-1")
    assert vendor.received == []


def test_a_signature_is_taken_in_base64_and_under_another_header_too() -> None:
    digest = hmac.digest(b"secret", b"{}", hashlib.sha256)
    headers = {"x-st-hmac": base64.b64encode(digest).decode()}
    request = WebhookRequest("POST", "https://gw.example.com/hooks/st", headers, b"{}")
    door = ServiceTitan.at_the_door({"signature_header": "X-ST-Hmac"})
    assert door.verify(request, [b"secret"]).dedupe_key is None
    with pytest.raises(BadSignature):
        ServiceTitan.at_the_door({}).verify(request, [b"secret"])
