"""Free times over changes of clocks, and the order in which they are tried."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import given
from hypothesis import strategies as st

from rebook.domain.appointments import Busy, Slot
from rebook.domain.slots import free_slots, in_order, overlaps_any
from tests.domain.instants import INSTANTS

ZONES = sorted(name for name in available_timezones() if "/" in name)
BUSY = st.lists(
    st.tuples(st.integers(0, 5 * 24 * 60), st.integers(1, 600)), max_size=8
)  # minutes after the start, and for how long


def busy_of(start: datetime, pairs: list[tuple[int, int]]) -> list[Busy]:
    begins = [(start + timedelta(minutes=after), long) for after, long in pairs]
    return [Busy(begin, begin + timedelta(minutes=long)) for begin, long in begins]


@given(INSTANTS, st.sampled_from(ZONES), BUSY, st.sampled_from([15, 30, 60, 90, 480]))
def test_free_times_are_free_within_hours_and_within_the_period(
    start: datetime, zone: str, pairs: list[tuple[int, int]], minutes: int
) -> None:
    busy, end = busy_of(start, pairs), start + timedelta(days=5)
    found = free_slots(
        busy, starts_at=start, ends_at=end, minutes=minutes, zone=zone, hours=(9, 17),
        days="mon,tue,wed,thu,fri", calendar="chair-1",
    )  # fmt: skip
    for slot in found:
        local, until = (at.astimezone(ZoneInfo(zone)) for at in (slot.starts_at, slot.ends_at))
        assert local.weekday() < 5
        assert local.hour >= 9
        assert (until.hour, until.minute) <= (17, 0)
        assert start <= slot.starts_at < slot.ends_at <= end
        assert slot.ends_at - slot.starts_at == timedelta(minutes=minutes)
        assert not overlaps_any(slot.starts_at, slot.ends_at, busy)
        assert slot.calendar == "chair-1"
    assert len({slot.starts_at for slot in found}) == len(found)


def day(date: str, zone: str, hours: tuple[int, int] = (0, 24)) -> list[Slot]:
    start = datetime.fromisoformat(date).replace(tzinfo=ZoneInfo(zone))
    return free_slots(
        [], starts_at=start, ends_at=start + timedelta(days=1), minutes=60, zone=zone,
        hours=hours, days="mon,tue,wed,thu,fri,sat,sun",
    )  # fmt: skip


def test_the_day_that_loses_an_hour_has_two_half_hours_less() -> None:
    assert len(day("2027-03-13", "America/New_York")) == 47
    assert len(day("2027-03-14", "America/New_York")) == 45


def test_the_day_that_gains_an_hour_has_two_half_hours_more() -> None:
    assert len(day("2027-11-07", "America/New_York")) == 49


def test_no_time_is_offered_that_the_clock_skips() -> None:
    shown = [slot.starts_at.astimezone(ZoneInfo("America/New_York")) for slot in day(
        "2027-03-14", "America/New_York", (1, 5)
    )]  # fmt: skip
    assert [f"{at:%H:%M}" for at in shown] == ["01:00", "01:30", "03:00", "03:30", "04:00"]


def test_a_day_on_which_the_house_is_closed_has_no_times() -> None:
    sunday = datetime(2027, 3, 7, 12, tzinfo=UTC)
    assert not free_slots(
        [], starts_at=sunday, ends_at=sunday + timedelta(hours=10), minutes=30, zone="UTC",
        hours=(9, 17), days="mon,tue,wed,thu,fri,sat",
    )  # fmt: skip


def candidates() -> list[Slot]:
    start = datetime(2027, 3, 1, 9, tzinfo=UTC)
    steps = [start + timedelta(days=n, minutes=30 * m) for n in range(4) for m in range(14)]
    return [Slot(at, at + timedelta(minutes=30)) for at in steps]


@given(st.text(min_size=1, max_size=12), st.permutations(candidates()))
def test_the_order_is_a_rearrangement_that_does_not_hang_on_what_came_first(
    seed: str, shuffled: list[Slot]
) -> None:
    ordered = in_order(shuffled, zone="UTC", seed=seed)
    assert ordered == in_order(candidates(), zone="UTC", seed=seed)
    assert sorted(ordered, key=lambda slot: slot.starts_at) == candidates()


@given(st.text(min_size=1, max_size=12))
def test_the_first_choices_are_on_different_days_and_parts_of_day(seed: str) -> None:
    first = [slot.starts_at for slot in in_order(candidates(), zone="UTC", seed=seed)[:4]]
    assert len({at.date() for at in first}) == 4
    assert [at.hour >= 12 for at in first] in ([False, True] * 2, [True, False] * 2)


def test_cases_that_ask_at_the_same_moment_try_different_times() -> None:
    firsts = {in_order(candidates(), zone="UTC", seed=f"case-{n}")[0] for n in range(40)}
    assert len(firsts) > 3


def test_no_candidates_make_no_order() -> None:
    assert in_order([], zone="UTC", seed="case-1") == []
