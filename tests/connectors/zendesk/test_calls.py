"""Zendesk's calls, each held against a recorded exchange and the vendor's spec."""

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.contract import Watch, WebhookRequest
from connectors.errors import (
    BadSignature,
    Conflict,
    NoAppointment,
    NotAllowed,
    NotFound,
    Refused,
    VendorFault,
)
from connectors.zendesk import hooks
from rebook.domain import clock
from rebook.domain.appointments import Person, Status
from tests.connectors.kits import KITS
from tests.connectors.replay import replay
from tests.connectors.samples import END, START, ZONE, booking, slot
from tests.connectors.setups import build
from tests.connectors.vendor import Vendor
from tests.connectors.zendesk.kit import signed_at

SLUG = "zendesk"
HOOK = "https://gw.example.com/hooks/zendesk"
NOTE = "Rebook: offered new times"
VERSION = "2030-03-01T19:00:00Z"
# The vendor's secret for tests of webhooks that are not saved yet, and a third party's vector.
TEST_SECRET = b"dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=="
VECTOR = (
    b'{"ticket_id":"35436","appointment_status":"appt_canceled",'
    b'"updated_at":"2026-11-22T10:00:00Z"}'
)


def test_check_tells_who_we_are(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "check")
    assert build(SLUG, vendor).check() == "Harbour Street Studio"
    assert recorded.finished()
    assert vendor.received[0].headers["authorization"].startswith("Basic ")


def test_an_answer_that_knows_nobody_means_that_the_credentials_do_not_serve(
    vendor: Vendor,
) -> None:
    recorded = replay(SLUG, vendor, "check_nobody")
    with pytest.raises(NotAllowed):
        build(SLUG, vendor).check()
    assert recorded.finished()


def test_a_ticket_is_read_as_the_appointment_it_holds(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "fetch")
    found = build(SLUG, vendor).fetch_appointment("35436")
    assert (found.id, found.status, found.zone) == ("35436", Status.BOOKED, ZONE)
    assert (found.starts_at, found.ends_at) == (START, END)
    assert found.person == Person("Ana", "Kealoha", "+18085550123", "ana@example.com")
    assert (found.service, found.same_as, found.ours) == ("haircut", "acuity:170001", "")
    assert (found.version, found.by_client) == (VERSION, None)
    assert recorded.finished()


@pytest.mark.parametrize(
    ("name", "status"), [("fetch_cancelled", Status.CANCELLED), ("fetch_noshow", Status.NOSHOW)]
)
def test_the_status_fields_tag_says_what_became_of_it(
    vendor: Vendor, name: str, status: Status
) -> None:
    recorded = replay(SLUG, vendor, name)
    assert build(SLUG, vendor).fetch_appointment("35436").status is status
    assert recorded.finished()


def test_which_value_means_what_is_for_the_admin_to_say(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "fetch_unknown_status")
    connector = build(SLUG, vendor, cancelled_values="gone, Appt_To_Be_Seen")
    assert connector.fetch_appointment("35436").status is Status.CANCELLED
    assert recorded.finished()


def test_a_time_by_the_wall_clock_is_of_the_configured_zone(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "fetch_by_the_wall_clock")
    assert build(SLUG, vendor).fetch_appointment("35436").starts_at == START
    assert recorded.finished()


@pytest.mark.parametrize("name", ["fetch_no_time", "fetch_unknown_status"])
def test_a_ticket_we_cannot_read_is_no_appointment_and_not_a_lost_one(
    vendor: Vendor, name: str
) -> None:
    recorded = replay(SLUG, vendor, name)
    with pytest.raises(NoAppointment):
        build(SLUG, vendor).fetch_appointment("35436")
    assert recorded.finished()


def test_what_we_made_carries_our_reference(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "fetch_ours")
    assert build(SLUG, vendor).fetch_appointment("35436").ours == "intent-1"
    assert recorded.finished()


def test_an_id_that_zendesk_cannot_have_given_is_not_asked_for(vendor: Vendor) -> None:
    with pytest.raises(NotFound):
        build(SLUG, vendor).fetch_appointment("35436/comments")
    assert vendor.received == []


def test_a_booking_is_a_ticket_with_an_internal_comment_and_a_key(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "book")
    assert build(SLUG, vendor).book(booking(), our_ref="intent-1") == "35437"
    assert recorded.finished()


@pytest.mark.parametrize(
    ("name", "found"), [("find_booking", "35437"), ("find_booking_none", None)]
)
def test_a_booking_of_unknown_outcome_is_found_by_our_reference(
    vendor: Vendor, name: str, found: str | None
) -> None:
    recorded = replay(SLUG, vendor, name)
    assert build(SLUG, vendor).find_booking(booking(), our_ref="intent-1") == found
    assert recorded.finished()


def test_the_outcome_is_written_on_the_version_that_was_read(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "move")
    assert build(SLUG, vendor).move("35436", slot(), version=VERSION) == "35436"
    assert recorded.finished()


def test_a_ticket_that_changed_meanwhile_is_a_conflict(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "move_changed")
    with pytest.raises(Conflict):
        build(SLUG, vendor).move("35436", slot(), version=VERSION)
    assert recorded.finished()


def test_an_answer_that_does_not_show_the_outcome_is_the_vendors_fault(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "move_ignored")
    with pytest.raises(VendorFault):
        build(SLUG, vendor).move("35436", slot())
    assert recorded.finished()


