"""The technician's page: the visits of a day, and one form each to report from the doorstep."""

import base64
import re
import secrets
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from gateway import arrivals, browser, day, language, multipart, render
from gateway.body import read_body
from gateway.database import Database
from gateway.day import BUTTONS, Day
from gateway.headers import POLICY
from gateway.settings import GatewaySettings
from gateway.words import Words
from rebook.domain import clock
from rebook.domain.pageview import open_view, token_hash

COOKIE = "visits"
READING = ["GET", "HEAD"]
KEY = re.compile(r"[0-9a-f]{32}")
NOTE_LONGEST = 2000
SLOW_UPLOAD_SECONDS = 120
"""A photo over one bar of signal."""
HEADERS = {
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": f"{POLICY}; script-src 'self'; connect-src 'self'",
}


@dataclass(frozen=True)
class Technician:
    settings: GatewaySettings
    database: Database

    async def enter(self, token: str, request: Request) -> Response:
        """The first hop: the token moves from the address into a cookie."""
        if not await self._day(browser.well_formed(token), self._words(request)):
            return self._missing(request)
        response = RedirectResponse("/visits", 303)
        browser.set_cookie(response, self.settings, token, COOKIE)
        return response

    async def show(self, request: Request) -> Response:
        token, words = browser.token_of(request, self.settings, COOKIE), self._words(request)
        found = await self._day(token, words)
        if found is None:
            return self._missing(request)
        sent = found.visit(request.query_params.get("sent", ""))
        response = _page(found, words, token, sent=sent)
        language.remember(request, response, self.settings)
        return response

    async def report(self, request: Request) -> Response:
        browser.require_own_form(request, self.settings, "multipart/form-data")
        token, words = browser.token_of(request, self.settings, COOKIE), self._words(request)
        found = await self._day(token, words)
        if found is None:
            return self._missing(request)
        seconds = max(self.settings.gateway_deadline_seconds, SLOW_UPLOAD_SECONDS)
        body = await read_body(request, limit=multipart.FORM_LIMIT, seconds=seconds)
        form, photo = await multipart.read_multipart(request.headers["content-type"], body)
        browser.require_proof(token, form)
        if fault := _fault(found, form, photo):
            kept = {form.get("visit", ""): form.get("note", "")}
            return _page(found, words, token, 422, alert=f"refused_{fault}", notes=kept)
        return await self._take(token, form, photo)

    async def _take(self, token: str, form: dict[str, str], photo: bytes) -> Response:
        said = {
            "visit": form["visit"],
            "kind": form["report"],
            "key": form["key"],
            "note": form.get("note", "").strip(),
            "photo": base64.b64encode(photo).decode(),
        }
        await self.database.store(arrivals.report(self.settings.seal_public, token, said))
        return RedirectResponse(f"/visits?sent={form['visit']}", 303)

    def _missing(self, request: Request) -> Response:
        return render.page("missing", self._words(request), 404)

    def _words(self, request: Request) -> Words:
        return language.of(request, self.settings)

    async def _day(self, token: str, words: Words) -> Day | None:
        sealed = await self.database.visits(token_hash(token), clock.now()) if token else None
        return day.read(open_view(token, sealed), words) if sealed else None


def _fault(found: Day, form: dict[str, str], photo: bytes) -> str:
    """What is wrong with a report, as the page names it; empty where nothing is."""
    known = found.visit(form.get("visit", "")) and form.get("report") in BUTTONS
    if not known or not KEY.fullmatch(form.get("key", "")) or form.get("website"):
        return "button"
    if len(form.get("note", "")) > NOTE_LONGEST:
        return "note"
    return "photo" if photo and not multipart.is_photo(photo) else ""


def _page(found: Day, words: Words, token: str, status: int = 200, **values: Any) -> Response:
    """Each form has a key of its own: a browser that sends it again sends the same report."""
    shown: dict[str, Any] = {"alert": "", "sent": None, "notes": {}, **values}
    keys = {one.ref: secrets.token_hex(16) for one in found.visits}
    proof = browser.form_proof(token)
    response = render.page(
        "visits",
        words,
        status,
        here="/visits",
        found=found,
        keys=keys,
        proof=proof,
        buttons=BUTTONS,
        **shown,
    )
    response.headers.update(HEADERS)
    return response


def router(technician: Technician) -> APIRouter:
    routes = APIRouter()

    @routes.api_route("/t/{token}", methods=READING)
    async def enter(token: str, request: Request) -> Response:
        return await technician.enter(token, request)

    @routes.api_route("/visits", methods=READING)
    async def show(request: Request) -> Response:
        return await technician.show(request)

    @routes.post("/visits")
    async def report(request: Request) -> Response:
        return await technician.report(request)

    @routes.api_route("/visits.js", methods=READING)
    async def script() -> Response:
        cached = {"Cache-Control": "public, max-age=300"}
        return Response(render.VISITS_SCRIPT, media_type="text/javascript", headers=cached)

    return routes
