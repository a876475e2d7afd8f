"""How instants and names are shown to people. What came from outside is made harmless here."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

_UNSAFE = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069<>{}\[\]|\\^~`]")
_LINK = re.compile(r"(?i)\b\S*(://|www\.|\.(com|net|org|io|co|ru|cn|info|biz|xyz|link|ly)\b)\S*")
_JOINED = re.compile(r"(?<=\w)[.。．](?=[^\W\d_])")
"""Phones make a link of any two words joined by a dot."""


SPANISH_DAYS = tuple("lunes martes miércoles jueves viernes sábado domingo".split())
SPANISH_MONTHS = tuple(
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split()
)


def day(instant: datetime, zone: str, language: str = "en") -> str:
    """`Tuesday 24 November`, `martes 24 de noviembre`"""
    local = instant.astimezone(ZoneInfo(zone))
    if language == "es":
        weekday, month = SPANISH_DAYS[local.weekday()], SPANISH_MONTHS[local.month - 1]
        return f"{weekday} {local.day} de {month}"
    return f"{local:%A} {local.day} {local:%B}"


def short_day(instant: datetime, zone: str, language: str = "en") -> str:
    """`Tue 24 Nov`, `mar 24 nov`"""
    local = instant.astimezone(ZoneInfo(zone))
    if language == "es":
        weekday, month = SPANISH_DAYS[local.weekday()], SPANISH_MONTHS[local.month - 1]
        return f"{weekday[:3]} {local.day} {month[:3]}"
    return f"{local:%a} {local.day} {local:%b}"


def hour(instant: datetime, zone: str, language: str = "en") -> str:
    """`2:00 pm`, `14:00`; with its offset in the hour that a change of clocks repeats."""
    local = instant.astimezone(ZoneInfo(zone))
    shown = f"{local.hour % 12 or 12}:{local:%M} {'am' if local.hour < 12 else 'pm'}"
    if language == "es":
        shown = f"{local.hour}:{local:%M}"
    other = local.replace(fold=1 - local.fold)
    if other.utcoffset() != local.utcoffset() and other.astimezone(ZoneInfo("UTC")) != instant:
        shown += f" (UTC{local:%z})" if _is_repeated(local) else ""
    return shown


def _is_repeated(local: datetime) -> bool:
    first, second = (local.replace(fold=fold).utcoffset() for fold in (0, 1))
    return first is not None and second is not None and first > second


def short(instant: datetime, zone: str, language: str = "en") -> str:
    """`Tue 24 Nov, 2:00 pm`, `mar 24 nov, 14:00`"""
    return f"{short_day(instant, zone, language)}, {hour(instant, zone, language)}"


def safe(text: str, longest: int = 40) -> str:
    """A name or service fit for a text message: no links, no control characters, not long."""
    plain = _JOINED.sub(". ", _LINK.sub("", _UNSAFE.sub(" ", text)))
    return re.sub(r"\s+", " ", plain).strip()[:longest].strip()