@pytest.mark.parametrize("name", ["move_closed", "move_closed_again"])
def test_a_closed_ticket_gets_one_follow_up_that_holds_the_new_time(
    vendor: Vendor, name: str
) -> None:
    recorded = replay(SLUG, vendor, name)
    assert build(SLUG, vendor).move("35436", slot()) == "35440"
    assert recorded.finished()


def test_a_refusal_of_an_open_ticket_stays_a_refusal(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "move_refused")
    with pytest.raises(Refused) as caught:
        build(SLUG, vendor).move("35436", slot())
    assert caught.value.code == "RecordInvalid"
    assert recorded.finished()


@pytest.mark.parametrize("name", ["cancel", "cancel_again"])
def test_cancelling_succeeds_once_and_again(vendor: Vendor, name: str) -> None:
    recorded = replay(SLUG, vendor, name)
    build(SLUG, vendor).cancel("35436", "rebooked")
    assert recorded.finished()


def test_a_cancellation_that_zendesk_will_not_have_is_refused(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "cancel_refused")
    with pytest.raises(Refused):
        build(SLUG, vendor).cancel("35436", "rebooked")
    assert recorded.finished()


def test_a_noshow_is_written_into_the_status_field(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "noshow")
    build(SLUG, vendor).mark_noshow("35436")
    assert recorded.finished()


@pytest.mark.parametrize(
    ("name", "public"),
    [("annotate", "false"), ("annotate_in_public", "true"), ("annotate_again", "false")],
)
def test_a_note_is_internal_unless_told_otherwise_and_added_once(
    vendor: Vendor, name: str, public: str
) -> None:
    recorded = replay(SLUG, vendor, name)
    build(SLUG, vendor, public_notes=public).annotate("35436", NOTE)
    assert recorded.finished()


def test_a_task_is_a_ticket_for_staff(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "task")
    connector = build(SLUG, vendor)
    assert connector.create_task("Call back", "Two tries failed.", our_ref="intent-1") == "35441"
    assert recorded.finished()


@pytest.mark.parametrize(
    ("name", "current"),
    [
        ("watch", None),
        ("watch_found", None),
        ("watch_again", Watch("01NEW", "25")),
        ("watch_elsewhere", Watch("01OLD", "25")),
        ("watch_without_trigger", Watch("01NEW", "25")),
        ("watch_without_webhook", Watch("01OLD", "25")),
    ],
)
def test_watching_leaves_one_webhook_of_ours_and_one_trigger_that_uses_it(
    vendor: Vendor, name: str, current: Watch | None
) -> None:
    """An old webhook goes last: Zendesk keeps one that a trigger still uses."""
    recorded = replay(SLUG, vendor, name)
    made = build(SLUG, vendor).watch(HOOK, "unused", current)
    assert made == Watch("01NEW", "25", None, secret="a-signing-secret")
    assert "a-signing-secret" not in repr(made)
    assert recorded.finished()


@pytest.mark.parametrize("missing", ["status_field", "time_field"])
def test_without_its_fields_nothing_is_written(vendor: Vendor, missing: str) -> None:
    with pytest.raises(Refused) as caught:
        build(SLUG, vendor, **{missing: ""}).move("35436", slot())
    assert caught.value.code == "not_configured"
    assert vendor.received == []


def test_a_known_vector_is_let_in_at_its_time_and_at_no_other(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    at, given = "2026-11-22T10:00:01Z", "RHGmLYsy3RePg9rzv1JvBgzXLSOm1DEHrPPZQSTxSTY="
    moved = tmp_path / "clock.json"
    away = (datetime.fromisoformat(at) - datetime.now(UTC)).total_seconds()
    monkeypatch.setenv("REBOOK_CLOCK_FILE", str(moved))
    moved.write_text(json.dumps({"offset_seconds": away}))
    hooks.check(given, at, VECTOR, [TEST_SECRET])
    with pytest.raises(BadSignature, match="does not match"):
        hooks.check(given, at, VECTOR + b" ", [TEST_SECRET])
    with pytest.raises(BadSignature, match="does not match"):
        hooks.check(given, at, VECTOR, [base64.b64decode(TEST_SECRET)])
    moved.write_text(json.dumps({"offset_seconds": away + 3600}))
    with pytest.raises(BadSignature, match="too far from our clock"):
        hooks.check(given, at, VECTOR, [TEST_SECRET])


@pytest.mark.parametrize("late", [-301, -86400, 301, 31_536_000])
def test_what_was_signed_at_another_time_is_not_let_in(vendor: Vendor, late: int) -> None:
    at = (clock.now() + timedelta(seconds=late)).strftime("%Y-%m-%dT%H:%M:%SZ")
    _refused(vendor, signed_at(at, KITS[SLUG].body, HOOK, KITS[SLUG].secret))


@pytest.mark.parametrize("at", ["", "soon", "1899576000", "2030-03-01T19:00:00", "NaN"])
def test_a_timestamp_that_says_no_instant_is_not_let_in(vendor: Vendor, at: str) -> None:
    _refused(vendor, signed_at(at, KITS[SLUG].body, HOOK, KITS[SLUG].secret))


def _refused(vendor: Vendor, request: WebhookRequest) -> None:
    with pytest.raises(BadSignature):
        build(SLUG, vendor).verify(request, [KITS[SLUG].secret])
