"""Freshdesk's calls, each held against a recorded exchange and the vendor's documentation."""

from dataclasses import replace

import pytest

from connectors.errors import Conflict, NoAppointment, NotFound, Refused, VendorFault
from rebook.domain.appointments import Person, Status
from tests.connectors import specs
from tests.connectors.replay import load, replay
from tests.connectors.samples import ANA, END, START, ZONE, booking, slot
from tests.connectors.setups import build
from tests.connectors.vendor import Received, Reply, Vendor

SLUG = "freshdesk"
NOTE = "Rebook: offered <new> times"
VERSION = "2030-03-01T19:00:00Z"
ROW = load(SLUG, "fetch")[0]["response"]["body"]


def test_check_tells_who_we_are(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "check")
    assert build(SLUG, vendor).check() == "Harbour Street Studio"
    assert recorded.finished()


def test_a_ticket_is_read_as_the_appointment_it_holds(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "fetch")
    found = build(SLUG, vendor).fetch_appointment("11")
    assert (found.id, found.status, found.zone) == ("11", Status.BOOKED, ZONE)
    assert (found.starts_at, found.ends_at) == (START, END)
    assert found.person == Person("Ana", "Kealoha", "+18085550123", "ana@example.com")
    assert (found.service, found.same_as, found.ours) == ("Haircut", "acuity:170001", "")
    assert (found.version, found.by_client) == (VERSION, None)
    assert recorded.finished()


@pytest.mark.parametrize(
    ("name", "status"), [("fetch_cancelled", Status.CANCELLED), ("fetch_noshow", Status.NOSHOW)]
)
def test_the_reason_says_what_became_of_it(vendor: Vendor, name: str, status: Status) -> None:
    recorded = replay(SLUG, vendor, name)
    assert build(SLUG, vendor).fetch_appointment("11").status is status
    assert recorded.finished()


def test_which_field_and_which_label_count_is_for_the_admin_to_say(vendor: Vendor) -> None:
    fields = {"cf_outcome": "Fell through", "cf_when": "2030-03-12 10:00"}
    vendor.answer = lambda _request: Reply(200, {**ROW, "custom_fields": fields})
    named = {"status_field": "cf_outcome", "time_field": "cf_when"}
    connector = build(SLUG, vendor, **named, cancelled_values="gone, fell through")
    found = connector.fetch_appointment("11")
    assert (found.status, found.starts_at) == (Status.CANCELLED, START)


@pytest.mark.parametrize("name", ["fetch_other_reason", "fetch_no_time"])
def test_a_ticket_we_cannot_read_is_no_appointment_and_not_a_lost_one(
    vendor: Vendor, name: str
) -> None:
    recorded = replay(SLUG, vendor, name)
    with pytest.raises(NoAppointment):
        build(SLUG, vendor).fetch_appointment("11")
    assert recorded.finished()


def test_a_deleted_ticket_is_not_found(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "fetch_deleted")
    with pytest.raises(NotFound):
        build(SLUG, vendor).fetch_appointment("11")
    assert recorded.finished()


def test_what_we_made_carries_our_reference(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "fetch_ours")
    assert build(SLUG, vendor).fetch_appointment("11").ours == "intent-1"
    assert recorded.finished()


def test_an_id_that_freshdesk_cannot_have_given_is_not_asked_for(vendor: Vendor) -> None:
    with pytest.raises(NotFound):
        build(SLUG, vendor).fetch_appointment("11/reply")
    assert vendor.received == []


@pytest.mark.parametrize(("name", "email"), [("book", ANA.email), ("book_by_phone", "")])
def test_a_booking_is_a_ticket_of_the_client(vendor: Vendor, name: str, email: str) -> None:
    recorded = replay(SLUG, vendor, name)
    request = booking(person=replace(ANA, email=email))
    assert build(SLUG, vendor).book(request, our_ref="intent-1") == "12"
    assert recorded.finished()


