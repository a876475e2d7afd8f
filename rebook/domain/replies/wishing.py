"""Tokens of the clauses that are for a time, walked once, become a wish."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

from rebook.domain.replies import days, hours
from rebook.domain.replies.clauses import DAYS, HOURS, Clause, Token
from rebook.domain.replies.days import Span
from rebook.domain.replies.hours import Clock
from rebook.domain.replies.meaning import Asked
from rebook.domain.replies.wishes import Wish

BOUNDS = frozenset({"from", "after", "before", "not_before", "not_after", "gone_until"})
NUMERIC = frozenset({"number", "number_word"})
_OPEN = frozenset({"repeat", "fuzzy_day"})


def wish(wanted: list[Clause], asked: Asked) -> Wish:
    found = Wish()
    tokens = [token for clause in wanted for token in [*clause.tokens, Token("end", "")]]
    _Reader(tokens, asked, found).run()
    _settle(found, asked)
    found.past_absence()
    return found


def timed(tokens: list[Token], asked: Asked) -> list[Token]:
    """Bare numbers that stand where an hour or a date stands become one."""
    said = list(tokens)
    for at, token in enumerate(said):
        if token.kind in NUMERIC:
            said[at] = _in_place(said, at, asked)
    return said


def _in_place(said: list[Token], at: int, asked: Asked) -> Token:
    token = said[at]
    before, after, beyond = (_kind(said, at + step) for step in (-1, 1, 2))
    if before != "weekday" and hours.read(token.text) is None:
        return token
    clock = Token("clock", token.text)
    if before in BOUNDS or before == "between" or (after == "part" and token.text != "one"):
        return clock
    if before == "weekday" and token.kind == "number":
        return _beside_a_day(said[at - 1], token, asked)
    if before in ("relative", "date", "dom", "slashed") and token.kind == "number":
        return clock
    if (after in ("relative", "weekday") or before == "ask") and not _is_code(token, asked):
        return clock
    if before in ("to", "and", "or") and _kind(said, at - 2) in ("clock", "compact"):
        return clock
    if after in ("to", "and") and beyond in ("clock", "compact"):
        return clock
    if after == "to" and beyond == "number" == token.kind and hours.read(said[at + 2].text):
        return clock
    return token


def _is_code(token: Token, asked: Asked) -> bool:
    return token.kind != "number" or any(str(slot.code) == token.text for slot in asked.offered)


def _kind(said: list[Token], at: int) -> str:
    return said[at].kind if 0 <= at < len(said) else "end"


def _beside_a_day(day: Token, token: Token, asked: Asked) -> Token:
    """`monday 10` is an hour; `friday 27` is that Friday's date; where it may be either, neither."""
    number = int(token.text[:4])
    spans = days.of_month(number, asked) if day.kind == "weekday" and number <= 31 else []
    if spans and spans[0].first.weekday() == days.weekday_of(day.text):
        either = number <= 12 and asked.language != "es"
        return Token("either" if either else "dom", token.text)
    return Token("clock", token.text) if hours.read(token.text) else token


