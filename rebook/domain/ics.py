"""One appointment as a calendar file (RFC 5545), which phones and mail programs add or bring up to date."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

_LONGEST_LINE = 75
_ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": ""})


@dataclass(frozen=True)
class Entry:
    """`uid` stays the same when a visit moves and `sequence` grows: the old entry is replaced."""

    uid: str
    sequence: int
    stamp: datetime
    starts_at: datetime
    ends_at: datetime
    title: str
    place: str = ""
    organiser: str = ""
    cancelled: bool = False


def write(entry: Entry, *, method: str = "PUBLISH") -> str:
    """The whole file, all instants in UTC, with the line ends and folding the format wants."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Rebook//appointments//EN",
        f"METHOD:{method}",
        "BEGIN:VEVENT",
        f"UID:{text(entry.uid)}",
        f"SEQUENCE:{entry.sequence}",
        f"DTSTAMP:{instant(entry.stamp)}",
        f"DTSTART:{instant(entry.starts_at)}",
        f"DTEND:{instant(entry.ends_at)}",
        f"SUMMARY:{text(entry.title)}",
        *([f"LOCATION:{text(entry.place)}"] if entry.place else []),
        *([f"DESCRIPTION:{text(entry.organiser)}"] if entry.organiser else []),
        f"STATUS:{'CANCELLED' if entry.cancelled else 'CONFIRMED'}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return joined(lines)


def joined(lines: Iterable[str]) -> str:
    """With the line ends and folding the format wants."""
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line))


def instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def text(value: str) -> str:
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
