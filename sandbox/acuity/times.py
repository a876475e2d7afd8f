"""Free time at Acuity: business hours minus appointments that stand, on a half-hour grid."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sandbox.acuity.model import Appointment, Calendar, Service
from sandbox.people import CLOSED_WEEKDAY, CLOSES, OPENS

STEP = timedelta(minutes=30)


class Times:
    """`ignoring` leaves out appointments that are about to be moved."""

    def __init__(
        self,
        appointments: Iterable[Appointment],
        now: datetime,
        ignoring: Collection[int] = (),
    ) -> None:
        self._standing = [a for a in appointments if not a.canceled and a.id not in ignoring]
        self._now = now

    def on(self, day: date, service: Service, calendars: list[Calendar]) -> list[datetime]:
        """Starts at which at least one of the calendars is free."""
        starts = {
            start
            for calendar in calendars
            for start in grid(day, calendar, service)
            if self.free(start, service, calendar)
        }
        return sorted(starts)

    def free(self, start: datetime, service: Service, calendar: Calendar) -> bool:
        end = start + timedelta(minutes=service.minutes)
        return (
            start > self._now
            and within_hours(start, end, calendar)
            and not any(
                a.calendar.id == calendar.id and a.overlaps(start, end) for a in self._standing
            )
        )


def grid(day: date, calendar: Calendar, service: Service) -> Iterable[datetime]:
    zone = ZoneInfo(calendar.zone)
    start = datetime.combine(day, OPENS, zone)
    while start + timedelta(minutes=service.minutes) <= datetime.combine(day, CLOSES, zone):
        yield start
        start += STEP


def within_hours(start: datetime, end: datetime, calendar: Calendar) -> bool:
    zone = ZoneInfo(calendar.zone)
    local, until = start.astimezone(zone), end.astimezone(zone)
    return (
        local.weekday() != CLOSED_WEEKDAY
        and local.date() == until.date()
        and local.time() >= OPENS
        and until.time() <= CLOSES
    )
