"""Turns what the ledger says into pages. Whatever a client or vendor wrote is text and nothing else."""

import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from rebook.domain import clock, wording

OWN_PAGES_ONLY = {"Referrer-Policy": "same-origin"}
"""With `no-referrer` browsers send a form with `Origin: null`."""


LONGEST = 5000


def plain(value: object) -> object:
    """Lines stay; control characters and those that turn the reading direction go."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    shown = "".join(c for c in value if c == "\n" or unicodedata.category(c) not in UNSEEN)
    return shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}…"


UNSEEN = ("Cc", "Cf", "Co", "Cs")


def moment(instant: datetime | None, zone: str) -> str:
    return wording.short(instant, zone) if instant else ""


def waited(since: datetime) -> str:
    """`3 days`, `2 hours`, `5 minutes`"""
    passed = clock.now() - since
    for unit, length in UNITS:
        if passed >= length:
            number = passed // length
            return f"{number} {unit}{'s' if number > 1 else ''}"
    return "a moment"


UNITS = (
    ("day", timedelta(days=1)),
    ("hour", timedelta(hours=1)),
    ("minute", timedelta(minutes=1)),
)
PAGES = Environment(
    loader=PackageLoader("office"),
    autoescape=True,
    undefined=StrictUndefined,
    finalize=plain,
    trim_blocks=True,
    lstrip_blocks=True,
)
PAGES.filters |= {"moment": moment, "waited": waited}
STYLE = files("office").joinpath("static", "office.css").read_bytes()


def page(
    template: str, status: int = 200, *, headers: Mapping[str, str] | None = None, **values: Any
) -> HTMLResponse:
    """`visit` is who is signed in, where somebody is."""
    values = {"visit": None, **values}
    html = PAGES.get_template(f"{template}.html").render(values)
    return HTMLResponse(html, status, {**OWN_PAGES_ONLY, **(headers or {})})
