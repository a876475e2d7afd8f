"""Acuity answers free times by day and service; days without any are asked for first, by month."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from connectors.acuity import wire
from connectors.contract import SlotQuery
from connectors.http import Http
from connectors.parsing import documented
from rebook.domain.appointments import Slot


def find_slots(http: Http, query: SlotQuery) -> list[Slot]:
    """Each calendar is asked for itself, so that a slot says whose time it is."""
    calendars = [query.calendar] if query.calendar else _serving(http, query.service_id)
    found = [slot for calendar in calendars for slot in _slots(http, query, calendar)]
    return sorted(found, key=lambda slot: (slot.starts_at, slot.calendar))


def _serving(http: Http, service_id: str) -> list[str]:
    with documented():
        types = {str(row["id"]): row for row in http.get("appointment-types")}
        calendars = types.get(service_id, {}).get("calendarIDs") or []
        return [str(int(calendar)) for calendar in calendars]


def _slots(http: Http, query: SlotQuery, calendar: str) -> list[Slot]:
    found: list[Slot] = []
    for day in _open_days(http, query, calendar):
        if query.enough and len(found) >= query.enough:
            break
        rows = http.get("availability/times", date=day.isoformat(), **_asked(query, calendar))
        found += wire.slots(rows, query, calendar)
    return found


def _open_days(http: Http, query: SlotQuery, calendar: str) -> list[date]:
    zone = ZoneInfo(query.zone)
    first = query.starts_at.astimezone(zone).date()
    last = query.ends_at.astimezone(zone).date()
    days: list[date] = []
    for month in _months(first, last):
        rows = http.get("availability/dates", month=month, **_asked(query, calendar))
        with documented():
            days += [date.fromisoformat(row["date"]) for row in rows]
    return [day for day in days if first <= day <= last]


def _asked(query: SlotQuery, calendar: str) -> dict[str, Any]:
    asked = {"appointmentTypeID": query.service_id, "timezone": query.zone}
    return {**asked, "calendarID": calendar or None}


def _months(first: date, last: date) -> list[str]:
    """`YYYY-MM` of every month the days touch."""
    numbers = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [f"{n // 12:04}-{n % 12 + 1:02}" for n in numbers]
