"""A reply read: opt-out first, then the open question, then fixed wordings, then a wish for a time."""

import re
from dataclasses import replace

from rebook.domain.replies import courtesies, intents, mail, picks
from rebook.domain.replies.clauses import PICKS, Clause, clauses
from rebook.domain.replies.meaning import Asked, Meaning, Offered, Understood
from rebook.domain.replies.opt_out import opt_out
from rebook.domain.replies.plain import plain
from rebook.domain.replies.wishes import Wish
from rebook.domain.replies.wishing import timed, wish

_UNCLEAR = Understood(Meaning.UNCLEAR, "no rule", confidence=0.0)
_MOVES = re.compile(
    r"\b(?:re-?schedul\w*|re-?book\w*|instead|another|different|move|change|switch|reprogram\w*"
    r"|cambiar\w*|mover\w*"
    r"|otr[oa] (?:hora|cita|fecha|momento|horario)|(?<!del )otro dia|reagend\w*)\b"
)
_NOT_MOVED = re.compile(
    r"\b(?:not|no|never|without|nor|sin)(?: (?!but\b|just\b)[\w']+){0,3}? (?:re-?schedul\w*|re-?book\w*"
    r"|mov(?:e|ing) it|chang(?:e|ing) it|another|different|reprogram\w*|reagend\w*|cambiar\w*|mover\w*"
    r"|otr[oa] (?:hora|cita|fecha|momento|horario|dia))"
)
_ABOUT_IT = re.compile(
    r"\b(?:can|could) (?:we|you|i)\b|\bhow about\b|\bwhat about\b|\bdo you have\b|\bis there\b"
    r"|\bmejor\b|\bpuede ser\b"
)


def interpret(text: str, asked: Asked) -> Understood:
    """Never fails and never picks what was not offered."""
    written = mail.newly_written(text, asked.channel)
    if mail.is_reaction(written):
        return replace(_UNCLEAR, rule="a reaction to our text")
    words = plain(mail.without_our_words(written))
    if not words:
        return replace(_UNCLEAR, rule="nothing written")
    if asked.channel == "email" and mail.is_automatic(written):
        return replace(_UNCLEAR, rule="an automatic answer")
    if (rule := opt_out(words)) is not None:
        return Understood(Meaning.OPT_OUT, rule, confidence=1.0 if rule == "carrier word" else 0.95)
    return _without_opt_out(words, asked)


def _without_opt_out(words: str, asked: Asked) -> Understood:
    first = intents.said(words, Meaning.OPT_IN, Meaning.HELP, Meaning.WRONG_PERSON)
    if first is not None:
        return Understood(first[0], first[1], confidence=0.9)
    found = clauses(words)
    for clause in found:
        clause.tokens = timed(clause.tokens, asked)
    positive = [clause for clause in found if not clause.negative]
    wanted = wish(positive, asked)
    picks.by_day_of_month(positive, asked, wanted)
    picked = _picked(words, found, positive, wanted, asked)
    if picked is not None:
        return picked
    return _stated(words, found, wanted, asked)


def _picked(
    words: str, found: list[Clause], positive: list[Clause], wanted: Wish, asked: Asked
) -> Understood | None:
    named = picks.codes(positive, asked)
    if (
        named is None
        or not asked.offered
        or wanted.doubtful
        or not picks.certain(found, words, asked)
    ):
        return None
    if named:
        return _by_code(named, wanted, asked)
    if not wanted.said or not wanted.pointed:
        return None
    met = [slot for slot in asked.offered if wanted.meets(slot, asked)]
    if len(met) != 1 or len(wanted.spans) > 1 or len(wanted.clocks) > 1:
        return None
    against = wish([clause for clause in found if clause.negative], asked)
    if against.said and against.meets(met[0], asked):
        return None
    rule = "an hour that one slot starts at" if wanted.clocks else "a day or part that one slot has"
    return Understood(Meaning.ACCEPT, rule, met[0].code, confidence=0.95)


