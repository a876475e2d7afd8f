"""Capacity at ServiceTitan: hours that are open in a half day, whoever works them."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sandbox.people import CLOSED_WEEKDAY, CLOSES, OPENS
from sandbox.servicetitan.model import Visit
from sandbox.servicetitan.wire import UNIT, stamp
from sandbox.wire import Json

NOON = time(13)


class Capacity:
    def __init__(self, visits: dict[int, Visit], technicians: int) -> None:
        self._visits = visits
        self._technicians = technicians

    def open_hours(self, start: datetime, end: datetime, ignoring: Visit | None = None) -> float:
        total = self._technicians * (end - start).total_seconds() / 3600
        taken = sum(v.hours_in(start, end) for v in self._visits.values() if v is not ignoring)
        return max(total - taken, 0.0)

    def allows(self, start: datetime, end: datetime, ignoring: Visit | None = None) -> bool:
        hours = (end - start).total_seconds() / 3600
        return self.open_hours(start, end, ignoring) >= hours

    def windows(self, first: datetime, last: datetime, zone: ZoneInfo) -> list[Json]:
        return [
            self._shown(start, end, zone)
            for start, end in half_days(first, last, zone)
            if start < last and end > first
        ]

    def _shown(self, start: datetime, end: datetime, zone: ZoneInfo) -> Json:
        total = self._technicians * (end - start).total_seconds() / 3600
        left = self.open_hours(start, end)
        local = {"start": start.astimezone(zone), "end": end.astimezone(zone)}
        return {
            **{name: value.replace(tzinfo=None).isoformat() for name, value in local.items()},
            "startUtc": stamp(start),
            "endUtc": stamp(end),
            "businessUnitIds": [UNIT],
            "totalAvailability": total,
            "openAvailability": left,
            "technicians": [],
            "isAvailable": left > 0,
            "isExceedingIdealBookingPercentage": left < total / 4,
        }


def half_days(
    first: datetime, last: datetime, zone: ZoneInfo
) -> Iterator[tuple[datetime, datetime]]:
    day = first.astimezone(zone).date()
    while day <= last.astimezone(zone).date():
        if day.weekday() != CLOSED_WEEKDAY:
            yield _between(day, OPENS, NOON, zone)
            yield _between(day, NOON, CLOSES, zone)
        day += timedelta(days=1)


def _between(day: date, opens: time, closes: time, zone: ZoneInfo) -> tuple[datetime, datetime]:
    return datetime.combine(day, opens, zone), datetime.combine(day, closes, zone)
