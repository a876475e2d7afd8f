"""What the client newly wrote: without quoted mail, signature, or a reaction that quotes our text."""

import re

LONGEST = 60_000
"""Longer mails are quotations and notices below what was newly written."""

_DATED = r"(?:\d:\d\d|@|\b20\d\d\b|\d/\d)"
"""What a mail program writes above a quotation and a sentence that begins alike does not hold."""
_QUOTE_STARTS = re.compile(
    r"^\s*(?:-{2,}\s*(?:original message|mensaje original|forwarded message"
    r"|mensaje reenviado)\s*-{2,}"
    r"|_{10,}|begin forwarded message:"
    rf"|(?:on|el)\b(?=[^\n]*{_DATED})[^\n]{{4,200}}?\b(?:wrote|escribi[oó]):"
    rf"|(?:on|el)\b(?=(?:[^\n]*\n){{0,2}}?[^\n]*{_DATED})[^\n]{{4,200}}(?<![.!?])"
    r"(?:\n(?!\s*(?:on|el)\b)[^\n]{0,120}){1,3}?\b(?:wrote|escribi[oó]):"
    r"|20\d\d-\d\d-\d\d \d\d?:\d\d[^\n<]{0,100}<[^\n>]{1,100}>:[ \t]*$"
    r"|[^\n<>]{0,60}<[^\s<>@]{1,80}@[^\s<>]{1,80}>\)?,?\s{0,2}(?:wrote|escribi[oó])[^\n]{0,60}:[ \t]*$"
    r"|\*?(?:from|de)\*?:[^\n]+\n\s*\*?(?:sent|date|to|cc|enviado(?: el)?|enviada|fecha|para"
    r"|subject|asunto)\*?:)",
    re.IGNORECASE | re.MULTILINE,
)  # fmt: skip
_SIGNATURE = re.compile(
    r"^\s*(?:--\s*$|sent from\b|sent via\b|enviado desde\b|enviado con\b|get outlook\b"
    r"|obtener outlook\b"
    r"|(?:(?:best|kind|warm|many)?\s*regards|best wishes|best|sincerely|cheers|mahalo|aloha"
    r"|(?:un |mis )?(?:cordial(?:es)? )?saludos?(?: cordial(?:es)?)?|atentamente"
    r"|cordialmente)[,.!]?\s*$"
    r"|[^\w\n]{0,3}(?:(?:e-?mail )?(?:confidentiality|privacy|legal) (?:notice|statement|disclaimer)"
    r"|confidential\w*\b.*confiden|disclaimer:|aviso (?:legal|de (?:confidencialidad|privacidad))"
    r"|(?:cl[aá]usula|nota) de confidencialidad|protecci[oó]n de datos"
    r"|(?:the information (?:contained )?in )?(?:this|est[ae]) (?:e-?mail|message|transmission"
    r"|communication|mensaje|correo|comunicaci[oó]n)\b.*(?:confiden|privileged|(?<!not )intended (?:only"
    r"|solely|exclusively)|dirigid[oa] (?:exclusiva|[uú]nica))"
    r"|if you are not the (?:intended|named) (?:recipient|addressee)"
    r"|si (?:usted )?no es (?:usted )?el destinatario"
    r"|(?:en cumplimiento de|de conformidad con|de acuerdo con)\b.*(?:protecci[oó]n de datos|rgpd|lopd)"
    r"|(?:please )?consider the environment|antes de imprimir))",
    re.IGNORECASE | re.MULTILINE,
)  # fmt: skip
"""What ends the words of a mail; the notices that law firms and offices add are not the client's."""
_THANKS_AND_NAME = re.compile(
    r"\n\s*(?:thanks|thank you|many thanks|gracias|muchas gracias)[,.!]*\s*\n\s*[^\n]{1,40}\s*"
    r"(?:\n[^\n]{0,80}){0,4}$",
    re.IGNORECASE,
)
_REACTION = re.compile(
    r"^\s*(?:liked|loved|disliked|laughed at|emphasi[sz]ed|questioned|removed an? [\w ]+ from"
    r"|reacted [^\"“]{1,20} to|le gust[oó]|le encant[oó]|no le gust[oó]|se ri[oó] de"
    r"|(?:enfatiz|cuestion)[oó]|reaccion[oó] [^\"“]{0,25}a|[^\w\s]{1,8} (?:to|a)) [\"“„«]",
    re.IGNORECASE,
)
"""Phones tell a reaction to a text as a text that quotes it: iMessage in words, Android by the emoji."""
_AUTOMATIC = re.compile(
    r"\b(?:auto(?:matic|mated|matica|mated)?[ -]?(?:reply|response|responder)"
    r"|out of (?:the )?office"
    r"|respuesta autom[aá]tica|fuera de la oficina|(?:limited"
    r"|no) access to (?:my )?(?:e-?)?mail|could(?:n[’']t| not) be delivered"
    r"|(?:undeliverable|delivery (?:status|has failed)|mail delivery))\b",
    re.IGNORECASE,
)


_OUR_WORDS = re.compile(
    r"[\"“„«](?=[^\"”“»]*\s)(?=[^\"”“»]*(?:\d|\breply\b|\bopt out\b|\brespond))[^\"”“»]*[\"”“»]",
    re.IGNORECASE,
)


def is_reaction(text: str) -> bool:
    return _REACTION.match(text) is not None


def without_our_words(text: str) -> str:
    """A client who quotes our text does not say what stands in it."""
    return _OUR_WORDS.sub(" ", text)


def is_automatic(text: str) -> bool:
    """An absence notice or a bounce: nobody read our mail."""
    return _AUTOMATIC.search(text) is not None


def newly_written(text: str, channel: str) -> str:
    """The words above the quoted mail, or below it where nothing stands above."""
    lines = _tidied(text)
    if channel != "email":
        return _without_signature(lines)
    found = _QUOTE_STARTS.search(lines)
    above = lines[: found.start()] if found else lines
    words = _without_signature(_unquoted(above))
    if words or found is None:
        return words
    return _unquoted_only(lines[found.start() :])


def _tidied(text: str) -> str:
    """One kind of line end, and no long runs of blank lines, which make every search slow."""
    lines = text[:LONGEST].replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in lines))


def _unquoted(text: str) -> str:
    return "\n".join(line for line in text.split("\n") if not line.lstrip().startswith(">")).strip()


def _unquoted_only(rest: str) -> str:
    """An answer written below: only where the quoted lines are marked can it be told from them."""
    lines = rest.split("\n")
    last = max((n for n, line in enumerate(lines) if line.lstrip().startswith(">")), default=None)
    return "" if last is None else _without_signature(_unquoted("\n".join(lines[last + 1 :])))


def _without_signature(text: str) -> str:
    found = _SIGNATURE.search(text)
    words = text[: found.start()] if found and text[: found.start()].strip() else text
    return _THANKS_AND_NAME.sub("\nthanks", words).strip()
