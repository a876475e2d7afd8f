"""The client's page. Looking changes nothing, however often; only a chosen time that is sent does."""

import re
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from gateway import arrivals, browser, render, views
from gateway.body import read_body
from gateway.database import Database
from gateway.settings import GatewaySettings
from gateway.views import Time, View
from rebook.domain import clock
from rebook.domain.pageview import open_view, token_hash

FORM_LIMIT = 4096
READING = ["GET", "HEAD"]
CHOSEN = re.compile(r"o([0-9]{1,6})-([0-9]{1,3})")
REFRESH_SECONDS = 3
REFRESHES = 20
GONE = "That time has just gone. Please choose another."
OWN_PAGES_ONLY = {"Referrer-Policy": "same-origin"}
"""On the clean address only. With `no-referrer` browsers send a form with `Origin: null`."""


@dataclass(frozen=True)
class Pages:
    settings: GatewaySettings
    database: Database

    async def enter(self, token: str) -> Response:
        """The first hop: the token moves from the address into a cookie."""
        if not await self._view(browser.well_formed(token)):
            return _missing()
        response = RedirectResponse("/offer", 303)
        browser.set_cookie(response, self.settings, token)
        return response

    async def show(self, request: Request) -> Response:
        token = browser.token_of(request, self.settings)
        view = await self._view(token)
        if view is None:
            return _missing()
        asked = request.query_params
        chosen, again = CHOSEN.fullmatch(asked.get("chosen", "")), _number(asked.get("again", ""))
        if chosen and view.choosable:
            return _after_choice(view, token, chosen, max(again, 0))
        if view.state == "working":
            return _working(view, max(again, 0))
        return _page(view, token)

    async def choose(self, request: Request) -> Response:
        browser.require_own_form(request, self.settings)
        seconds = self.settings.gateway_deadline_seconds
        body = await read_body(request, limit=FORM_LIMIT, seconds=seconds)
        form = browser.read_form(body)
        token = browser.token_of(request, self.settings)
        view = await self._view(token)
        if view is None:
            return _missing()
        browser.require_proof(token, form)
        return await self._take(view, token, form)

    async def _take(self, view: View, token: str, form: dict[str, str]) -> Response:
        """A form of an older offer, or sent after the booking, only shows how things stand."""
        if not view.choosable:
            return RedirectResponse("/offer", 303)
        if _number(form.get("offer", "")) != view.offer:
            return _page(view, token, 409, alert="These are newer times. Please choose again.")
        slot = view.slot(_number(form.get("slot", "")))
        if slot is None or form.get("website"):
            return _page(view, token, 422, alert="Please choose one of the times.")
        key = self.settings.seal_public
        await self.database.store(arrivals.choice(key, token, offer=view.offer, slot=slot.code))
        return RedirectResponse(f"/offer?chosen=o{view.offer}-{slot.code}", 303)

    async def _view(self, token: str) -> View | None:
        sealed = await self.database.page(token_hash(token), clock.now()) if token else None
        return views.read(open_view(token, sealed)) if sealed else None


def _after_choice(view: View, token: str, chosen: re.Match[str], again: int) -> Response:
    """The choice is on its way, unless the offer has moved on since."""
    offer, code = (int(part) for part in chosen.groups())
    slot = view.slot(code)
    if offer != view.offer or slot is None:
        return _page(view, token, alert=GONE)
    return _working(view, again, slot=slot, chosen=chosen[0])


def _working(view: View, again: int, *, slot: Time | None = None, chosen: str = "") -> Response:
    """It looks again by itself for a minute, in a header that every browser follows."""
    late = again >= REFRESHES
    here = f"/offer?chosen={chosen}" if chosen else "/offer?"
    shown = _response("working", view, slot=slot, late=late, here=here)
    if not late:
        shown.headers["Refresh"] = f"{REFRESH_SECONDS}; url={here}&again={again + 1}"
    return shown


def _page(view: View, token: str, status: int = 200, *, alert: str = "") -> Response:
    if view.choosable:
        proof = browser.form_proof(token)
        words = alert or (GONE if view.lost_a_slot else "")
        return _response("choose", view, status, proof=proof, alert=words)
    return _response(_template(view), view)


def _template(view: View) -> str:
    if view.state == "staff":
        return "staff"
    return "booked" if view.state == "booked" and view.booked else "closed"


def _response(template: str, view: View, status: int = 200, **values: Any) -> Response:
    response = render.page(template, status, view=view, **values)
    response.headers.update(OWN_PAGES_ONLY)
    return response


def _missing() -> Response:
    """The same for a link that never was, one that has ended, and a browser without one."""
    return render.page("missing", 404)


def _number(text: str) -> int:
    """-1 for what is not a small number."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else -1


def router(pages: Pages) -> APIRouter:
    routes = APIRouter()

    @routes.api_route("/o/{token}", methods=READING)
    async def enter(token: str) -> Response:
        return await pages.enter(token)

    @routes.api_route("/offer", methods=READING)
    async def show(request: Request) -> Response:
        return await pages.show(request)

    @routes.post("/offer")
    async def choose(request: Request) -> Response:
        return await pages.choose(request)

    @routes.api_route("/page.css", methods=READING)
    async def style() -> Response:
        cached = {"Cache-Control": "public, max-age=300"}
        return Response(render.STYLE, media_type="text/css", headers=cached)

    return routes
