"""Turns views into pages. Whatever a vendor or client wrote is text here and nothing else."""

from importlib.resources import files
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from gateway.plain import plain
from gateway.words import Words

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


def page(
    template: str, words: Words, status: int = 200, *, here: str = "", **values: Any
) -> HTMLResponse:
    """`here` is the page's own address, where the same is said in the other language."""
    made = PAGES.get_template(f"{template}.html").render(t=words, here=here, **values)
    return HTMLResponse(made, status)
