"""Whether a reply picks exactly one offered slot; anything less certain is no pick."""

import re

from rebook.domain.replies import days, hours
from rebook.domain.replies.clauses import PICKS, Clause, Token
from rebook.domain.replies.fillers import FILLER
from rebook.domain.replies.meaning import Asked, Offered
from rebook.domain.replies.vocabulary import NUMBERS, ORDINALS
from rebook.domain.replies.wishes import Wish
from rebook.domain.replies.wishing import BOUNDS

_NOT_AN_ANSWER = re.compile(
    r"\b(?:cancel\w*|stop|call|already|ya no|another|other|otra|otro|different|instead|until"
    r"|except|reschedul\w*"
    r"|moved?|change|cambiar|who|why|when|where|which|neither|don|but|there are|have|has|had"
    r"|later|earlier|sooner|antes|despues|temprano)\b"
)
_ASKED = re.compile(
    r"(?:is|are|am i|does|do you|did|will (?:it|you|there|the)|would (?:it|you)"
    r"|was|were|what|which|how|has)\b"
)
OPENS = BOUNDS | {"between", "repeat", "fuzzy_day", "unknown_day"}
_BEFORE_ONE = frozenset(
    "this that the which any another other no every some good only right".split()
)


def codes(positive: list[Clause], asked: Asked) -> list[Offered] | None:
    """The slots that codes and ordinals name. None where a number names none: it is no choice."""
    tokens = [token for clause in positive for token in clause.tokens if token.kind in PICKS]
    found = _lettered(positive, asked)
    for token in tokens:
        if _is_article(token, positive):
            continue
        slot = _slot(token, asked)
        if slot is None:
            return None
        if slot not in found:
            found.append(slot)
    return found


def _lettered(positive: list[Clause], asked: Asked) -> list[Offered]:
    """Codes that are no numbers. `a` before another word is an article."""
    words = {word for clause in positive for word in clause.words}
    named = [slot for slot in asked.offered if str(slot.code).lower() in words]
    article = len(named) == 1 and not any(
        clause.words and clause.words[-1] == "a" for clause in positive
    )
    return [slot for slot in named if not (article and str(slot.code).lower() == "a")]


def _is_article(token: Token, positive: list[Clause]) -> bool:
    """`one`, `una`: a number only where it stands alone or is called one."""
    if token.kind != "number_word" or token.text not in ("one", "un", "una", "uno"):
        return False
    mentions = [other for clause in positive for other in clause.mentions]
    words = {word for clause in positive for word in clause.words}
    return len(mentions) > 1 or bool(words & _BEFORE_ONE)


def _slot(token: Token, asked: Asked) -> Offered | None:
    offered = asked.offered
    if token.kind in ("code", "number", "number_word"):
        return _by_number(_value(token), asked)
    if token.kind == "ordinal":
        return _by_ordinal(token, asked)
    if not offered:
        return None
    in_time = sorted(offered, key=lambda slot: slot.start)
    match token.kind:
        case "earliest":
            return in_time[0]
        case "latest":
            return in_time[-1]
        case "last":
            return offered[-1] if offered[-1] == in_time[-1] else None
        case "middle":
            return offered[1] if len(offered) == 3 and offered[1] == in_time[1] else None
        case "earlier_one":
            return in_time[0] if len(offered) == 2 else None
        case _:
            return in_time[-1] if len(offered) == 2 else None


def _value(token: Token) -> int:
    digits = re.search(r"\d+", token.text)
    if digits:
        return int(digits.group()[:6])
    return next(NUMBERS[word] for word in reversed(token.text.split()) if word in NUMBERS)


def _by_number(number: int, asked: Asked) -> Offered | None:
    """The code where there is one, else the hour at which exactly one slot starts."""
    for slot in asked.offered:
        if str(slot.code) == str(number):
            return slot
    if not 0 < number < 24:
        return None
    clock = hours.Clock(number)
    starts = [(slot, asked.at(slot.start)) for slot in asked.offered]
    at_it = [slot for slot, start in starts if clock.may_be(start.hour * 60 + start.minute)]
    return at_it[0] if len(at_it) == 1 else None


def _by_ordinal(token: Token, asked: Asked) -> Offered | None:
    """By place in the list; where the same word is the date of another offered slot, neither."""
    number = next(ORDINALS[word] for word in re.findall(r"\w+", token.text) if word in ORDINALS)
    if number > len(asked.offered):
        return None
    slot = asked.offered[number - 1]
    dated = [one for one in asked.offered if asked.at(one.start).day == number]
    return slot if not dated or dated == [slot] or "one" in token.text else None


def certain(found: list[Clause], words: str, asked: Asked) -> bool:
    """Nothing in it asks, doubts, corrects or says more than a choice does."""
    if any(clause.asks or clause.has("hedge", "later", "in_days") for clause in found):
        return False
    if any(clause.mentions and clause.has(*OPENS) for clause in found):
        return False
    if _NOT_AN_ANSWER.search(" ".join(word for clause in found for word in clause.words)):
        return False
    known = FILLER | {str(slot.code).lower() for slot in asked.offered}
    for clause in found:
        if clause.negative and not clause.mentions and not clause.excludes:
            return False
        if clause.mentions and not clause.negative and not set(clause.words) <= known:
            return False
    return "?" not in words and not _ASKED.match(words)


def by_day_of_month(positive: list[Clause], asked: Asked, wish: Wish) -> None:
    """`the 3rd` where fewer are offered, and it is no place in the list, is a date."""
    for clause in positive:
        for token in clause.tokens:
            if token.kind == "ordinal" and re.search(r"\d", token.text):
                number = next(ORDINALS[w] for w in re.findall(r"\w+", token.text) if w in ORDINALS)
                if number > len(asked.offered):
                    wish.spans += days.of_month(number, asked)
