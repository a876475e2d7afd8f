"""Text from outside, as it may be shown."""

import unicodedata

from markupsafe import Markup

LONGEST = 300


def plain(value: object) -> object:
    """Without control characters and without those that turn the reading direction; not endless."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    shown = "".join(c for c in value if unicodedata.category(c) not in ("Cc", "Cf", "Co", "Cs"))
    return shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}…"
