"""What the client's page shows, read from the opened view. What is missing shows as nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

SLOT_TAKEN = "slot taken"
STATES = ("choose", "working", "booked", "taken", "closed", "staff")


@dataclass(frozen=True)
class Time:
    """A time as the worker put it into words. `code` is 0 where there is nothing to choose."""

    code: int
    shown: str
    day: str
    time: str


@dataclass(frozen=True)
class View:
    state: str
    first_name: str
    business: str
    business_phone: str
    service: str
    place: str
    zone: str
    offer: int
    slots: tuple[Time, ...]
    booked: Time | None
    note: str

    @property
    def choosable(self) -> bool:
        """After `taken` there may be other times to choose from."""
        return self.state in ("choose", "taken") and bool(self.slots)

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
        return [(day, list(slots)) for day, slots in groupby(self.slots, lambda slot: slot.day)]

    @property
    def zone_name(self) -> str:
        """`Pacific/Honolulu` is Honolulu time."""
        return self.zone.rpartition("/")[2].replace("_", " ")

    def slot(self, code: int) -> Time | None:
        return next((slot for slot in self.slots if slot.code == code), None)


def read(raw: Mapping[str, Any]) -> View:
    state = str(raw.get("state", ""))
    booked = raw.get("booked")
    return View(
        state=state if state in STATES else "closed",
        **{name: str(raw.get(name) or "") for name in TEXTS},
        offer=int(raw.get("offer") or 0),
        slots=tuple(_time(slot) for slot in raw.get("slots") or ()),
        booked=_time(booked) if booked else None,
    )


TEXTS = ("first_name", "business", "business_phone", "service", "place", "zone", "note")


def _time(raw: Mapping[str, Any]) -> Time:
    shown, day, time = (str(raw.get(name) or "") for name in ("shown", "day", "time"))
    return Time(int(raw.get("code") or 0), shown, day or shown, time or shown)
