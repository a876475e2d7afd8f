"""What stands in one cell: text, or an instant as a date cell, as ISO text or as an agreed format.

A text that names no offset is never guessed: `date_format` must say how it is written.
"""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from connectors.parsing import instant

DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - a date cell counts the days on the wall's calendar
DAY_SECONDS = 86_400


def text(value: Any) -> str:
    """A cell as staff would read it out: 8085550123, not 8085550123.0."""
    if value is None or isinstance(value, bool):
        return "" if value is None else str(value).upper()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def same(written: Any, seen: Any) -> bool:
    if is_number(written) and is_number(seen):
        return bool(abs(written - seen) * DAY_SECONDS < 1)
    return text(written) == text(seen)


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def moment(day: Any, hour: Any, zone: str, date_format: str) -> datetime | None:
    """The instant a row names, in UTC; None where its cell is empty. `ValueError` for other text."""
    if text(day) == "":
        return None
    if is_number(day):
        return _on_the_wall(DAY_ZERO + _days(day) + _days(hour or 0), zone)
    whole = f"{text(day)} {text(hour)}".strip()
    if date_format:
        return _on_the_wall(datetime.strptime(whole, date_format), zone)  # noqa: DTZ007 - zone follows
    return instant(whole)


def _days(value: Any) -> timedelta:
    if not is_number(value):
        raise ValueError("an hour written in words beside a date cell")
    return timedelta(seconds=round(value * DAY_SECONDS))


def _on_the_wall(wall: datetime, zone: str) -> datetime:
    return wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def written(when: datetime, was: tuple[Any, Any], zone: str, date_format: str) -> tuple[Any, Any]:
    """The instant for the day's and the hour's cell, in the way they were written before."""
    local = when.astimezone(ZoneInfo(zone))
    day, hour = was
    if is_number(day):
        days = (local.replace(tzinfo=None) - DAY_ZERO) / timedelta(days=1)
        return (float(int(days)), days % 1) if text(hour) else (days, hour)
    if date_format:
        shown = local.strftime(date_format)
        first, _, rest = shown.partition(" ")
        return (first, rest) if text(hour) else (shown, hour)
    return local.isoformat(timespec="seconds"), hour
