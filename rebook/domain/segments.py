"""What a text message costs: its alphabet and into how many parts it is cut on its way."""

from dataclasses import dataclass

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The default alphabet of 3GPP TS 23.038; what it lacks turns the whole message into UCS-2."""
EXTENSION = frozenset("\f^{}\\[~]|€")
"""Written as two characters, which may not be torn apart."""


@dataclass(frozen=True)
class Segments:
    """`units` are septets in GSM-7 and 16-bit units in UCS-2."""

    encoding: str
    units: int
    count: int


def segments(text: str) -> Segments:
    if all(c in BASIC or c in EXTENSION for c in text):
        widths = [2 if c in EXTENSION else 1 for c in text]
        return _cut("GSM-7", widths, single=160, part=153)
    widths = [2 if ord(c) > 0xFFFF else 1 for c in text]
    return _cut("UCS-2", widths, single=70, part=67)


def _cut(encoding: str, widths: list[int], *, single: int, part: int) -> Segments:
    """A character of two units goes whole into the next part."""
    units = sum(widths)
    if units <= single:
        return Segments(encoding, units, 1)
    count, used = 1, 0
    for width in widths:
        if used + width > part:
            count, used = count + 1, 0
        used += width
    return Segments(encoding, units, count)
