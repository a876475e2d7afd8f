"""The time a client wishes for, put together from the days and hours of the clauses that are for it."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from rebook.domain.replies import days, hours
from rebook.domain.replies.days import Span
from rebook.domain.replies.hours import DAY, Clock
from rebook.domain.replies.meaning import Asked, Offered, Window


@dataclass
class Wish:
    """`open` is a wish that no one interval holds, as `mondays`; `vague` has no sharp ends, as `early`."""

    spans: list[Span] = field(default_factory=list)
    clocks: list[Clock] = field(default_factory=list)
    ranges: list[tuple[int, int]] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)
    low: int = 0
    high: int = DAY
    open: bool = False
    vague: bool = False
    same_time: bool = False
    doubtful: bool = False
    gone: date | None = None

    @property
    def said(self) -> bool:
        return bool(
            self.spans
            or self.clocks
            or self.ranges
            or self.parts
            or self.bounded
            or self.open
            or self.vague
        )

    @property
    def bounded(self) -> bool:
        return (self.low, self.high) != (0, DAY)

    @property
    def pointed(self) -> bool:
        """It names days and hours, as a choice would, and no stretch of time."""
        wide = (
            self.open
            or self.vague
            or self.bounded
            or self.ranges
            or any(not span.single for span in self.spans)
        )
        return not wide

    @property
    def part(self) -> str:
        return self.hints[0] if len(set(self.hints)) == 1 else ""

    def meets(self, slot: Offered, asked: Asked) -> bool:
        local = asked.at(slot.start)
        if self.spans and not any(span.holds(local.date()) for span in self.spans):
            return False
        minute = local.hour * 60 + local.minute
        if self.clocks:
            return any(clock.may_be(minute, self.part) for clock in self.clocks)
        return any(start <= minute < end for start, end in self._spells(asked) or [])

    def past_absence(self) -> None:
        """`Away until Sunday, next week`: an absence before all that is wished for bounds nothing."""
        if self.gone is not None:
            later = bool(self.spans) and all(span.first >= self.gone for span in self.spans)
            self.open = self.open or not later

    def without(self, other: "Wish") -> None:
        """`Next week but not Monday`: whole days are taken out of a stretch, hours make a hole."""
        if not other.said or not any(not span.single for span in self.spans):
            hole = bool(other.clocks or other.ranges or other.bounded) and not self.clocks
            self.open = self.open or hole
            return
        if other.clocks or other.parts or other.ranges or other.bounded or other.open:
            self.open = True
            return
        each = [pair for span in self.spans for pair in _each(span)]
        kept = [d for d, _ in each if not any(span.holds(d) for span in other.spans)]
        if len(kept) < len(each):
            self.spans = [Span(d, d + days.ONE, kind="range") for d in kept]

    def window(self, asked: Asked) -> Window | None:
        """The one interval that holds the wish, if there is one."""
        spells = self._spells(asked)
        only = asked.only_day()
        spans = self.spans or ([days.day(only)] if only else [])
        if (
            self.open
            or self.vague
            or not spans
            or not spells
            or sum((s.end - s.first).days for s in spans) > 400
        ):
            return None
        whole = spells == [(0, DAY)]
        found = [
            _window(first, end, spell, asked)
            for span in spans
            for first, end in ([(span.first, span.end)] if whole else _each(span))
            for spell in spells
        ]
        return _one(sorted(found, key=lambda window: window.start))

    def _spells(self, asked: Asked) -> list[tuple[int, int]]:
        """Minutes of the day. Empty where an hour can be read two ways or nothing is left."""
        if self.clocks:
            starts = [clock.minutes(self.part) for clock in self.clocks]
            spells = [(start, start + asked.minutes) for start in starts if start is not None]
            return spells if len(spells) == len(starts) else []
        spells = (
            self.ranges or [hours.span_of(part, asked.zone) for part in self.parts] or [(0, DAY)]
        )
        if self.ranges and len(self.ranges) > 1:
            return sorted(spells)
        cut = [(max(start, self.low), min(end, self.high)) for start, end in spells]
        return sorted(spell for spell in cut if spell[0] < spell[1])


def _each(span: Span) -> list[tuple[date, date]]:
    count = (span.end - span.first).days
    return [(span.first + n * days.ONE, span.first + (n + 1) * days.ONE) for n in range(count)]


def _window(first: date, end: date, spell: tuple[int, int], asked: Asked) -> Window:
    start, until = spell
    if spell == (0, DAY):
        return Window(_local(first, 0, asked), _local(end, 0, asked))
    opens = _local(first, start, asked)
    return Window(opens, _local(first, until, asked))


def _local(day: date, minute: int, asked: Asked) -> datetime:
    """Wall time; where clocks skip it, the instant that is told so afterwards."""
    wall = datetime.combine(day, time(), asked.local) + timedelta(minutes=minute)
    return asked.at(wall.astimezone(asked.now.tzinfo))


def _one(windows: list[Window]) -> Window | None:
    merged: list[Window] = []
    for window in windows:
        if merged and window.start <= merged[-1].end:
            merged[-1] = replace(merged[-1], end=max(merged[-1].end, window.end))
        else:
            merged.append(window)
    return merged[0] if len(merged) == 1 else None
