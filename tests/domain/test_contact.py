"""Contact hours on the client's own clock, wherever that is and whatever it does that night."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rebook.domain.contact import answers_directly, may_write_at
from rebook.domain.policy import Policy
from tests.domain.instants import INSTANTS

ZONES = sorted(name for name in available_timezones() if "/" in name)
POLICY = Policy()


@given(INSTANTS, st.sampled_from(ZONES))
@example(datetime(2027, 3, 28, 0, 30, tzinfo=UTC), "Europe/Berlin")
@example(datetime(2027, 11, 7, 6, 30, tzinfo=UTC), "America/New_York")
def test_nobody_is_written_to_before_eight_or_after_nine_in_the_evening(
    now: datetime, zone: str
) -> None:
    at = may_write_at(now, zone, POLICY)
    assert 8 <= at.astimezone(ZoneInfo(zone)).hour < 21
    assert now <= at <= now + timedelta(hours=14)


@given(INSTANTS, st.sampled_from(ZONES))
def test_the_instant_found_is_one_at_which_one_may_write(now: datetime, zone: str) -> None:
    at = may_write_at(now, zone, POLICY)
    assert may_write_at(at, zone, POLICY) == at


@given(
    INSTANTS,
    st.sampled_from(ZONES),
    st.integers(0, 23),
    st.integers(0, 24),
    st.sets(st.integers(0, 5)),
)
def test_a_policy_narrows_the_hours_and_never_widens_them(
    now: datetime, zone: str, first: int, last: int, holidays: set[int]
) -> None:
    today = now.astimezone(ZoneInfo(zone)).date()
    days = [(today + timedelta(days=after)).isoformat() for after in sorted(holidays)]
    policy = Policy(contact_from_hour=first, contact_to_hour=last, holidays=", ".join(days))
    at = may_write_at(now, zone, policy)
    local = at.astimezone(ZoneInfo(zone))
    assert 8 <= local.hour < 21
    assert local.date().isoformat() not in days
    assert now <= at <= now + timedelta(days=len(days) + 2, hours=1)
    assert may_write_at(at, zone, policy) == at


@pytest.mark.parametrize(
    ("local", "opens"),
    [
        ("2027-03-01T07:59", "2027-03-01T08:00"),
        ("2027-03-01T08:00", "2027-03-01T08:00"),
        ("2027-03-01T20:59", "2027-03-01T20:59"),
        ("2027-03-01T21:00", "2027-03-02T08:00"),
        ("2027-03-13T23:00", "2027-03-14T08:00"),
    ],
)
def test_the_edges_of_the_day(local: str, opens: str) -> None:
    zone = ZoneInfo("America/New_York")
    now, expected = (datetime.fromisoformat(text).replace(tzinfo=zone) for text in (local, opens))
    assert may_write_at(now.astimezone(UTC), zone.key, POLICY) == expected


def test_an_answer_within_ten_minutes_is_no_intrusion() -> None:
    now = datetime(2027, 3, 1, 12, tzinfo=UTC)
    assert answers_directly(now, now - timedelta(minutes=10), POLICY)
    assert not answers_directly(now, now - timedelta(minutes=11), POLICY)
    assert not answers_directly(now, None, POLICY)


def test_no_policy_makes_a_direct_answer_of_a_late_one() -> None:
    now = datetime(2027, 3, 1, 12, tzinfo=UTC)
    patient = Policy(answer_window_minutes=600)
    assert not answers_directly(now, now - timedelta(minutes=11), patient)
    assert not answers_directly(now, now + timedelta(hours=1), patient)
