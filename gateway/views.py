"""What a client's page shows, read from the opened view. What is missing shows as nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from rebook.domain import wording
from rebook.domain.ics import Entry

SLOT_TAKEN = "slot taken"
STATES = (
    "choose", "seeking", "working", "booked", "taken", "closed", "staff", "withdrawn", "kept",
    "visit", "gone",
)  # fmt: skip
TEXTS = (
    "first_name", "business", "business_phone", "service", "place", "zone", "note", "language",
    "visit", "case",
)  # fmt: skip


@dataclass(frozen=True)
class Time:
    """A time in words. `code` is what chooses it: a slot's number, or the second at which it starts."""

    code: int
    shown: str
    day: str
    time: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    def local(self, zone: str) -> date:
        assert self.starts_at is not None
        return self.starts_at.astimezone(ZoneInfo(zone)).date()


@dataclass(frozen=True)
class View:
    state: str
    first_name: str
    business: str
    business_phone: str
    service: str
    place: str
    zone: str
    note: str
    language: str
    visit: str
    case: str
    offer: int
    slots: tuple[Time, ...]
    free: tuple[Time, ...]
    booked: Time | None
    stands: Time | None
    calendar: Mapping[str, Any]

    @property
    def choosable(self) -> bool:
        """After `taken` there may be other times to choose from."""
        return self.state in ("choose", "taken") and bool(self.slots)

    @property
    def open(self) -> bool:
        """The client may still say that they do not need it."""
        return self.choosable or self.state in ("seeking", "staff")

    @property
    def dialled(self) -> str:
        """The business's number as a phone dials it: nothing else belongs into a `tel:` link."""
        return "".join(c for c in self.business_phone if c in "+0123456789")

    @property
    def lost_a_slot(self) -> bool:
        """What the client chose went to someone else."""
        return self.state == "taken" or self.note == SLOT_TAKEN

    @property
    def days(self) -> list[tuple[str, list[Time]]]:
        return by_day(self.slots)

    @property
    def weeks(self) -> list[tuple[date, list[Time]]]:
        """The free times by the Monday of their week, in the client's zone."""
        return [(monday, list(times)) for monday, times in groupby(self.free, self._monday)]

    def _monday(self, time: Time) -> date:
        day = time.local(self.zone)
        return day - timedelta(days=day.weekday())

    @property
    def zone_name(self) -> str:
        """`Pacific/Honolulu` is Honolulu time."""
        return self.zone.rpartition("/")[2].replace("_", " ")

    def slot(self, code: int) -> Time | None:
        return next((slot for slot in self.slots if slot.code == code), None)

    def free_at(self, second: int) -> Time | None:
        return next((time for time in self.free if time.code == second), None)

    def entry(self, title: str) -> Entry | None:
        """The booking for a calendar; None where there is none."""
        at, named = self.booked, self.calendar
        if at is None or at.starts_at is None or at.ends_at is None or not named:
            return None
        return Entry(
            uid=str(named["uid"]),
            sequence=int(named["sequence"]),
            stamp=datetime.fromisoformat(named["stamp"]),
            starts_at=at.starts_at,
            ends_at=at.ends_at,
            title=title,
            place=self.place,
            organiser=" ".join(part for part in (self.business, self.business_phone) if part),
        )


def by_day(times: Sequence[Time]) -> list[tuple[str, list[Time]]]:
    return [(day, list(same)) for day, same in groupby(times, lambda time: time.day)]


def read(raw: Mapping[str, Any], language: str) -> View:
    """In the words of one language."""
    state, zone = str(raw.get("state", "")), str(raw.get("zone") or "")
    texts = {name: str(raw.get(name) or "") for name in TEXTS}
    return View(
        **texts,
        state=state if state in STATES else "closed",
        offer=int(raw.get("offer") or 0),
        slots=tuple(_time(slot, zone, language) for slot in raw.get("slots") or ()),
        free=tuple(_free(noted, zone, language) for noted in raw.get("free") or ()),
        booked=_time(raw["booked"], zone, language) if raw.get("booked") else None,
        stands=_time(raw["stands"], zone, language) if raw.get("stands") else None,
        calendar=raw.get("calendar") or {},
    )


def _time(raw: Mapping[str, Any], zone: str, language: str) -> Time:
    """A view written before an upgrade has words and no instants."""
    code = int(raw.get("code") or 0)
    if raw.get("starts_at"):
        start, end = (datetime.fromisoformat(raw[name]) for name in ("starts_at", "ends_at"))
        return _worded(code, start, end, zone, language)
    shown, day, time = (str(raw.get(name) or "") for name in ("shown", "day", "time"))
    return Time(code, shown, day or shown, time or shown)


def _free(noted: Sequence[Any], zone: str, language: str) -> Time:
    start = datetime.fromisoformat(noted[0])
    end = start + timedelta(minutes=noted[1])
    return _worded(int(start.timestamp()), start, end, zone, language)


def _worded(code: int, start: datetime, end: datetime, zone: str, language: str) -> Time:
    return Time(
        code,
        wording.short(start, zone, language),
        wording.day(start, zone, language),
        wording.hour(start, zone, language),
        start,
        end,
    )
