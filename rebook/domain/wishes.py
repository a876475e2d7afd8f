"""A time the client wished for: which free times meet it, which are nearest, how it is said back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from rebook.domain import wording
from rebook.domain.appointments import Slot

DAY = 24 * 60
PARTS = {
    (6 * 60, 12 * 60): "morning",
    (12 * 60, 18 * 60): "afternoon",
    (12 * 60, 20 * 60): "afternoon",
    (18 * 60, DAY): "evening",
    (20 * 60, DAY): "evening",
}
"""Minutes since midnight; the later afternoon is Spain's."""

LABELS = {
    "en": {
        "days": "{day} to {last}",
        "day": "{day}",
        "morning": "{day} in the morning",
        "afternoon": "{day} in the afternoon",
        "evening": "{day} in the evening",
        "at": "{day}, {from}",
        "after": "{day} from {from}",
        "before": "{day} before {to}",
        "between": "{day}, {from} to {to}",
    },
    "es": {
        "days": "los días del {day} al {last}",
        "day": "el {day}",
        "morning": "el {day} por la mañana",
        "afternoon": "el {day} por la tarde",
        "evening": "el {day} por la noche",
        "at": "el {day} a las {from}",
        "after": "el {day} desde las {from}",
        "before": "el {day} antes de las {to}",
        "between": "el {day} entre las {from} y las {to}",
    },
}


@dataclass(frozen=True)
class Wish:
    """An interval that holds the wish and nothing else, at least as long as the visit."""

    start: datetime
    end: datetime
    length: timedelta

    @property
    def span(self) -> timedelta:
        return max(self.end - self.start, self.length)

    def met_by(self, starts_at: datetime) -> bool:
        """A clock time is met by a visit that begins then, a stretch by one that begins within it."""
        if self.span <= self.length:
            return starts_at == self.start
        return self.start <= starts_at < self.end

    def distance(self, slot: Slot) -> timedelta:
        """How far a time lies from the wish; nothing for one inside it."""
        early, late = self.start - slot.starts_at, slot.ends_at - (self.start + self.span)
        return max(early, late, timedelta())


def best(slots: Iterable[Slot], wish: Wish, *, most: int) -> list[Slot]:
    """What meets the wish: wholly, or at least by its beginning; else the `most` nearest times."""
    known = sorted(slots, key=lambda slot: slot.starts_at)
    met = [slot for slot in known if wish.met_by(slot.starts_at)]
    whole = [slot for slot in met if not wish.distance(slot)]
    return whole or met or sorted(known, key=wish.distance)[:most]


def label(wish: Wish, zone: str, language: str) -> str:
    """`Tue 24 Nov in the afternoon`"""
    labels = LABELS.get(language, LABELS["en"])
    last = wish.end - timedelta(seconds=1)
    told = {
        "day": wording.short_day(wish.start, zone, language),
        "last": wording.short_day(last, zone, language),
        "from": wording.hour(wish.start, zone, language),
        "to": wording.hour(wish.end, zone, language),
    }
    return labels[_kind(wish, zone)].format_map(told)


def _kind(wish: Wish, zone: str) -> str:
    local = ZoneInfo(zone)
    start, end = wish.start.astimezone(local), wish.end.astimezone(local)
    last = (end - timedelta(seconds=1)).date()
    if wish.span <= wish.length:
        return "at"
    if last > start.date():
        return "days"
    opens = start.hour * 60 + start.minute
    closes = DAY if end.date() > last else end.hour * 60 + end.minute
    if (opens, closes) == (0, DAY):
        return "day"
    if (opens, closes) in PARTS:
        return PARTS[opens, closes]
    if closes == DAY:
        return "after"
    return "before" if opens == 0 else "between"
