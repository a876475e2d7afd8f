"""Zoho's calls, each held against a recorded exchange and the vendor's OpenAPI document."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

from connectors.contract import Watch
from connectors.errors import (
    ConnectorError,
    NotAllowed,
    NotFound,
    Refused,
    TooMany,
    VendorFault,
    WithoutTime,
)
from rebook.domain.appointments import Appointment, Busy, Person, Status
from tests.connectors.calls import HOOK
from tests.connectors.replay import replay
from tests.connectors.samples import ANA, END, START, ZONE, booking, slot
from tests.connectors.setups import build
from tests.connectors.vendor import Received, Reply, Vendor, always
from tests.connectors.zoho_crm.kit import ID

SLUG = "zoho_crm"
NEW, OWNER = "5545974000002254999", "5545974000000393001"
NOW = datetime(2030, 3, 1, 20, 0, tzinfo=UTC)


def recorded(vendor: Vendor, name: str, act: Callable[[Any], Any], **settings: str) -> Any:
    exchange = replay(SLUG, vendor, name)
    with time_machine.travel(NOW, tick=False):
        result = act(build(SLUG, vendor, **settings))
    assert exchange.finished()
    return result


def refused(
    vendor: Vendor, name: str, error: type[Exception], act: Callable[[Any], Any]
) -> Exception:
    exchange = replay(SLUG, vendor, name)
    with time_machine.travel(NOW, tick=False), pytest.raises(error) as caught:
        act(build(SLUG, vendor))
    assert exchange.finished()
    return caught.value


def fetched(vendor: Vendor, name: str, **settings: str) -> Appointment:
    found = recorded(vendor, name, lambda c: c.fetch_appointment(ID), **settings)
    assert isinstance(found, Appointment)
    return found


def test_check_asks_for_nothing_and_sends_the_token_in_zohos_own_way(vendor: Vendor) -> None:
    assert recorded(vendor, "check", lambda c: c.check()) == "Zoho CRM (com)"
    assert vendor.received[0].headers["authorization"] == "Zoho-oauthtoken access-1"


def test_an_appointment_is_read_in_our_words(vendor: Vendor) -> None:
    found = fetched(vendor, "fetch")
    assert (found.id, found.status, found.zone) == (ID, Status.BOOKED, ZONE)
    assert (found.starts_at, found.ends_at) == (START, END)
    assert (found.service, found.service_id) == ("Haircut", "5545974000002180641")
    assert (found.calendar, found.place) == (OWNER, "12 Shore Road, Hilo")
    assert (found.person, found.by_client, found.ours) == (ANA, None, "")


@pytest.mark.parametrize(
    ("name", "person"),
    [
        ("fetch_no_contact", Person("Ana", "Kealoha")),
        ("fetch_account", Person("Shore", "Ltd")),
    ],
)
def test_whom_zoho_does_not_show_has_a_name_alone(
    name: str, person: Person, vendor: Vendor
) -> None:
    assert fetched(vendor, name).person == person


@pytest.mark.parametrize(
    ("name", "status", "by_client"),
    [
        ("fetch_cancelled", Status.CANCELLED, True),
        ("fetch_cancelled_by_team", Status.CANCELLED, False),
        ("fetch_overdue", Status.NOSHOW, None),
        ("fetch_just_overdue", Status.BOOKED, None),
        ("fetch_completed", Status.FULFILLED, None),
    ],
)
def test_what_became_of_it_and_by_whom_is_read(
    name: str, status: Status, by_client: bool | None, vendor: Vendor
) -> None:
    found = fetched(vendor, name)
    assert (found.status, found.by_client) == (status, by_client)


def test_fields_of_ones_own_are_asked_for_and_read(vendor: Vendor) -> None:
    own = {
        "status_field": "Visit_State",
        "noshow_values": "no show",
        "ref_field": "Rebook_Ref",
        "link_fields": "Acuity_Id=acuity",
    }
    found = fetched(vendor, "fetch_custom", **own)
    assert (found.status, found.ours, found.same_as) == (
        Status.NOSHOW,
        "intent-0",
        "acuity:170001",
    )


def test_without_a_field_our_reference_is_a_line_and_the_usual_length_is_configured(
    vendor: Vendor,
) -> None:
    found = fetched(vendor, "fetch_reference", minutes="30")
    assert (found.ours, found.minutes) == ("intent-0", 30)


@pytest.mark.parametrize(
    ("name", "error"), [("fetch_without_time", WithoutTime), ("fetch_gone", NotFound)]
)
def test_what_has_no_time_and_what_is_gone(
    name: str, error: type[Exception], vendor: Vendor
) -> None:
    caught = refused(vendor, name, error, lambda c: c.fetch_appointment(ID))
    assert type(caught) is error


def test_an_id_that_zoho_never_gave_is_not_asked_for(vendor: Vendor) -> None:
    for strange in ("", "x", "1/2", "٣"):
        with pytest.raises(NotFound):
            build(SLUG, vendor).fetch_appointment(strange)
    assert vendor.received == []


@pytest.mark.parametrize(
    ("name", "was"), [("book", ""), ("book_lead", ""), ("book_following", ID), ("book_gone", ID)]
)
def test_a_new_appointment_takes_over_the_old_one_or_is_made_for_a_known_client(
    name: str, was: str, vendor: Vendor
) -> None:
    request = booking(OWNER, was=was)
    assert recorded(vendor, name, lambda c: c.book(request, our_ref="intent-1")) == NEW


def test_our_reference_goes_into_its_own_field_where_there_is_one(vendor: Vendor) -> None:
    request = booking(OWNER, was=ID)
    act = {"ref_field": "Rebook_Ref"}
    made = recorded(vendor, "book_by_field", lambda c: c.book(request, our_ref="intent-1"), **act)
    assert made == NEW


@pytest.mark.parametrize(
    ("name", "was", "code"),
    [("book_stranger", "", "unknown_person"), ("book_refused", ID, "INVALID_DATA")],
)
def test_a_refusal_is_a_definite_no_even_with_status_200(
    name: str, was: str, code: str, vendor: Vendor
) -> None:
    request = booking(OWNER, was=was)
    error = refused(vendor, name, Refused, lambda c: c.book(request, our_ref="intent-1"))
    assert isinstance(error, Refused)
    assert error.code == code


@pytest.mark.parametrize(("name", "found"), [("find_booking", NEW), ("find_booking_none", None)])
def test_a_booking_that_stands_is_found_by_our_reference(
    name: str, found: str | None, vendor: Vendor
) -> None:
    seen = recorded(vendor, name, lambda c: c.find_booking(booking(OWNER), our_ref="intent-1"))
    assert seen == found


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("move", ID),
        ("move_overdue", ID),
        ("move_cancelled", NEW),
        ("move_cancelled_again", NEW),
        ("move_earlier", NEW),
    ],
)
def test_what_can_be_changed_is_moved_and_what_cannot_is_followed_by_a_new_one(
    name: str, made: str, vendor: Vendor
) -> None:
    assert recorded(vendor, name, lambda c: c.move(ID, slot(OWNER))) == made


def test_a_record_that_may_not_be_changed_does_not_stop_the_connection(vendor: Vendor) -> None:
    refused(vendor, "move_not_allowed", Refused, lambda c: c.move(ID, slot(OWNER)))


def test_cancelling_says_that_it_was_the_team(vendor: Vendor) -> None:
    recorded(vendor, "cancel", lambda c: c.cancel(ID, "rebooked"))


def test_a_noshow_is_overdue(vendor: Vendor) -> None:
    recorded(vendor, "noshow", lambda c: c.mark_noshow(ID))


@pytest.mark.parametrize("name", ["annotate", "annotate_again"])
def test_a_note_is_written_once(name: str, vendor: Vendor) -> None:
    recorded(vendor, name, lambda c: c.annotate(ID, "Rebook: new times were offered"))


@pytest.mark.parametrize("name", ["task", "task_again"])
def test_a_task_is_made_once(name: str, vendor: Vendor) -> None:
    words = ("Call back", "a client")
    made = recorded(vendor, name, lambda c: c.create_task(*words, our_ref="intent-1"))
    assert made == NEW


@pytest.mark.parametrize("name", ["busy", "busy_in_two_pages"])
def test_what_stands_at_the_time_is_busy(name: str, vendor: Vendor) -> None:
    found = recorded(vendor, name, lambda c: c.busy_times(OWNER, START, END))
    assert found == [Busy(START, END)]


@pytest.mark.parametrize(
    ("name", "current", "channel"),
    [
        ("watch", None, "1898625600000"),
        ("watch_again", Watch("77"), "77"),
        ("watch_forgotten", Watch("77"), "1898625600000"),
    ],
)
def test_a_channel_is_opened_renewed_and_opened_anew(
    name: str, current: Watch | None, channel: str, vendor: Vendor
) -> None:
    made = recorded(vendor, name, lambda c: c.watch(HOOK, "a-secret-of-nobody", current))
    expires = datetime(2030, 3, 8, 19, 55, tzinfo=UTC)
    assert made == Watch(channel, "Appointments__s", expires)


def test_an_expiry_that_zoho_shortened_without_a_word_is_what_counts(vendor: Vendor) -> None:
    made = recorded(vendor, "watch_hour", lambda c: c.watch(HOOK, "a-secret-of-nobody", None))
    assert made.expires_at == datetime(2030, 3, 1, 21, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (200, {"error": "invalid_code"}, NotAllowed),
        (200, {"error": "invalid_client"}, NotAllowed),
        (400, {"error": "Access Denied", "error_description": "too many"}, TooMany),
        (429, {}, TooMany),
        (401, {}, NotAllowed),
        (500, {}, VendorFault),
        (200, {}, VendorFault),
        (200, [], VendorFault),
        (200, {"access_token": "a", "expires_in": "soon"}, VendorFault),
    ],
)
def test_what_the_token_service_answers_says_what_to_do_next(
    status: int, body: Any, error: type[ConnectorError], vendor: Vendor
) -> None:
    token = Reply(status, body)
    vendor.answer = lambda request: token if "/token" in request.path else Reply(401)
    with pytest.raises(error) as caught:
        build(SLUG, vendor).check()
    assert type(caught.value) is error


def test_a_token_is_asked_for_in_the_query_and_the_request_is_sent_again(vendor: Vendor) -> None:
    def answer(request: Received) -> Reply:
        if "/token" in request.path:
            return Reply(200, {"access_token": "access-2", "expires_in": 3600})
        fresh = request.headers["authorization"] == "Zoho-oauthtoken access-2"
        return Reply(204) if fresh else Reply(401, {"code": "INVALID_TOKEN"})

    vendor.answer = answer
    build(SLUG, vendor).check()
    [asked] = [request for request in vendor.received if "/token" in request.path]
    assert asked.query["grant_type"] == ["refresh_token"]
    assert asked.query["refresh_token"] == ["refresh-1"]


def test_a_limit_told_in_a_row_or_by_its_code_is_a_limit(vendor: Vendor) -> None:
    for reply in (
        Reply(429, {"code": "TOO_MANY_REQUESTS"}),
        Reply(400, {"code": "TOO_MANY_REQUESTS"}),
        Reply(200, {"data": [{"code": "TOO_MANY_REQUESTS", "status": "error"}]}),
    ):
        vendor.answer = always(reply)
        with pytest.raises(TooMany):
            build(SLUG, vendor).mark_noshow(ID)
