"""A1 notation: `Tab`, `'Tab'!A1`, `'Tab'!A1:C5`, `'Tab'!2:9`, `'Tab'!A:C`."""

import re
from dataclasses import dataclass

from sandbox.google_sheets.errors import invalid

RANGE = re.compile(r"([A-Z]*)([0-9]*)(?::([A-Z]*)([0-9]*))?")


@dataclass(frozen=True)
class Range:
    """Rows and columns from 1, the last ones included."""

    top: int
    left: int
    bottom: int
    right: int


def parse(text: str, tab: str, rows: int, columns: int) -> Range:
    """Raises Google's 400 for another tab, for what is no range, and for what lies outside the grid."""
    sheet, _, cells = text.rpartition("!") if "!" in text else (text, "", "")
    if sheet.strip("'").replace("''", "'") != tab:
        raise invalid(f"Unable to parse range: {text}")
    match = RANGE.fullmatch(cells.upper())
    if match is None:
        raise invalid(f"Unable to parse range: {text}")
    left, top, right, bottom = match.groups()
    single = ":" not in cells and cells != ""
    found = Range(
        int(top or 1),
        number(left) or 1,
        int(bottom or (top if single else rows)),
        number(right or "") or (number(left) if single else columns),
    )
    if found.top > rows or found.left > columns:
        raise invalid(
            f"Range ({text}) exceeds grid limits. Max rows: {rows}, max columns: {columns}"
        )
    return found


def number(letters: str) -> int:
    """A is 1, Z is 26, AA is 27; no letters are 0."""
    found = 0
    for letter in letters:
        found = found * 26 + ord(letter) - 64
    return found


def letters(column: int) -> str:
    shown = ""
    while column:
        column, rest = divmod(column - 1, 26)
        shown = chr(65 + rest) + shown
    return shown


def named(tab: str, found: Range) -> str:
    return f"{tab}!{letters(found.left)}{found.top}:{letters(found.right)}{found.bottom}"
