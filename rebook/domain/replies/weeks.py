"""`Not next week, the one after`: a week named only by the one that is refused, written out."""

import re

_THIS = r"(?:this (?:week|wk)|esta semana)"
_NEXT = (
    r"(?:next (?:week|wk)|semana que (?:viene|entra)|proxima semana|semana (?:proxima|entrante))"
)
_NO = (
    r"\b(?:no|not|nope|nah|away|busy|out|full|gone|bad|unavailable|travell?ing|imposible|fuera"
    r"|ocupad[oa]s?|de viaje|tampoco)\b"
)
_THEN = (
    r"(?:the (?:one|week) after(?: that| it)?(?: one)?|the following(?: (?:one|week))?"
    r"|the next(?: one)?|(?:a )?la (?:semana )?(?:siguiente|otra|proxima|que viene|que entra|que le sigue"
    r"|que sigue|de despues))"
)
_END = (
    r"(?=\s*(?:$|[,.;!?\n]|(?:please|por favor|porfa|would|is|works?|if|si|me|mejor|instead|then|gracias"
    r"|thanks|better|maybe|any|cualquier)\b))"
)


def _after(week: str) -> re.Pattern[str]:
    refused = rf"(?:\b{week}\b[^.;?\n]{{0,40}}?{_NO}|{_NO}[^.;?\n]{{0,25}}?\b{week})"
    return re.compile(rf"({refused}[^?\n]{{0,40}}?[ ,.;]){_THEN}{_END}")


_AFTER_NEXT, _AFTER_THIS = _after(_NEXT), _after(_THIS)


def named(words: str) -> str:
    """The words with `the one after` replaced by the week it is."""
    if "week" not in words and "semana" not in words and "wk" not in words:
        return words
    words = _AFTER_NEXT.sub(r"\1, week after next ", words)
    return _AFTER_THIS.sub(r"\1, next week ", words)
