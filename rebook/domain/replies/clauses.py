"""A reply cut into clauses, each for or against what it mentions."""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from rebook.domain.replies import weeks
from rebook.domain.replies.lexicon import LEXER, WEEKDAY
from rebook.domain.replies.vocabulary import FULL_NAMES

ENDS = frozenset({"stop", "query", "ask", "rather", "refusal", "instead", "except"})
DAYS = frozenset(
    "iso slashed dates date week weekend month in_days weeks_from relative weekday dom".split()
)
HOURS = frozenset("clock compact same_time in_time".split())
PICKS = frozenset(
    "code ordinal last middle earliest latest earlier_one later_one number number_word".split()
)
MENTIONS = (
    DAYS | HOURS | PICKS | {"part", "repeat", "fuzzy_day", "fuzzy_time", "unknown_day", "same_day"}
)
_PHONE = re.compile(r"(?<![\d/-])\+?(?:\d[-. ()]{0,2}){6,14}\d(?![\d/:-])(?<!\d\d\d\d-\d\d-\d\d)")
_DAY_THEN_HOUR = re.compile(rf"\b({WEEKDAY}), ?(?=\d)")
_WORD = re.compile(r"[^\W\d_][\w']*|[^\x00-\x7f\w\s]")


@dataclass(frozen=True)
class Token:
    kind: str
    text: str


@dataclass
class Clause:
    """`tokens` in order; `words` is what the lexicon does not know."""

    tokens: list[Token] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    asks: bool = False
    excludes: bool = False
    refuses: bool = False

    def has(self, *kinds: str) -> bool:
        return any(token.kind in kinds for token in self.tokens)

    @property
    def negative(self) -> bool:
        return self.excludes or self.refuses or self.has("negation")

    @property
    def mentions(self) -> list[Token]:
        return [token for token in self.tokens if token.kind in MENTIONS]


def clauses(words: str) -> list[Clause]:
    """Questions, corrections and exclusions each begin a clause of their own."""
    found = [Clause()]
    for token, between in _tokens(words):
        found[-1].words += _WORD.findall(between)
        if token is None:
            continue
        if token.kind in ENDS:
            if token.kind == "query":
                found[-1].asks = True
            found.append(
                Clause(
                    asks=token.kind == "ask",
                    excludes=token.kind in ("instead", "except"),
                    refuses=token.kind == "refusal",
                )
            )
        if token.kind == "refusal":
            found.append(Clause())
        elif token.kind not in ("stop", "query", "greeting"):
            found[-1].tokens.append(token)
    _share_days(found)
    return [clause for clause in found if clause.tokens or clause.words or clause.refuses]


def _share_days(found: list[Clause]) -> None:
    """`4 instead of 2 on Tuesday`: the day that follows both hours is the day of both."""
    for before, clause in pairwise(found):
        if clause.tokens and clause.tokens[0].kind == "instead" and not before.has(*DAYS):
            hours = clause.has("number", "number_word", *HOURS)
            if hours and before.has("number", "number_word", *HOURS) and not before.negative:
                before.tokens += [token for token in clause.tokens if token.kind in DAYS]


def _tokens(words: str) -> Iterator[tuple[Token | None, str]]:
    """Each token with the unread text before it; at the end the text after the last."""
    words = weeks.named(_PHONE.sub(" phone_number ", words))
    words = _DAY_THEN_HOUR.sub(r"\1 ", words)
    words = re.sub(r"[a-z]{6,}", lambda word: _spelled(word.group()), words)
    at = 0
    for found in LEXER.finditer(words):
        yield Token(found.lastgroup or "", found.group().strip()), words[at : found.start()]
        at = found.end()
    yield None, words[at:]


@lru_cache(maxsize=2048)
def _spelled(word: str) -> str:
    """A weekday for its typo: only where nearly every letter is there."""
    if word in FULL_NAMES or word.endswith("days"):
        return word
    close = difflib.get_close_matches(word, FULL_NAMES, n=1, cutoff=0.86)
    return close[0] if close and close[0][0] == word[0] else word
