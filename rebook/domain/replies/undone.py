"""An opt-out that is not one: the client wants the messages kept, or stopped them by mistake."""

import re

_KEPT = re.compile(
    r"\b(?<!you )(?:do not|never|did not mean to|please not|not want (?:you )?to|not wish to"
    r"|not trying to)"
    r"(?: ever)? (?:stop|unsubscribe|opt out|opt me out|remove me|delete me|take me off|quit|end)"
    r"(?: from (?:the|your) \w+)?(?: (?:text\w*|send\w*|messag\w*|remind\w*|contact\w*|calling"
    r"|writing)(?: me"
    r"| us)?)?(?! (?:getting|receiving) no)"
    r"|\bno me (?:de|den) de baja\b|\bno dej(?:e|en|es) de \w+"
    r"|\bno me dej(?:e|en|es) de \w+"
)
_UNDONE = re.compile(
    r"\b(?:i|we|me|must have|may have|might have) (?:have |just |think |must |may |might |only )*(?:unsub\w*"
    r"|opted out|opt out|(?:hit|sent|texted|text|typed|wrote|said|replied|pressed|put|tapped) (?:the )?"
    r"[\"']?(?:stop|unsubscribe|end|quit|cancel)\b[\"']?)(?: (?!but|and|you|so|please)\w+){0,3}"
    r" (?:by|on|in) (?:mistake|accident|error)\b"
    r"|\b(?:accident\w*|mistakenly|wrongly) (?:unsub\w*|opted out|(?:hit|sent|texted|typed|said|replied"
    r"|pressed) (?:stop|unsubscribe|end|quit|cancel))\b"
    r"|\bme (?:di|he dado|dieron|habia dado|borre|habeis dado) (?:de )?(?:la )?(?:baja )?(?:por error"
    r"|sin querer|por equivocacion|por accidente)|\b(?:puse|mande|escribi|envie|di|he puesto|he mandado)"
    r" (?:a )?[\"']?(?:stop|baja|alto)[\"']? (?:por error|sin querer|por equivocacion|por accidente)"
    r"|\b(?:put|add) (?:me|us) back on (?:the |your )?(?:\w+ )?list\b"
)


def without_undone(words: str) -> str:
    """What is left to be read as an opt-out."""
    return _UNDONE.sub(" ", _KEPT.sub(" ", words))
