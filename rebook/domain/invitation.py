"""Times as a mail's calendar files (RFC 5545): offered ones tentative, the booked one firm, old ones gone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

_LONGEST_LINE = 75
_ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": ""})


class Standing(StrEnum):
    TENTATIVE = "TENTATIVE"
    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True)
class Event:
    """`uid` names it for life; a higher `sequence` replaces what a calendar has under it."""

    uid: str
    sequence: int
    standing: Standing
    starts_at: datetime
    ends_at: datetime
    title: str
    place: str = ""
    link: str = ""


def write(method: str, events: Iterable[Event], *, stamp: datetime, organiser: str) -> str:
    """One file. A method speaks for all its events, so cancellations have a file of their own."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Rebook//appointments//EN",
        f"METHOD:{method}",
        *(line for event in events for line in _event(event, stamp, organiser)),
        "END:VCALENDAR",
    ]
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line))


def _event(event: Event, stamp: datetime, organiser: str) -> list[str]:
    """A time that is only offered does not make its client look busy."""
    busy = event.standing is Standing.CONFIRMED
    return [
        "BEGIN:VEVENT",
        f"UID:{_text(event.uid)}",
        f"SEQUENCE:{event.sequence}",
        f"DTSTAMP:{_instant(stamp)}",
        f"DTSTART:{_instant(event.starts_at)}",
        f"DTEND:{_instant(event.ends_at)}",
        f"SUMMARY:{_text(event.title)}",
        *([f"LOCATION:{_text(event.place)}"] if event.place else []),
        *([f"URL:{event.link}"] if event.link else []),
        *([f"ORGANIZER:mailto:{organiser}"] if organiser else []),
        f"TRANSP:{'OPAQUE' if busy else 'TRANSPARENT'}",
        f"STATUS:{event.standing}",
        "END:VEVENT",
    ]


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(value: str) -> str:
    """Control characters have no place in a calendar file; a line break would begin a new property."""
    kept = "".join(c for c in value if c == "\n" or c.isprintable())
    return kept.translate(_ESCAPED)


def _folded(line: str) -> list[str]:
    """Lines of at most 75 octets; no character is cut in two."""
    parts, room = [""], _LONGEST_LINE
    for character in line:
        size = len(character.encode())
        if size > room:
            parts.append(" ")
            room = _LONGEST_LINE - 1
        parts[-1] += character
        room -= size
    return parts
