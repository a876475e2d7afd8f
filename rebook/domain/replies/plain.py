"""A text made comparable: lower case, no accents, one apostrophe, short forms written out."""

import re
import unicodedata

LONGEST = 4_000
_LETTERS = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "“": '"', "”": '"', "„": '"',
                          "«": '"', "»": '"', "–": "-", "—": " - ", "…": "...", "¿": " ", "¡": " ",
                          "\u00a0": " ", "º": "st", "ª": "st"})  # fmt: skip
_UNSEEN = frozenset({"Mn", "Me", "Cf", "Cc"})
_NEGATED = "do does did is are was were would could should have has had ai might must need"
_SHORT: tuple[tuple[str, str], ...] = (
    (r"\b(?:can'?t|cannot|cnt|can t)\b", "can not"),
    (r"\b(?:dnt|donot|dunt|do nt|dont)\b", "do not"),
    (r"\bwo(?:n't|nt|n t)\b", "will not"),
    (rf"\b({_NEGATED.replace(' ', '|')})n'?t\b", r"\1 not"),
    (r"\b(do|does|did|is|would|could) n t\b", r"\1 not"),
    (r"\b(?:i'm|im)\b", "i am"),
    (r"\b(we|you|they)'re\b", r"\1 are"),
    (r"\b(i|we|you|they|he|she|it|that)'ll\b", r"\1 will"),
    (r"\b(i|we|you|they)'ve\b", r"\1 have"),
    (r"\bive\b", "i have"),
    (r"\bill (?=take|do|go|be|have|pick|choose|see|let|call|get|come|make|check|need|text|try)",
     "i will "),
    (r"\b(any|none|neither|either|not one|all)( of)? the (?:[2-9]|two|three|four|five|six)\b"
     r"(?! ?(?:o'?clock|[ap]m|:|st\b))", r"\1 of them"),
    (r"\b(ningun[oa]|cualquiera) de l[ao]s (?:[2-9]|dos|tres|cuatro|cinco|seis)\b(?! ?(?:[ap]m|:|y))",
     r"\1 de ellas"),
    (r"(?<![\w])ta (?=bien|perfecto|genial|bueno)", "esta "),
    (r"\b(i|we|you|they|he|she)'d\b", r"\1 would"),
    (r"\b(who|what|where|when|why|how)'?s\b", r"\1 is"),
    (r"\b(it|that|there|this|he|she)'s\b", r"\1 is"),
    (r"\b(thats|theres)\b", "that is"),
    (r"\blet's\b", "lets"),
    (r"\bu\b", "you"),
    (r"\bur\b", "your"),
    (r"\br\b", "are"),
    (r"\b(?:plz|pls|plse|pleas|plaese)\b", "please"),
    (r"\b(?:thx|thnx|tks|thanx|tysm|ty)\b", "thanks"),
    (r"\bw/ ?", "with "),
    (r"\b(?:txt|txts)\b", "text"),
    (r"\btxt(ing|s|ed)\b", r"text\1"),
    (r"\b(?:msgs?|mssgs?)\b", "message"),
    (r"\bmsging\b", "messaging"),
    (r"\b(?:appt|apt|appointmnt|apointment|appoinment|appointmet)\b(?! ?#?\d)", "appointment"),
    (r"\bgonna\b", "going to"),
    (r"\bwanna\b", "want to"),
    (r"\bgotta\b", "have to"),
    (r"\b(works?|good|fine|ok|great|perfect) 4 (me|us)\b", r"\1 for \2"),
    (r"\bb4\b", "before"),
    (r"\b(?:okay|okey|okie|oki|okk|kk|okey dokey)\b", "ok"),
    (r"\bx ?(?:favor|fa)\b|\bporf[ai]\w*|\bxfa\b|\bpor fa\b", "por favor"),
    (r"\bq\b", "que"),
    (r"\bxq\b|\bporq\b", "porque"),
    (r"\b(?:um+|uh+|er+m?|hmm+|este\.\.\.)\b", " "),
    (r"\b([ap])\.? ?m\b\.?(?= |$|[,;!?)])", r"\1m"),
)  # fmt: skip
_RULES = [(re.compile(pattern), with_) for pattern, with_ in _SHORT]


def plain(text: str) -> str:
    """Emoji stay; a skin tone and what only decorates a digit go."""
    letters = unicodedata.normalize("NFD", text[:LONGEST].translate(_LETTERS).lower())
    kept = "".join(_visible(letter) for letter in letters)
    for rule, with_ in _RULES:
        kept = rule.sub(with_, kept)
    kept = re.sub(r"[ \t]+", " ", kept)
    return re.sub(r"\s*\n\s*", "\n", kept).strip().rstrip(".!,; \n")


def _visible(letter: str) -> str:
    if letter in "\n\t":
        return letter
    if unicodedata.category(letter) in _UNSEEN or "\U0001f3fb" <= letter <= "\U0001f3ff":
        return ""
    return letter


def squeezed(text: str) -> str:
    """The letters and digits alone, as carriers compare a keyword."""
    return re.sub(r"[\W_]", "", text)
