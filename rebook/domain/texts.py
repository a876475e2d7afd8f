"""The texts clients get, by purpose. Every `{field}` is made safe before it is put in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from html import escape


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


DEFAULTS: dict[str, str] = {
    "lost.client_cancelled": "your {service} on {old} was cancelled",
    "lost.noshow": "we missed you on {old}",
    "lost.failed_access": "we could not get in on {old}",
    "lost.our_fault": "we are sorry that we had to cancel your {service} on {old}",
    "lost.weather": "the weather kept us from your {service} on {old}",
    "lost.cancelled": "your {service} on {old} was cancelled",
    "lost.stands": "we have news of your {service} on {old}",
    "offer_sms": "{business}: {greeting}{lost}. New times:\n{choices}\nReply with the number, or choose here:"
    " {link}\nReply STOP to opt out.",
    "last_sms": "{business}: we can still find you a new time for your {service}: {link}\n"
    "Reply STOP to opt out.",
    "taken_sms": "{business}: sorry, that time has just been taken. These are free:\n{choices}\n"
    "Reply with the number, or choose here: {link}",
    "booked_sms": "{business}: booked! {service}, {when}. See you then. Details: {link}",
    "too_late_sms": "{business}: your {service} is booked for {when}. If that does not suit you, call"
    " {phone}.",
    "late_sms": "{business}: sorry, we are running late for your {service} on {old}. We are on our way."
    " Questions? {phone}\nReply STOP to opt out.",
    "offer_email.subject": "New times for your {service}",
    "offer_email": "Hello{comma_name},\n\n{lost}. These times are held for you:\n\n{choices}\n\n"
    "Choose one here: {link}\n\nTo hear no more from us about this, answer STOP.\n\n{business}",
    "taken_email.subject": "That time was taken: here are others",
    "taken_email": "Hello{comma_name},\n\nsomeone was faster, sorry. These times are held for you now:\n\n"
    "{choices}\n\nChoose one here: {link}\n\n{business}",
    "booked_email.subject": "Booked: {when}",
    "booked_email": "Hello{comma_name},\n\nyour {service} is booked for {when}.\n\n{place}\n\n"
    "You can see it here: {link}\n\n{business}",
}


PLAIN = str.maketrans(
    {"’": "'", "‘": "'", "ʻ": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...",
     "\u00a0": " ", "\u202f": " "}
)  # fmt: skip


@dataclass(frozen=True)
class Written:
    """A message as it will be sent; `subject` and `html` are empty in a text message."""

    text: str
    subject: str = ""
    html: str = ""


class _Blank(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""


def write(
    purpose: Purpose, fields: Mapping[str, str], changed: Mapping[str, str], *, cause: str
) -> Written:
    """Fill the operator's text for `purpose`, or ours where they changed nothing."""
    texts = {**DEFAULTS, **changed}
    safe: dict[str, str] = _Blank(fields)
    lost = f"lost.{cause}" if f"lost.{cause}" in texts else "lost.cancelled"
    safe["lost"] = _fill(lost, texts, safe)
    body = _fill(purpose, texts, safe)
    if not purpose.endswith("_email"):
        return Written(text=_sentence(body))
    subject = _fill(f"{purpose}.subject", texts, safe)
    return Written(text=_sentence(body), subject=subject, html=_html(body, safe["link"]))


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
