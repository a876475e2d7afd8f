"""What reading any vendor's answer needs: doubt becomes `VendorFault`, and no vendor word is quoted."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import phonenumbers

from connectors.errors import Refused, VendorFault

EMAIL = re.compile(r"[^\s<>:;,\"]+@[^\s<>:;,\"]+\.[^\s<>:;,\"]+")
MALFORMED = (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError)


@contextmanager
def documented() -> Iterator[None]:
    """An answer that is not of the documented shape is the vendor's fault, not a crash of ours."""
    try:
        yield
    except MALFORMED:
        raise VendorFault("the platform's answer is not what it documents") from None


def instant(value: str) -> datetime:
    """An ISO 8601 instant in UTC. A time without an offset is refused with `ValueError`."""
    read = datetime.fromisoformat(value)
    if read.tzinfo is None:
        raise ValueError("a time without an offset")
    return read.astimezone(UTC)


def known_zone(*names: object) -> str:
    """The first of the names that is an IANA zone here, else UTC."""
    for name in names:
        if isinstance(name, str) and name and _is_zone(name):
            return name
    return "UTC"


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return False
    return True


def e164(phone: str, region: str) -> str:
    """A phone number as +18085550123, or an empty string where it cannot be one."""
    try:
        number = phonenumbers.parse(phone, region)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def phone_in(text: str, region: str) -> str:
    """The first phone number that stands in a text, or an empty string."""
    for match in phonenumbers.PhoneNumberMatcher(
        text, region, leniency=phonenumbers.Leniency.POSSIBLE
    ):
        return e164(match.raw_string, region)
    return ""


def email_in(text: str) -> str:
    """The first e-mail address that stands in a text, or an empty string."""
    found = EMAIL.search(text)
    return found.group() if found else ""


def short_code(value: object) -> str:
    """A vendor's short error code, or nothing: sentences may hold people's data and are dropped."""
    text = value if isinstance(value, str) else ""
    fits = 0 < len(text) <= 64 and text.isascii() and text.replace("_", "").isalnum()
    return text if fits else ""


def pairs(setting: str) -> dict[str, str]:
    """A setting of the form `a=b, c=d`."""
    split = (part.partition("=") for part in setting.split(","))
    return {
        name.strip(): value.strip() for name, _, value in split if name.strip() and value.strip()
    }


def whole_number(settings: Mapping[str, str], name: str, default: int) -> int:
    """A setting that counts something. Raises `Refused` for one that does not."""
    value = settings.get(name, "").strip()
    if not value:
        return default
    if not (value.isascii() and value.isdigit() and len(value) <= 9):
        raise Refused(f"the setting {name} is not a number", code="bad_setting")
    return int(value)


def json_of(body: bytes | str) -> Any:
    """The JSON of a stored body, or None where it is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def form_of(body: bytes | str) -> dict[str, str]:
    """The fields of a form or a query string, the first of each name; a broken one has none."""
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
    return dict(reversed(parse_qsl(text, keep_blank_values=True)))


def words(setting: str) -> frozenset[str]:
    """A setting that lists words, compared without regard to case."""
    return frozenset(word.strip().casefold() for word in setting.split(",") if word.strip())
