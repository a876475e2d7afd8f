"""Turns views into pages. Whatever a vendor or client wrote is text here and nothing else."""

import unicodedata
from importlib.resources import files
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

LONGEST = 300


def plain(value: object) -> object:
    """Without control characters and without those that turn the reading direction; not endless."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    shown = "".join(c for c in value if unicodedata.category(c) not in ("Cc", "Cf", "Co", "Cs"))
    return shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}…"


PAGES = Environment(
    loader=PackageLoader("gateway"),
    autoescape=True,
    undefined=StrictUndefined,
    finalize=plain,
    trim_blocks=True,
    lstrip_blocks=True,
)
STYLE = files("gateway").joinpath("static", "page.css").read_bytes()
VISITS_SCRIPT = files("gateway").joinpath("static", "visits.js").read_bytes()


def page(template: str, status: int = 200, **values: Any) -> HTMLResponse:
    return HTMLResponse(PAGES.get_template(f"{template}.html").render(values), status)
