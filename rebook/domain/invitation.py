"""Times as a mail's calendar files (RFC 5545): offered ones tentative, the booked one firm, old ones gone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from rebook.domain.ics import instant, joined, text


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
    return joined(lines)


def _event(event: Event, stamp: datetime, organiser: str) -> list[str]:
    """A time that is only offered does not make its client look busy."""
    busy = event.standing is Standing.CONFIRMED
    return [
        "BEGIN:VEVENT",
        f"UID:{text(event.uid)}",
        f"SEQUENCE:{event.sequence}",
        f"DTSTAMP:{instant(stamp)}",
        f"DTSTART:{instant(event.starts_at)}",
        f"DTEND:{instant(event.ends_at)}",
        f"SUMMARY:{text(event.title)}",
        *([f"LOCATION:{text(event.place)}"] if event.place else []),
        *([f"URL:{event.link}"] if event.link else []),
        *([f"ORGANIZER:mailto:{organiser}"] if organiser else []),
        f"TRANSP:{'OPAQUE' if busy else 'TRANSPARENT'}",
        f"STATUS:{event.standing}",
        "END:VEVENT",
    ]
