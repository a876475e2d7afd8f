"""Times of day as people say them, and how their morning or afternoon is known."""

import re
from dataclasses import dataclass
from datetime import datetime

from rebook.domain.replies.vocabulary import NUMBERS

DAY = 24 * 60
_SPAIN = ("Europe/Madrid", "Atlantic/Canary", "Africa/Ceuta")
_NOON = re.compile(r"noon|midday|medio ?dia")
_QUARTERS = (
    (re.compile(r"half(?: past)? (\w+)"), 30),
    (re.compile(r"quarter (?:past|after) (\w+)"), 15),
    (re.compile(r"quarter (?:to|till|of) (\w+)"), -15),
    (re.compile(r"(\w+) y media"), 30),
    (re.compile(r"(\w+) y (?:cuarto|quince)"), 15),
    (re.compile(r"(\w+) menos cuarto"), -15),
    (re.compile(r"(\w+) y treinta"), 30),
    (re.compile(r"(\w+) y diez"), 10),
    (re.compile(r"(\w+) y veinte"), 20),
    (re.compile(r"(\w+) thirty"), 30),
    (re.compile(r"(\w+) fifteen"), 15),
    (re.compile(r"(\w+) forty ?five"), 45),
    (re.compile(r"(\w+) oh? ?five"), 5),
)
_DIGITS = re.compile(r"(?<!\d)(\d{1,2})(?:[:h.]?([0-5]\d))?(?!\d)")
_WORDS = re.compile(rf"\b({'|'.join(sorted(NUMBERS, key=len, reverse=True))})\b")
MORNING, AFTERNOON, EVENING = "morning", "afternoon", "evening"


@dataclass(frozen=True)
class Clock:
    """`half` is am or pm where it was said; `minute` counts from the hour and may be negative."""

    hour: int
    minute: int = 0
    half: str = ""

    @property
    def said_in_full(self) -> bool:
        return bool(self.half) or self.hour > 12 or self.hour == 0

    def minutes(self, part: str = "", *, late: bool = False) -> int | None:
        """Minutes since midnight. None where seven may be either; visits are not at five in the morning."""
        hour = self._hour(part, late=late)
        return None if hour is None else hour * 60 + self.minute

    def _hour(self, part: str, *, late: bool) -> int | None:
        if self.half:
            return self.hour % 12 + 12 * (self.half == "pm")
        if self.said_in_full:
            return self.hour
        if part:
            return self.hour % 12 + 12 * (part != MORNING or self.hour == 12)
        if self.hour == 7:
            return 19 if late else None
        return self.hour + 12 if self.hour < 7 else self.hour

    def may_be(self, minute_of_day: int, part: str = "") -> bool:
        if part or self.said_in_full:
            return self.minutes(part) == minute_of_day
        return (self.hour * 60 + self.minute) % 720 == minute_of_day % 720


def of(local: datetime) -> Clock:
    half = "pm" if local.hour == 12 else "am" if 0 < local.hour < 12 else ""
    return Clock(local.hour, local.minute, half)


def read(text: str) -> Clock | None:
    if _NOON.search(text):
        return Clock(12, 0, "pm")
    half = (
        f"{found.group(1) or found.group(2)}m"
        if (found := re.search(r"(?:(?<=\d)|\b)(?:([ap])m|(?<=\d)([ap]))\b", text))
        else ""
    )
    for pattern, minute in _QUARTERS:
        if (found := pattern.search(text)) and (hour := _number(found.group(1))) is not None:
            return _checked(hour, minute, half)
    if found := _DIGITS.search(text):
        hour = int(found.group(1))
        if found.group(1).startswith("0") and hour:
            half = half or "am"
        return _checked(hour, int(found.group(2) or 0), half)
    found = _WORDS.search(text)
    return _checked(NUMBERS[found.group(1)], 0, half) if found else None


def _number(word: str) -> int | None:
    return int(word) if word.isdecimal() and len(word) < 3 else NUMBERS.get(word)


def _checked(hour: int, minute: int, half: str) -> Clock | None:
    if hour > 23 or minute > 59:
        return None
    return Clock(hour, minute, half if 1 <= hour <= 12 else "")


def part_of(text: str) -> str:
    if re.search(r"\b(?:morn\w*|am|mananas?)\b", text):
        return MORNING
    return (
        EVENING
        if re.search(r"\b(?:eve\w*|night|nite|noches?|tonight|tonite)\b", text)
        else AFTERNOON
    )


def span_of(part: str, zone: str) -> tuple[int, int]:
    """Spain's afternoon lasts until eight."""
    evening = (20 if zone in _SPAIN else 18) * 60
    return {MORNING: (360, 720), AFTERNOON: (720, evening), EVENING: (evening, DAY)}[part]
