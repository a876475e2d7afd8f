"""Jobber's calls, each held against a recorded exchange and the vendor's published schema."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import graphql
import pytest
import time_machine

from connectors.errors import (
    Conflict,
    NotFound,
    Refused,
    TooMany,
    VendorFault,
    WithoutTime,
)
from connectors.jobber import queries
from rebook.domain.appointments import Appointment, Busy, Person, Status
from tests.connectors import specs
from tests.connectors.replay import HERE, load, replay
from tests.connectors.samples import END, START, ZONE, booking, slot
from tests.connectors.setups import build
from tests.connectors.vendor import Reply, Vendor, always

SLUG = "jobber"
V1, USER = "VmlzaXQvMQ==", "VXNlci8x"
FRIDAY = datetime(2030, 3, 1, 20, 0, tzinfo=UTC)
RECORDED = sorted(path.stem for path in (HERE / SLUG / "http").glob("*.json"))
DOCUMENTS = {
    text.split("(")[0].split("{")[0].split()[1]: text
    for name, text in vars(queries).items()
    if name.isupper() and name != "VISIT"
}


def recorded(vendor: Vendor, name: str, act: Callable[[Any], Any], **settings: str) -> Any:
    exchange = replay(SLUG, vendor, name)
    result = act(build(SLUG, vendor, **settings))
    assert exchange.finished()
    return result


def refused(
    vendor: Vendor, name: str, error: type[Exception], act: Callable[[Any], Any]
) -> Exception:
    exchange = replay(SLUG, vendor, name)
    with pytest.raises(error) as caught:
        act(build(SLUG, vendor))
    assert exchange.finished()
    return caught.value


def fetched(vendor: Vendor, name: str, **settings: str) -> Appointment:
    found = recorded(vendor, name, lambda c: c.fetch_appointment(V1), **settings)
    assert isinstance(found, Appointment)
    return found


def test_check_tells_the_accounts_own_name(vendor: Vendor) -> None:
    assert recorded(vendor, "check", lambda c: c.check()) == "Shore Services"
    assert vendor.received[0].headers["authorization"] == "Bearer access-1"


def test_a_visit_is_read_in_our_words(vendor: Vendor) -> None:
    found = fetched(vendor, "fetch")
    assert (found.id, found.status, found.zone) == (V1, Status.BOOKED, ZONE)
    assert (found.starts_at, found.ends_at) == (START, END)
    assert (found.service, found.service_id) == ("Window cleaning", "Sm9iLzE=")
    assert (found.calendar, found.place) == (USER, "12 Shore Road, Hilo")
    assert (found.version, found.ours) == ("20300312T2000Z/20300312T2045Z", "")


def test_a_number_that_takes_no_texts_is_not_texted(vendor: Vendor) -> None:
    person = fetched(vendor, "fetch").person
    assert person == Person("Ana", "Kealoha", "+18085550123", "ana@example.com")


def test_an_incomplete_visit_whose_time_has_passed_was_missed(vendor: Vendor) -> None:
    assert fetched(vendor, "fetch_late").status is Status.NOSHOW


@pytest.mark.parametrize(
    ("minutes_later", "status"), [(59, Status.BOOKED), (61, Status.NOSHOW)], ids=["59", "61"]
)
def test_the_crew_has_an_hour_to_complete_a_visit(
    minutes_later: int, status: Status, vendor: Vendor
) -> None:
    ended = datetime(2026, 1, 5, 20, 45, tzinfo=UTC)
    with time_machine.travel(ended + timedelta(minutes=minutes_later), tick=False):
        assert fetched(vendor, "fetch_late").status is status


def test_which_words_mean_missed_is_configured(vendor: Vendor) -> None:
    assert fetched(vendor, "fetch_late", noshow_values="NEVER").status is Status.BOOKED


def test_a_completed_visit_took_place(vendor: Vendor) -> None:
    assert fetched(vendor, "fetch_complete").status is Status.FULFILLED


def test_an_unscheduled_visit_is_there_without_a_time(vendor: Vendor) -> None:
    refused(vendor, "fetch_unscheduled", WithoutTime, lambda c: c.fetch_appointment(V1))


def test_a_deleted_visit_is_not_found(vendor: Vendor) -> None:
    error = refused(vendor, "fetch_deleted", NotFound, lambda c: c.fetch_appointment(V1))
    assert not isinstance(error, WithoutTime)


def test_a_bare_visit_lasts_the_usual_time_and_tells_our_reference(vendor: Vendor) -> None:
    found = fetched(vendor, "fetch_bare", minutes="90")
    assert (found.minutes, found.calendar, found.ours) == (90, "", "intent-0")
    assert (found.person.phone, found.person.email) == ("", "")


def test_a_visit_is_made_on_its_job_with_our_reference_and_its_crew(vendor: Vendor) -> None:
    made = recorded(vendor, "book", lambda c: c.book(booking(USER), our_ref="intent-1"))
    assert made == "VmlzaXQvMg=="


def test_a_refused_booking_is_a_definite_no(vendor: Vendor) -> None:
    refused(vendor, "book_refused", Refused, lambda c: c.book(booking(USER), our_ref="intent-1"))


def test_a_visit_that_still_stands_gets_the_time_itself(vendor: Vendor) -> None:
    request = booking(USER, was=V1)
    assert recorded(vendor, "book_standing", lambda c: c.book(request, our_ref="i")) == V1


def test_a_deleted_visit_is_made_again(vendor: Vendor) -> None:
    request = booking(USER, was=V1)
    made = recorded(vendor, "book_deleted", lambda c: c.book(request, our_ref="intent-1"))
    assert made == "VmlzaXQvMg=="


@pytest.mark.parametrize(
    ("name", "was", "found"),
    [
        ("find_booking", "", "VmlzaXQvMg=="),
        ("find_booking_none", "", None),
        ("find_booking_moved", V1, V1),
    ],
)
def test_a_booking_is_found_by_our_reference_or_on_the_old_visit(
    name: str, was: str, found: str | None, vendor: Vendor
) -> None:
    request = booking(USER, was=was)
    seen = recorded(vendor, name, lambda c: c.find_booking(request, our_ref="intent-1"))
    assert seen == found


def test_a_visit_moves_by_the_wall_clock_of_its_zone(vendor: Vendor) -> None:
    version = "20300311T2000Z/20300311T2045Z"
    assert recorded(vendor, "move", lambda c: c.move(V1, slot(USER), version=version)) == V1


def test_a_visit_that_somebody_moved_meanwhile_is_left_alone(vendor: Vendor) -> None:
    version = "20300311T2000Z/20300311T2045Z"
    refused(vendor, "move_changed", Conflict, lambda c: c.move(V1, slot(USER), version=version))


def test_another_crew_is_assigned_after_the_time(vendor: Vendor) -> None:
    assert recorded(vendor, "move_crew", lambda c: c.move(V1, slot("VXNlci8y"))) == V1


@pytest.mark.parametrize(
    ("name", "error"),
    [("move_refused", Refused), ("move_elsewhere", VendorFault), ("move_complete", Refused)],
)
def test_a_move_that_did_not_happen_is_not_taken_for_one(
    name: str, error: type[Exception], vendor: Vendor
) -> None:
    refused(vendor, name, error, lambda c: c.move(V1, slot(USER)))


@pytest.mark.parametrize("name", ["cancel", "cancel_unscheduled"])
def test_cancelling_deletes_what_is_scheduled(name: str, vendor: Vendor) -> None:
    recorded(vendor, name, lambda c: c.cancel(V1, "rebooked"))


@pytest.mark.parametrize("name", ["annotate", "annotate_again"])
def test_a_note_is_written_once(name: str, vendor: Vendor) -> None:
    recorded(vendor, name, lambda c: c.annotate(V1, "Rebook: new times were offered"))


def test_what_has_an_hour_is_busy_and_what_has_none_is_not(vendor: Vendor) -> None:
    half_past = START + timedelta(minutes=30)
    found = recorded(vendor, "busy", lambda c: c.busy_times(USER, START, END))
    assert found == [Busy(START, END), Busy(half_past, half_past + timedelta(minutes=60))]


@pytest.mark.parametrize("name", ["task", "task_again"])
def test_a_task_is_made_once(name: str, vendor: Vendor) -> None:
    with time_machine.travel(FRIDAY, tick=False):
        made = recorded(
            vendor, name, lambda c: c.create_task("Call back", "a client", our_ref="intent-1")
        )
    assert made == "VGFzay8y"


def test_a_used_up_budget_says_when_it_is_enough_again(vendor: Vendor) -> None:
    error = refused(vendor, "throttled", TooMany, lambda c: c.fetch_appointment(V1))
    assert isinstance(error, TooMany)
    assert error.retry_after == 2.0


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]}, TooMany),
        ({"errors": [{"message": "x", "extensions": {"code": "undefinedField"}}]}, Refused),
        ({"errors": [{"message": "x"}], "data": {"visit": None}}, VendorFault),
        ({"errors": ["x"]}, VendorFault),
        ({"data": {"visit": []}}, VendorFault),
    ],
)
def test_a_refusal_with_status_200_is_still_one(
    body: Any, error: type[Exception], vendor: Vendor
) -> None:
    vendor.answer = always(Reply(200, body))
    with pytest.raises(error) as caught:
        build(SLUG, vendor).fetch_appointment(V1)
    assert type(caught.value) is error


@specs.absent
@pytest.mark.parametrize("name", RECORDED)
def test_a_recorded_answer_has_just_the_fields_that_were_asked_for(name: str) -> None:
    for exchange in load(SLUG, name):
        body, asked = exchange["response"]["body"], exchange["request"]["body"]
        if "data" not in body:
            continue
        seen = graphql.graphql_sync(
            specs.graphql_schema(SLUG),
            DOCUMENTS[asked["operationName"]],
            body["data"],
            variable_values=asked["variables"],
            operation_name=asked["operationName"],
        )
        assert (seen.errors, seen.data) == (None, body["data"])