class _Reader:
    """One walk over the tokens, left to right."""

    def __init__(self, tokens: list[Token], asked: Asked, found: Wish) -> None:
        self.tokens, self.asked, self.found, self.at = tokens, asked, found, 0
        for before, token in pairwise([Token("end", ""), *tokens]):
            if token.kind == "part":
                found.hints.append(hours.part_of(token.text))
                if before.kind not in ("clock", "compact"):
                    found.parts.append(found.hints[-1])

    def run(self) -> None:
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            self.at += 1
            if token.kind in BOUNDS:
                self._bound(token)
            elif token.kind in DAYS:
                self._day(token)
            elif token.kind in HOURS:
                self._hour(token)
            elif token.kind == "same_day":
                self._same_day()
            elif token.kind in _OPEN:
                self.found.open = True
            elif token.kind in ("fuzzy_time", "later"):
                self.found.vague = True
            elif token.kind in ("unknown_day", "either"):
                self.found.doubtful = True
            elif token.kind == "week_of":
                self._week_of()

    def _peek(self, ahead: int = 0) -> Token:
        at = self.at + ahead
        return self.tokens[at] if at < len(self.tokens) else Token("end", "")

    def _same_day(self) -> None:
        only = self.asked.only_day()
        self.found.doubtful = self.found.doubtful or only is None
        self.found.spans += [days.day(only)] if only else []

    def _bound(self, token: Token) -> None:
        following, joint = self._peek(), self._peek(1)
        if token.kind == "from" and self._ranges(following, joint):
            return
        low = token.kind in ("from", "after", "not_before", "gone_until")
        if following.kind in DAYS and token.kind == "gone_until":
            while self._peek().kind in DAYS:
                back = days.read(self._peek(), self.asked)
                self.found.gone = back[0].first if back else date.max
                self.at += 1
        elif following.kind in ("clock", "compact") and token.kind != "gone_until":
            self.at += 1
            self._limit(hours.read(following.text), low=low)
        elif following.kind in DAYS:
            self.at += 1
            self._limit_days(following, token, low=low)
        elif following.kind in ("part", "fuzzy_time", "fuzzy_day") or token.kind == "gone_until":
            self.at += 1
            self.found.open = True

    @staticmethod
    def _ranges(following: Token, joint: Token) -> bool:
        """`From 2 to 4` has an end of its own."""
        return following.kind == "dates" or joint.kind == "to" or joint.text.startswith("a la")

    def _limit(self, clock: Clock | None, *, low: bool) -> None:
        minute = clock.minutes(self.found.part, late=low) if clock else None
        if minute is None:
            self.found.open = True
        elif low:
            self.found.low = max(self.found.low, minute)
        else:
            self.found.high = min(self.found.high, minute)

    def _limit_days(self, token: Token, bound: Token, *, low: bool) -> None:
        """`before friday` begins today; `after friday` never ends."""
        spans = days.read(token, self.asked)
        if low or not spans:
            self.found.open = True
            return
        inclusive = bound.kind == "not_after" or bound.text == "by"
        end = spans[0].end if inclusive else spans[0].first
        if end <= self.asked.today:
            self.found.open = True
        else:
            self.found.spans.append(Span(self.asked.today, end, kind="range"))

    def _day(self, token: Token) -> None:
        spans = days.read(token, self.asked)
        self.found.doubtful = self.found.doubtful or not spans
        if token.kind == "week" and self.at > 1 and self.tokens[self.at - 2].kind == "or":
            self.found.doubtful = True
        if token.kind == "relative" and (part := _part_within(token.text)):
            self.found.parts.append(part)
            self.found.hints.append(part)
        joint, other = self._peek(), self._peek(1)
        if spans and joint.kind in ("to", "before", "and") and other.kind in DAYS and (
            joint.kind != "and" or self._between()
        ):  # fmt: skip
            self.at += 2
            self._day_range(spans[0], days.read(other, self.asked))
            return
        if self._between_at(2) and len(spans) == 2:
            spans = [Span(spans[0].first, spans[1].end, kind="range")]
        self.found.spans += spans

    def _between_at(self, back: int) -> bool:
        return self.at >= back and self.tokens[self.at - back].kind == "between"

    def _between(self) -> bool:
        return self._between_at(2)

    def _day_range(self, start: Span, ends: list[Span]) -> None:
        if not ends:
            self.found.doubtful = True
            return
        end = ends[0].end
        if end <= start.first:
            end += timedelta(days=7)
        self.found.spans.append(Span(start.first, end, kind="range"))

    def _hour(self, token: Token) -> None:
        clock = self._clock(token)
        if clock is None:
            self.found.doubtful = True
            return
        joint, other = self._peek(), self._peek(1)
        if joint.kind == "clock" and joint.text.startswith("a la"):
            self.at += 1
            self._range(clock, hours.read(joint.text))
        elif other.kind in ("clock", "compact") and (
            joint.kind in ("to", "before") or (joint.kind == "and" and self._between())
        ):
            self.at += 2
            self._range(clock, hours.read(other.text))
        elif joint.kind == "and_later":
            self.at += 1
            self._limit(clock, low=True)
        elif joint.kind == "and_earlier":
            self.at += 1
            self._limit(clock, low=False)
        else:
            self.found.clocks.append(clock)

    def _clock(self, token: Token) -> Clock | None:
        if token.kind == "same_time":
            missed = self.asked.missed
            self.found.same_time = True
            return hours.of(self.asked.at(missed)) if missed else None
        if token.kind == "in_time":
            return self._from_now(token.text)
        return hours.read(token.text)

    def _from_now(self, text: str) -> Clock | None:
        number = hours.read(text)
        count = 0.5 if "half" in text or "media" in text else number.hour if number else 1
        unit = "minutes" if "min" in text else "hours"
        then = self.asked.at(self.asked.now + timedelta(**{unit: count}))
        self.found.spans.append(days.day(then.date()))
        return hours.of(then)

    def _range(self, start: Clock, end: Clock | None) -> None:
        """`2-4pm` is all afternoon, `11-1` passes noon."""
        last = end.minutes(self.found.part) if end else None
        first = start.minutes(self.found.part)
        if end is not None and end.half and not start.said_in_full:
            first = replace(start, half=end.half).minutes()
            if first is not None and last is not None and first >= last:
                first = replace(start, half="am").minutes()
        if first is None and last is not None and not start.said_in_full:
            first = start.hour * 60 + start.minute
        if first is None or last is None or first >= last:
            self.found.doubtful = True
            return
        self.found.ranges.append((first, last))

    def _week_of(self) -> None:
        following = self._peek()
        spans = days.read(following, self.asked) if following.kind in DAYS else []
        if following.kind in NUMERIC and following.text.isdecimal():
            spans = days.of_month(int(following.text), self.asked)
        if spans:
            self.at += 1
            monday = days.monday_of(spans[0].first)
            self.found.spans.append(Span(monday, monday + 7 * days.ONE, kind="week"))


def _part_within(text: str) -> str:
    return hours.part_of(text) if text.startswith(("ton", "this", "esta")) else ""


def _settle(found: Wish, asked: Asked) -> None:
    """A weekday beside a week is that week's; beside a date it only repeats it."""
    if found.same_time and asked.missed and all(span.kind == "week" for span in found.spans):
        lost = days.ONE * asked.at(asked.missed).weekday()
        found.spans = [days.day(days.monday_of(span.first) + lost) for span in found.spans]
    found.vague = found.vague and not found.clocks
    weeks = [span for span in found.spans if span.kind in ("week", "weekend")]
    dated = [span for span in found.spans if span.weekday is None and span.kind == "day"]
    bare = [span for span in found.spans if span.weekday is not None]
    if len(weeks) == 1 and (bare or dated):
        rest = [_within(span, weeks[0]) for span in found.spans if span is not weeks[0]]
        found.spans = rest
    elif dated and bare:
        loose = [s for s in bare if all(d.first.weekday() != s.weekday for d in dated)]
        found.doubtful = found.doubtful or bool(loose)
        found.spans = [span for span in found.spans if span not in bare or span in loose]


def _within(span: Span, week: Span) -> Span:
    if span.weekday is None:
        return span
    monday = days.monday_of(week.first)
    return days.day(monday + span.weekday * days.ONE)
