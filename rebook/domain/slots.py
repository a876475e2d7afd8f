"""Free times: computing them from business hours and busy times, and choosing which to offer."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from rebook.domain.appointments import Busy, Slot

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
STEP = timedelta(minutes=30)


def free_slots(
    busy: Sequence[Busy],
    *,
    starts_at: datetime,
    ends_at: datetime,
    minutes: int,
    zone: str,
    hours: tuple[int, int],
    days: str,
    calendar: str = "",
) -> list[Slot]:
    """Every half hour within business hours (local wall time) that overlaps nothing busy."""
    local = ZoneInfo(zone)
    length = timedelta(minutes=minutes)
    found = []
    for day in _days(starts_at.astimezone(local).date(), ends_at.astimezone(local).date()):
        if DAYS[day.weekday()] not in days:
            continue
        opens, closes = (_at(day, hour, local) for hour in hours)
        start = opens
        while start + length <= closes:
            inside = starts_at <= start and start + length <= ends_at
            if inside and not overlaps_any(start, start + length, busy):
                found.append(Slot(start, start + length, calendar))
            start += STEP
    return found


def _days(first: date, last: date) -> Iterable[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def _at(day: date, hour: int, zone: ZoneInfo) -> datetime:
    """An instant in UTC, so that adding minutes is adding elapsed minutes."""
    local = (
        datetime.combine(day, time(0), zone)
        if hour == 24
        else datetime.combine(day, time(hour), zone)
    )
    if hour == 24:
        local += timedelta(days=1)
    return local.astimezone(ZoneInfo("UTC"))


def overlaps_any(start: datetime, end: datetime, busy: Iterable[Busy]) -> bool:
    return any(taken.starts_at < end and start < taken.ends_at for taken in busy)


def in_order(slots: Iterable[Slot], *, zone: str, seed: str) -> list[Slot]:
    """Candidates in the order to try them: spread over days and parts of day, then by a case's seed.

    Cases that ask at the same moment get different slots, so that they do not race for the same ones.
    """
    local = ZoneInfo(zone)
    groups: dict[tuple[date, bool], list[Slot]] = {}
    for slot in sorted(slots, key=lambda slot: slot.starts_at):
        at = slot.starts_at.astimezone(local)
        groups.setdefault((at.date(), at.hour >= 12), []).append(slot)
    for members in groups.values():
        members.sort(key=lambda slot: _draw(seed, slot))
    rounds = max((len(members) for members in groups.values()), default=0)
    keys = _days_apart(list(groups))
    return [groups[key][turn] for turn in range(rounds) for key in keys if turn < len(groups[key])]


def _days_apart(keys: list[tuple[date, bool]]) -> list[tuple[date, bool]]:
    """Each day once before any day twice, mornings and afternoons in turn."""
    days = sorted({day for day, _ in keys})
    first, second = [], []
    for number, day in enumerate(days):
        halves = sorted(
            (key for key in keys if key[0] == day), key=lambda key: key[1] ^ bool(number % 2)
        )
        first.append(halves[0])
        second.extend(halves[1:])
    return first + second


def _draw(seed: str, slot: Slot) -> str:
    return hashlib.sha256(f"{seed}{slot.starts_at.isoformat()}{slot.calendar}".encode()).hexdigest()
