"""What every page of a client has in common: whose it is, in which language, and what a form may do."""

from dataclasses import dataclass, replace
from typing import Any

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from gateway import browser, language, render, views
from gateway.body import read_body
from gateway.database import Arrival, Database
from gateway.settings import GatewaySettings
from gateway.views import View
from gateway.words import Words
from rebook.domain import clock
from rebook.domain.pageview import open_view, token_hash

FORM_LIMIT = 4096
READING = ["GET", "HEAD"]
REFRESH_SECONDS = 3
REFRESHES = 20
OWN_PAGES_ONLY = {"Referrer-Policy": "same-origin"}
"""On the clean address only. With `no-referrer` browsers send a form with `Origin: null`."""


@dataclass(frozen=True)
class Seen:
    """One look at a page by the holder of its link; `form` is what was sent, if it was a form."""

    request: Request
    token: str
    view: View
    words: Words
    form: dict[str, str]

    def number(self, name: str) -> int:
        return number(self.request.query_params.get(name, ""))

    @property
    def sent(self) -> bool:
        """Robots fill in every field."""
        return not self.form.get("website")


@dataclass(frozen=True)
class Site:
    settings: GatewaySettings
    database: Database

    async def view_of(self, token: str) -> dict[str, Any] | None:
        sealed = await self.database.page(token_hash(token), clock.now()) if token else None
        return open_view(token, sealed) if sealed else None

    async def seen(self, request: Request, cookie: str = "offer") -> Seen | None:
        """None where the browser holds no link, or one that has ended."""
        token = browser.token_of(request, self.settings, cookie)
        raw = await self.view_of(token)
        if raw is None:
            return None
        words = language.of(request, self.settings, str(raw.get("language") or ""))
        return Seen(request, token, views.read(raw, words.language), words, {})

    async def sent(self, request: Request, cookie: str = "offer") -> Seen | None:
        """The same with the form that came. Raises `Refusal` for one that is not our page's."""
        form = await self.form(request)
        seen = await self.seen(request, cookie)
        if seen is None:
            return None
        browser.require_proof(seen.token, form)
        return replace(seen, form=form)

    async def form(self, request: Request) -> dict[str, str]:
        browser.require_own_form(request, self.settings)
        seconds = self.settings.gateway_deadline_seconds
        return browser.read_form(await read_body(request, limit=FORM_LIMIT, seconds=seconds))

    async def store(self, arrival: Arrival) -> None:
        await self.database.store(arrival)

    async def enter(self, token: str, cookie: str, path: str, request: Request) -> Response:
        """The first hop: the token moves from the address into a cookie."""
        token = browser.well_formed(token)
        if await self.view_of(token) is None:
            return self.missing(request)
        return self.lead(token, cookie, path)

    def lead(self, token: str, cookie: str, path: str) -> Response:
        response = RedirectResponse(path, 303)
        browser.set_cookie(response, self.settings, token, cookie)
        return response

    def show(self, template: str, seen: Seen, status: int = 200, **values: Any) -> Response:
        response = render.page(
            template,
            seen.words,
            status,
            here=seen.request.url.path,
            view=seen.view,
            proof=browser.form_proof(seen.token),
            **values,
        )
        response.headers.update(OWN_PAGES_ONLY)
        language.remember(seen.request, response, self.settings)
        return response

    def wait(self, seen: Seen, back: str, **values: Any) -> Response:
        """A page that looks again by itself for a minute, in a header that every browser follows."""
        again = max(seen.number("again"), 0)
        late = again >= REFRESHES
        shown = self.show("working", seen, late=late, back=back, **values)
        if not late:
            joint = "&" if "?" in back else "?"
            shown.headers["Refresh"] = f"{REFRESH_SECONDS}; url={back}{joint}again={again + 1}"
        return shown

    def missing(self, request: Request) -> Response:
        """The same for a link that never was, one that has ended, and a browser without one."""
        return render.page("missing", language.of(request, self.settings), 404)


def number(text: str) -> int:
    """-1 for what is not a number of ours."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 11 else -1
