"""What a client's words mean. State first: only what picks exactly one offered slot is an acceptance."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

OPT_OUT_WORDS = frozenset("stop stopall unsubscribe cancel end quit revoke optout".split())
"""The carriers' list for long codes; alone in a message they end all messages."""

_STOP_WORDS = frozenset("stop stopall".split())
_COURTESIES = frozenset("please pls thanks thank you now ok okay it this".split())
_OPT_OUT_PHRASE = re.compile(
    r"\b(stop (texting|messaging|contacting|sending|writing)|do(n'?t| not) (text|message|contact|write)"
    r"|leave me alone|remove me|take me off|opt[ -]?out|unsubscribe|no more (texts|messages)"
    r"|no me (escriba|escribas|manden|mande|envien|envíen)|no m[aá]s mensajes|baja)\b"
)
_ORDINALS = {
    "first": 1, "1st": 1, "one": 1, "second": 2, "2nd": 2, "two": 2, "third": 3, "3rd": 3, "three": 3,
    "fourth": 4, "4th": 4, "four": 4, "fifth": 5, "5th": 5, "five": 5,
    "primera": 1, "primero": 1, "segunda": 2, "segundo": 2, "tercera": 3, "tercero": 3,
}  # fmt: skip
_ORDINAL_ONE = re.compile(rf"\b({'|'.join(word for word in _ORDINALS if word != 'one')}) one\b")
_REACTION = re.compile(
    r"^(liked|loved|disliked|laughed at|emphasized|questioned|removed an? [\w ]+ from|reacted [^\"“]{1,20} to"
    r"|[^\w\s]{1,8} to) [\"“„]"
)
"""Phones tell a reaction to a text as a text that quotes it: iMessage in words, Android by the emoji."""
_NO_CHOICE = re.compile(r"\?|\d[:/.,-]\d|[👎❌🚫✖✗]")
_FILLER = frozenset(
    "the option number slot please pls thanks thank you i i'd i'll take ok okay yes choose pick want"
    " would like for me works la el opcion opción numero número por favor gracias".split()
)


class Meaning(StrEnum):
    ACCEPT = "accept"
    OPT_OUT = "opt_out"
    UNCLEAR = "unclear"


@dataclass(frozen=True)
class Understood:
    """`code` is the offered slot's code when accepting; `rule` names what decided."""

    meaning: Meaning
    rule: str
    code: int | None = None


def understand(text: str, offered: Collection[int]) -> Understood:
    """Opt-out before anything; then a digit or an ordinal that stands alone but for courtesies."""
    plain = re.sub(r"\s+", " ", text.strip().lower().replace("’", "'"))
    bare = re.sub(r"[^\w]", "", plain)
    if _REACTION.match(plain):
        return Understood(Meaning.UNCLEAR, "a reaction to our text")
    if bare in OPT_OUT_WORDS or _only_stop(plain):
        return Understood(Meaning.OPT_OUT, "carrier word")
    if _OPT_OUT_PHRASE.search(plain):
        return Understood(Meaning.OPT_OUT, "opt-out phrase")
    if _NO_CHOICE.search(plain):
        return Understood(Meaning.UNCLEAR, "a question, a date or a no")
    named = _ORDINAL_ONE.sub(r"\1", plain)
    words = [word for word in re.findall(r"[\w']+", named) if word not in _FILLER]
    codes = {
        int(word) if word.isdecimal() and len(word) < 3 else _ORDINALS.get(word) for word in words
    }
    if len(codes) == 1 and (code := codes.pop()) in offered:
        return Understood(Meaning.ACCEPT, "number of a slot", code)
    return Understood(Meaning.UNCLEAR, "no rule")


def _only_stop(plain: str) -> bool:
    """`please stop`, `STOP STOP now`: nothing but the word and courtesies."""
    words = set(re.findall(r"[\w']+", plain)) - _COURTESIES
    return bool(words) and words <= _STOP_WORDS