def test_a_refused_booking_tells_the_code_and_nobody(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "book_refused")
    with pytest.raises(Refused) as caught:
        build(SLUG, vendor).book(booking(), our_ref="intent-1")
    assert caught.value.code == "invalid_field"
    assert "Ana" not in str(caught.value)
    assert recorded.finished()


def test_nobody_to_write_to_is_refused_before_anything_is_sent(vendor: Vendor) -> None:
    with pytest.raises(Refused):
        build(SLUG, vendor).book(booking(person=Person("Ana")), our_ref="intent-1")
    assert vendor.received == []


def test_a_booking_of_unknown_outcome_is_found_among_the_clients_tickets(vendor: Vendor) -> None:
    """By their mail, page by page, or by their number where there is no mail."""

    def ticket(number: int, ref: str) -> dict[str, object]:
        return {**ROW, "id": number, "custom_fields": {"cf_rebook_ref": ref}}

    def answer(request: Received) -> Reply:
        assert specs.faults(SLUG, request) == []
        if request.path.endswith("/contacts"):
            assert request.query["phone"] == [ANA.phone]
            return Reply(200, [{"id": 501}])
        assert request.query.get("email") == [ANA.email] or request.query["requester_id"] == ["501"]
        full = [ticket(n, "other") for n in range(100)]
        return Reply(200, {"1": full, "2": [ticket(12, "intent-1")]}[request.query["page"][0]])

    vendor.answer = answer
    connector = build(SLUG, vendor)
    assert connector.find_booking(booking(), our_ref="intent-1") == "12"
    assert connector.find_booking(booking(), our_ref="intent-2") is None
    by_phone = booking(person=replace(ANA, email=""))
    assert connector.find_booking(by_phone, our_ref="intent-1") == "12"


@pytest.mark.parametrize(
    ("name", "version", "status"),
    [("move", "", ""), ("move_version", VERSION, ""), ("move_with_status", "", "3")],
)
def test_the_outcome_is_written_into_the_ticket(
    vendor: Vendor, name: str, version: str, status: str
) -> None:
    recorded = replay(SLUG, vendor, name)
    connector = build(SLUG, vendor, outcome_status=status)
    assert connector.move("11", slot(), version=version) == "11"
    assert recorded.finished()


def test_a_ticket_that_staff_changed_meanwhile_is_a_conflict(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "move_changed")
    with pytest.raises(Conflict):
        build(SLUG, vendor).move("11", slot(), version=VERSION)
    assert recorded.finished()


def test_an_answer_that_does_not_show_the_outcome_is_the_vendors_fault(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "move_ignored")
    with pytest.raises(VendorFault):
        build(SLUG, vendor).move("11", slot())
    assert recorded.finished()


@pytest.mark.parametrize("name", ["cancel", "cancel_again"])
def test_cancelling_succeeds_once_and_again(vendor: Vendor, name: str) -> None:
    recorded = replay(SLUG, vendor, name)
    build(SLUG, vendor).cancel("11", "rebooked")
    assert recorded.finished()


def test_a_noshow_is_a_reason(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "noshow")
    build(SLUG, vendor).mark_noshow("11")
    assert recorded.finished()


@pytest.mark.parametrize(
    ("name", "notes"), [("annotate", ""), ("annotate_reply", "reply"), ("annotate_again", "")]
)
def test_a_note_is_private_unless_told_otherwise_and_added_once(
    vendor: Vendor, name: str, notes: str
) -> None:
    recorded = replay(SLUG, vendor, name)
    build(SLUG, vendor, notes=notes).annotate("11", NOTE)
    assert recorded.finished()


def test_a_task_is_a_ticket_of_the_office(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "task")
    connector = build(SLUG, vendor)
    assert connector.create_task("Call back", "Two tries failed.", our_ref="intent-1") == "13"
    assert recorded.finished()


def test_a_task_without_an_office_to_give_it_to_is_refused(vendor: Vendor) -> None:
    with pytest.raises(Refused):
        build(SLUG, vendor, staff_email="").create_task("Call back", "", our_ref="intent-1")
    assert vendor.received == []