def _by_code(named: list[Offered], wanted: Wish, asked: Asked) -> Understood | None:
    if len(named) != 1 or (wanted.said and not (wanted.pointed and wanted.meets(named[0], asked))):
        return None
    return Understood(Meaning.ACCEPT, "number of a slot", named[0].code, confidence=0.98)


def _stated(words: str, found: list[Clause], wanted: Wish, asked: Asked) -> Understood:
    """Not a choice: what the client says of themselves, then the wish, then yes and no."""
    stated = intents.said(words, Meaning.ALREADY, Meaning.CALL_ME, Meaning.LATER, Meaning.WITHDRAW)
    named = any(clause.has(*PICKS) for clause in found)
    if stated and not _would_move(stated, words, wanted):
        return Understood(stated[0], stated[1], confidence=0.85)
    if courtesies.is_question(words, dated=wanted.said or named):
        return Understood(Meaning.QUESTION, "asks something else", confidence=0.75)
    if wanted.said:
        return _wish(found, wanted, asked)
    return _undated(words, found, asked)


def _would_move(stated: tuple[Meaning, str], words: str, wanted: Wish) -> bool:
    """`Cancel it, can we do Friday instead?` wants another time, not none."""
    if stated[0] is not Meaning.WITHDRAW:
        return False
    moves = stated[1] == intents.CANCELS and _MOVES.search(_NOT_MOVED.sub(" ", words)) is not None
    return moves or (wanted.said and ("?" in words or _ABOUT_IT.search(words) is not None))


def _wish(found: list[Clause], wanted: Wish, asked: Asked) -> Understood:
    if wanted.doubtful:
        return replace(_UNCLEAR, rule="a date that can be read two ways")
    narrow = not wanted.open and not any(span.kind in ("week", "month") for span in wanted.spans)
    if narrow and any(wanted.meets(slot, asked) for slot in asked.offered):
        return replace(_UNCLEAR, rule="may be one of the times offered")
    if any(clause.mentions and clause.has(*PICKS) for clause in found):
        named = picks.codes([clause for clause in found if not clause.negative], asked)
        if named:
            return replace(_UNCLEAR, rule="a choice and another time")
    wanted.without(wish([clause for clause in found if clause.negative], asked))
    window = wanted.window(asked)
    return Understood(Meaning.PREFER, "a day or hour of their own", window=window, confidence=0.8)


def _undated(words: str, found: list[Clause], asked: Asked) -> Understood:
    if _any_but(found):
        return Understood(Meaning.PREFER, "any time but", confidence=0.6)
    if courtesies.wants_another(words):
        return Understood(Meaning.PREFER, "another time", confidence=0.75)
    mentions = any(clause.mentions for clause in found)
    if not mentions and courtesies.is_no(words, found):
        return Understood(Meaning.DECLINE, "a no", confidence=0.85)
    if mentions and _refuses_all(found, asked):
        return Understood(Meaning.DECLINE, "a no to every time", confidence=0.8)
    if not mentions and len(asked.offered) == 1 and courtesies.is_yes(words):
        code = asked.offered[0].code
        return Understood(Meaning.ACCEPT, "a yes to the only slot", code, confidence=0.95)
    return _UNCLEAR


def _any_but(found: list[Clause]) -> bool:
    """`Any day but Friday`; `yes but not Friday` stays open."""
    excluded = [clause.tokens[0].text for clause in found if clause.excludes and clause.mentions]
    return any(not text.startswith(("but", "not on")) for text in excluded)


def _refuses_all(found: list[Clause], asked: Asked) -> bool:
    """Only clauses against, and what they name is everything that was offered."""
    against = [clause for clause in found if clause.negative and clause.mentions]
    if not asked.offered or any(clause.mentions and not clause.negative for clause in found):
        return False
    refused = wish(against, asked)
    sharp = refused.said and not (refused.bounded or refused.open or refused.vague)
    return sharp and all(refused.meets(s, asked) for s in asked.offered)
