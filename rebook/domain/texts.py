"""The texts clients get, by purpose and language. Every `{field}` is made safe before it is put in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from html import escape

from rebook.domain.languages import english, spanish


class Purpose(StrEnum):
    OFFER_SMS = "offer_sms"
    OFFER_EMAIL = "offer_email"
    LAST_SMS = "last_sms"
    TAKEN_SMS = "taken_sms"
    TAKEN_EMAIL = "taken_email"
    BOOKED_SMS = "booked_sms"
    BOOKED_EMAIL = "booked_email"
    TOO_LATE_SMS = "too_late_sms"
    LATE_SMS = "late_sms"
    BY_LINK_SMS = "by_link_sms"
    BY_LINK_EMAIL = "by_link_email"
    LINK_SMS = "link_sms"
    LINK_EMAIL = "link_email"
    ANSWER_SMS = "answer_sms"
    ANSWER_EMAIL = "answer_email"


class Answer(StrEnum):
    """What we say to words of a client's own; each has a sentence, sent by text or by mail."""

    WISH = "wish"
    NEAREST = "nearest"
    TOO_FAR = "too_far"
    TOO_SOON = "too_soon"
    ASK_DAY = "ask_day"
    DECLINED = "declined"
    UNCLEAR = "unclear"
    WITHDRAWN = "withdrawn"
    CALL = "call"
    TO_STAFF = "to_staff"
    HELP = "help"
    WELCOME_BACK = "welcome_back"


DEFAULTS: dict[str, str] = {
    **english.TEXTS,
    **{f"es.{name}": words for name, words in spanish.TEXTS.items()},
}
"""By the names an operator may change: a Spanish text is called like the English one, after `es.`."""


PLAIN = str.maketrans(
    {"’": "'", "‘": "'", "ʻ": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...",
     "\u00a0": " ", "\u202f": " "}
)  # fmt: skip

UNACCENTED = str.maketrans("áíóúÁÍÓÚçÇ", "aiouAIOUcC")
"""GSM-7 has é, ñ and ü, and not these: one of them would make a text of 70 characters of one of 160."""


@dataclass(frozen=True)
class Written:
    """A message as it will be sent; `subject` and `html` are empty in a text message."""

    text: str
    subject: str = ""
    html: str = ""


def unnamed(language: str) -> str:
    """What a visit is called whose platform gives it no name."""
    return DEFAULTS[_in(language, "service")]


class _Blank(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""


def write(
    purpose: Purpose,
    fields: Mapping[str, str],
    changed: Mapping[str, str],
    *,
    cause: str,
    answer: Answer | None = None,
    language: str = "en",
    one_way: bool = False,
) -> Written:
    """Fill the operator's text for `purpose`, or ours where they changed nothing.

    `one_way`: whoever gets it cannot answer it, so that it must not ask them to.
    """
    texts = {**DEFAULTS, **changed}
    safe: dict[str, str] = _Blank(fields)

    def fill(name: str) -> str:
        return _fill(_in(language, name), texts, safe)

    safe["lost"] = fill(f"lost.{cause}" if f"lost.{cause}" in texts else "lost.cancelled")
    safe["greeting"] = fill("greeting") if safe["name"] else ""
    safe["call_us"] = fill("call_us") if safe["phone"] else ""
    safe["answer"] = fill(f"answer.{answer}") if answer else ""
    unanswered = f"{purpose}.one_way"
    body = fill(unanswered if one_way and unanswered in DEFAULTS else purpose)
    if not purpose.endswith("_email"):
        return Written(text=_sentence(body).translate(UNACCENTED))
    return Written(
        text=_sentence(body), subject=fill(f"{purpose}.subject"), html=_html(body, safe["link"])
    )


def _in(language: str, name: str) -> str:
    """The text's name in a language; in English where it has none of its own."""
    own = f"{language}.{name}"
    return own if own in DEFAULTS else name


def _fill(name: str, texts: Mapping[str, str], fields: Mapping[str, str]) -> str:
    """An operator's text whose braces do not fit must not keep a client waiting: ours is sent."""
    try:
        return texts[name].format_map(fields)
    except (ValueError, TypeError, LookupError, AttributeError):
        return DEFAULTS[name].format_map(fields)


def _sentence(text: str) -> str:
    """Typographic marks that would double the price of a text are set plain."""
    return text.translate(PLAIN)


def _html(body: str, link: str) -> str:
    paragraphs = [
        "<p>" + escape(part).replace("\n", "<br>") + "</p>" for part in body.split("\n\n") if part
    ]
    page = "\n".join(paragraphs)
    if link:
        shown = escape(link)
        page = page.replace(shown, f'<a href="{shown}">{shown}</a>')
    return page


def choices(slots: Sequence[tuple[int, str]]) -> str:
    """`1 = Tue 24 Nov, 2:00 pm`, one a line."""
    return "\n".join(f"{code} = {shown}" for code, shown in slots)
