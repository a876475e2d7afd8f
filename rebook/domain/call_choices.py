"""What a caller's keys and words pick. Words that fit two choices pick none: the caller is asked again."""

import re
import unicodedata
from collections.abc import Mapping
from difflib import SequenceMatcher

SURE = 0.8
NUMBERS = {
    "0": "zero cero",
    "1": "one uno una first primera",
    "2": "two dos second segunda",
    "3": "three tres third tercera",
}
PERSON = "person|human|operator|someone|somebody|agent|persona|alguien|operadora?|agente"
LANGUAGE = {"1": r"english|ingles", "2": r"spanish|espanol"}
MENU = {
    "1": r"new times?|other times?|another time|different time|move|moving|resched\w*|change"
    r"|otras? horas?|cambi\w*|mover\w*|nueva hora",
    "2": r"keep|stands?|(?:i will|i'll|i am|i'm) (?:come|coming|be there)|mantener\w*|dejar\w*|quedarme"
    r"|voy a ir",
    "3": r"cancel\w*|no longer|do not need|don't need|anular\w*|ya no",
    "0": PERSON,
}
YES_NO = {
    "1": r"yes|yeah|yep|correct|right|book it|si|correcto|claro",
    "2": r"no|nope|wrong|back|other times?|volver|otras? horas?",
}


def pick(keys: str, speech: str, choices: Mapping[str, str]) -> str:
    """The one choice that was meant, or nothing."""
    if keys:
        return keys if keys in choices else ""
    words = plain(speech)
    found = [name for name, pattern in choices.items() if re.search(rf"\b(?:{pattern})\b", words)]
    if not found:
        found = [name for name in choices if words in NUMBERS.get(name, "").split()]
    return found[0] if len(found) == 1 else ""


def wants_a_person(keys: str, speech: str) -> bool:
    return keys in ("0", "00") or bool(re.search(rf"\b(?:{PERSON})\b", plain(speech)))


def is_named(speech: str, name: str) -> bool:
    """Did the caller say this first name? Names are heard as other spellings of themselves."""
    wanted = plain(name)
    if len(wanted) < 2:
        return False
    return any(
        SequenceMatcher(None, word, wanted).ratio() >= SURE for word in plain(speech).split()
    )


def plain(text: str) -> str:
    """Lower case, no accents, and no marks but the apostrophe."""
    bare = unicodedata.normalize("NFD", text.casefold().replace("’", "'"))
    letters = "".join(c for c in bare if not unicodedata.combining(c))
    return " ".join(re.sub(r"[^\w' ]", " ", letters).split())
