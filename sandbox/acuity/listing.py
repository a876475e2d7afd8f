"""Acuity's list of appointments: one page of at most `max`, and no way to the next."""

from zoneinfo import ZoneInfo

from sandbox.acuity.book import Book
from sandbox.acuity.model import Appointment
from sandbox.acuity.wire import read_date, refusal
from sandbox.wire import truth

MOST = 100


def listed(book: Book, query: dict[str, str]) -> list[Appointment]:
    """Canceled ones are hidden unless `canceled=true` (only these) or `showall=true` (both)."""
    limit = query.get("max", str(MOST))
    if not (limit.isascii() and limit.isdigit()):
        raise refusal(400, "The field max is not a number.", "invalid_max")
    found = [one for one in book.appointments.values() if _wanted(one, query)]
    newest_first = query.get("direction", "DESC").upper() != "ASC"
    found.sort(key=lambda one: one.start, reverse=newest_first)
    return found[: int(limit)]


def _wanted(one: Appointment, query: dict[str, str]) -> bool:
    return _standing(one, query) and _in_period(one, query) and _alike(one, query)


def _standing(one: Appointment, query: dict[str, str]) -> bool:
    if truth(query.get("showall")):
        return True
    return one.canceled == truth(query.get("canceled"))


def _in_period(one: Appointment, query: dict[str, str]) -> bool:
    day = one.start.astimezone(ZoneInfo(one.calendar.zone)).date()
    earliest, latest = query.get("minDate"), query.get("maxDate")
    return (not earliest or read_date(earliest) <= day) and (not latest or day <= read_date(latest))


def _alike(one: Appointment, query: dict[str, str]) -> bool:
    own = {
        "calendarID": str(one.calendar.id),
        "appointmentTypeID": str(one.service.id),
        "firstName": one.first_name,
        "lastName": one.last_name,
        "email": one.email,
        "phone": one.phone,
    }
    return all(
        query[name].lower() == value.lower() for name, value in own.items() if query.get(name)
    )
