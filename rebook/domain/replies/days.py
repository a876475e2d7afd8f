"""Days as people say them, as half-open spans of local dates."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from rebook.domain.replies.clauses import Token
from rebook.domain.replies.meaning import Asked
from rebook.domain.replies.vocabulary import MONTHS, NUMBERS, ORDINALS, WEEKDAYS

ONE = timedelta(days=1)
_MONTHS = [re.compile(rf"\b(?:{names})\b") for names in MONTHS]
_WEEKDAYS = [re.compile(rf"\b(?:{names})\b") for names in WEEKDAYS]
_AMERICAN = ("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles",
             "America/Phoenix", "America/Anchorage", "America/Detroit", "Pacific/Honolulu",
             "America/Boise", "America/Indiana", "America/Kentucky", "US/")  # fmt: skip


@dataclass(frozen=True)
class Span:
    """`first` up to but without `end`. A bare weekday keeps which, to be met by any offered one."""

    first: date
    end: date
    weekday: int | None = None
    kind: str = "day"

    @property
    def single(self) -> bool:
        return self.end - self.first == ONE

    def holds(self, day: date) -> bool:
        if self.weekday is not None:
            return day.weekday() == self.weekday
        return self.first <= day < self.end


def read(token: Token, asked: Asked) -> list[Span]:
    """Empty where the words name no day there is."""
    try:
        return _READERS[token.kind](token.text, asked)
    except (ValueError, OverflowError):
        return []


def day(first: date) -> Span:
    return Span(first, first + ONE)


def of_month(number: int, asked: Asked) -> list[Span]:
    """The next day with this number, today included."""
    for ahead in range(62):
        found = asked.today + ahead * ONE
        if found.day == number:
            return [day(found)]
    return []


def weekday_of(text: str) -> int:
    return next(n for n, names in enumerate(_WEEKDAYS) if names.search(text))


def in_week(text: str, monday: date) -> Span:
    return day(monday + weekday_of(text) * ONE)


def monday_of(today: date) -> date:
    return today - today.weekday() * ONE


def _weekday(text: str, asked: Asked) -> list[Span]:
    number, today = weekday_of(text), asked.today
    monday, ahead = monday_of(today), (number - today.weekday()) % 7 or 7
    upcoming = today + ahead * ONE
    if re.search(r"after next", text):
        return [day(monday + (14 + number) * ONE)]
    if re.search(r"\bnext\b", text):
        return [day(monday + (7 + number) * ONE)]
    if re.search(r"\bweek\b", text):
        return [day(upcoming + 7 * ONE)]
    if re.search(r"\b(?:this|est[ae]|coming)\b", text):
        return [day(upcoming)]
    if re.search(r"que viene|que entra|proxim|siguiente|following", text):
        return [day(upcoming + (7 * ONE if ahead == 1 else timedelta()))]
    return [Span(upcoming, upcoming + ONE, weekday=number)]


def _date(text: str, asked: Asked) -> list[Span]:
    year = re.search(r"\b20\d\d\b", text)
    numbers = _numbers(text)
    return [_nearest(_month(text), numbers[0], asked, int(year.group()) if year else None)]


def _dates(text: str, asked: Asked) -> list[Span]:
    first, last = (_nearest(_month(text), number, asked) for number in _numbers(text)[:2])
    if re.search(r"\d(?:st|nd|rd|th)? ?(?:-|to|thru|through|until|till|al|a|hasta)\b|\d ?-", text):
        return [Span(first.first, last.end, kind="range")] if first.first < last.end else []
    return [first, last]


def _numbers(text: str) -> list[int]:
    found = [int(number) for number in re.findall(r"(?<!\d)\d{1,2}(?!\d)", text)]
    return found or [ORDINALS[w] for w in re.findall(r"\w+", text) if w in ORDINALS] or [1]


def _month(text: str) -> int:
    return next(n for n, names in enumerate(_MONTHS, start=1) if names.search(text))


def _nearest(month: int, number: int, asked: Asked, year: int | None = None) -> Span:
    """Without a year, the next one to come."""
    if year is None:
        year = asked.today.year
        year += date(year, month, min(number, 28)) < asked.today - 7 * ONE
    return day(date(year, month, number))


def _slashed(text: str, asked: Asked) -> list[Span]:
    """Month first in the United States, day first elsewhere and in Spanish; never a guess between two."""
    one, two, *rest = (int(part) for part in re.split(r"[/-]", text))
    year = (rest[0] + 2000 if rest[0] < 100 else rest[0]) if rest else None
    codes = {str(slot.code) for slot in asked.offered}
    if {str(one), str(two)} <= codes and not rest:
        return []
    american = asked.zone.startswith(_AMERICAN)
    if (one > 12) != (two > 12):
        month, number = (two, one) if one > 12 else (one, two)
    elif american == (asked.language == "es"):
        return []
    else:
        month, number = (one, two) if american else (two, one)
    return [_nearest(month, number, asked, year)]


def _relative(text: str, asked: Asked) -> list[Span]:
    if re.search(r"day after|pasado", text):
        return [day(asked.today + 2 * ONE)]
    if text == "pasado":
        return [day(asked.today + 2 * ONE)]
    ahead = 0 if re.search(r"toni|\btoday|2day|\bhoy\b|\bthis\b|\besta\b", text) else 1
    return [day(asked.today + ahead * ONE)]


def _week(text: str, asked: Asked) -> list[Span]:
    monday = monday_of(asked.today)
    if re.search(r"after next|week after|subsig", text):
        return [Span(monday + 14 * ONE, monday + 21 * ONE, kind="week")]
    if re.search(r"\b(?:this|esta)\b", text):
        return [Span(asked.today, monday + 7 * ONE, kind="week")]
    return [Span(monday + 7 * ONE, monday + 14 * ONE, kind="week")]


def _weekend(text: str, asked: Asked) -> list[Span]:
    saturday = monday_of(asked.today) + 5 * ONE
    if "next" in text or "proximo" in text or "que viene" in text:
        saturday += 7 * ONE
    return [Span(max(saturday, asked.today), saturday + 2 * ONE, kind="weekend")]


def _whole_month(text: str, asked: Asked) -> list[Span]:
    today = asked.today
    if re.search(r"\b(?:this month|este mes)\b", text):
        return [Span(today, _month_start(today.year, today.month + 1), kind="month")]
    if re.search(r"\bmonth\b|\bmes\b", text):
        month = today.month + 1
        return [
            Span(_month_start(today.year, month), _month_start(today.year, month + 1), kind="month")
        ]
    month = _month(text)
    year = today.year + (month < today.month)
    start = max(_month_start(year, month), today)
    return [Span(start, _month_start(year, month + 1), kind="month")]


def _month_start(year: int, month: int) -> date:
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)


def _in_days(text: str, asked: Asked) -> list[Span]:
    number = next(int(w) if w.isdecimal() else NUMBERS[w]
                  for w in re.findall(r"\w+", text) if w.isdecimal() or w in NUMBERS)  # fmt: skip
    return [day(asked.today + number * ONE)]


def _weeks_from(text: str, asked: Asked) -> list[Span]:
    weeks = 2 if re.match(r"(?:two|2|dos|a fortnight)", text) else 1
    named = re.search(r"(?:from|after|on) (.*)", text)
    rest = named.group(1) if named else "today"
    if re.search("today|now", rest):
        start = asked.today
    elif "tomorrow" in rest:
        start = asked.today + ONE
    else:
        start = _weekday(rest, asked)[0].first
    return [day(start + 7 * weeks * ONE)]


def _dom(text: str, asked: Asked) -> list[Span]:
    return of_month(_numbers(text)[0], asked)


def _iso(text: str, _: Asked) -> list[Span]:
    return [day(date.fromisoformat(text))]


_READERS = {
    "weekday": _weekday, "date": _date, "dates": _dates, "slashed": _slashed, "relative": _relative,
    "week": _week, "weekend": _weekend, "month": _whole_month, "in_days": _in_days,
    "weeks_from": _weeks_from, "dom": _dom, "iso": _iso,
}  # fmt: skip
