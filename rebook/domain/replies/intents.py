"""What a client says about themselves or asks of us, in fixed wordings; no times are read here."""

import re

from rebook.domain.replies import about_the_visit, about_us
from rebook.domain.replies.meaning import Meaning

CANCELS = about_the_visit.CANCELS
_KEPT = re.compile(
    r"\b(?:do not|never|not|did not|no|would not)(?: (?:want|wish|mean|need|like|have|going"
    r"|trying|please|you|to|quiero|vaya|vayan|voy|a|me|la|lo))*"
    r" (?:cancel|cancle|anul)\w*"
)
RULES = [
    (meaning, name, re.compile(pattern))
    for meaning, name, pattern in (*about_us.WORDS, *about_the_visit.WORDS)
]


def said(words: str, *among: Meaning) -> tuple[Meaning, str] | None:
    """The first intent, `among` these, that these plain words state."""
    kept = _KEPT.sub(" ", words)
    for meaning, name, pattern in RULES:
        if meaning in among and pattern.search(kept if meaning is Meaning.WITHDRAW else words):
            return meaning, name
    return None
