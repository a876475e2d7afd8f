"""Ids, appointments, policies and decisions: the small values everything is said in."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from rebook.domain.appointments import (
    Appointment,
    Change,
    ChangeKind,
    Person,
    Slot,
    Status,
    without_nul,
)
from rebook.domain.cases import Cause
from rebook.domain.decisions import Choice, Decision
from rebook.domain.ids import new_id
from rebook.domain.policy import Policy

AT = datetime(2027, 3, 1, 22, tzinfo=UTC)
NAIVE = AT.replace(tzinfo=None)


def appointment(**changes: object) -> Appointment:
    values = {"starts_at": AT, "ends_at": AT + timedelta(minutes=50), "zone": "UTC", **changes}
    return Appointment(id="7", status=Status.BOOKED, **values)  # type: ignore[arg-type]  # by name


def test_an_id_says_its_kind_and_fits_anywhere() -> None:
    assert re.fullmatch(r"case-[0-9a-z]{12}", new_id("case"))


def test_ten_thousand_ids_are_ten_thousand() -> None:
    assert len({new_id("x") for _ in range(10_000)}) == 10_000


def test_ids_have_no_letters_that_look_like_digits() -> None:
    assert not {"l", "o"} & set("".join(new_id("x")[2:] for _ in range(500)))


def test_an_appointment_without_a_zone_in_its_times_is_refused_at_the_edge() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        appointment(starts_at=NAIVE)
    with pytest.raises(ValueError, match="without a zone"):
        Slot(AT, NAIVE)
    with pytest.raises(ValueError, match="without a zone"):
        Change(ChangeKind.MOVED, "7", NAIVE)


def test_the_length_of_an_appointment_is_in_whole_minutes() -> None:
    assert appointment().minutes == 50


def test_the_one_character_no_database_keeps_is_left_out() -> None:
    seen = appointment(service="Clean\0ing", place="\0", zone="UTC", person=Person("A\0"))
    kept = without_nul(seen)
    assert (kept.service, kept.place, kept.status) == ("Cleaning", "", Status.BOOKED)
    assert kept.person == seen.person
    assert without_nul(kept) is kept


@pytest.mark.parametrize("cause", Cause)
def test_grace_is_left_out_only_where_the_client_acted(cause: Cause) -> None:
    expected = 0 if cause is Cause.CLIENT_CANCELLED else 10
    assert Policy().grace(cause) == expected


def test_only_reading_the_ledger_is_no_decision_of_a_person() -> None:
    assert not Decision().by_a_person
    assert all(Decision(choice).by_a_person for choice in Choice if choice != "read_ledger")
