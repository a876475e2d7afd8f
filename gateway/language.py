"""The language of a page: the one that was pressed, else the client's own, else the browser's."""

from fastapi import Request, Response

from gateway import browser
from gateway.settings import GatewaySettings
from gateway.words import LANGUAGES, Words

COOKIE = "lang"


def of(request: Request, settings: GatewaySettings, known: str = "") -> Words:
    kept = request.cookies.get(browser.cookie_name(settings, COOKIE), "")
    for language in (pressed(request), kept, known):
        if language in LANGUAGES:
            return Words(language)
    return Words(_of_browser(request.headers.get("accept-language", "")))


def pressed(request: Request) -> str:
    asked = request.query_params.get("lang", "")
    return asked if asked in LANGUAGES else ""


def remember(request: Request, response: Response, settings: GatewaySettings) -> None:
    """What was pressed once counts for every page."""
    if language := pressed(request):
        browser.set_cookie(response, settings, language, COOKIE)


def _of_browser(header: str) -> str:
    """The first of its languages that we speak."""
    asked = [part.partition(";")[0].strip()[:2].lower() for part in header[:200].split(",")]
    return next((language for language in asked if language in LANGUAGES), "en")
