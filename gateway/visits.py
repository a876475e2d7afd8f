"""The page of an appointment that is still ahead: its client asks to move it, or says they cannot come.

Neither takes anything away: other times are looked for first, and the appointment stands until then.
"""

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from gateway import arrivals
from gateway.calendar_file import calendar_file
from gateway.site import READING, Seen, Site
from rebook.domain import clock

ASKED = ("move", "cancel")


@dataclass(frozen=True)
class Visits:
    site: Site

    async def show(self, request: Request) -> Response:
        seen = await self.site.seen(request, "visit")
        if seen is None:
            return self.site.missing(request)
        if seen.view.case:
            return self.site.lead(seen.view.case, "offer", "/offer")
        if request.query_params.get("asked") in ASKED and _is_ahead(seen):
            back = f"/visit?asked={request.query_params['asked']}"
            return self.site.wait(seen, back, what="seeking", slot=None)
        return self._page(seen)

    async def ask(self, request: Request) -> Response:
        seen = await self.site.sent(request, "visit")
        if seen is None:
            return self.site.missing(request)
        if seen.view.case or not _is_ahead(seen):
            return RedirectResponse("/visit", 303)
        asked = seen.form.get("asked", "")
        if asked not in ASKED or not seen.sent:
            return self._page(seen, 422, alert="please_answer")
        key = self.site.settings.seal_public
        await self.site.store(arrivals.of_link(key, "visit", seen.token, asked=asked))
        return RedirectResponse(f"/visit?asked={asked}", 303)

    async def calendar(self, request: Request) -> Response:
        seen = await self.site.seen(request, "visit")
        return (calendar_file(seen) if seen else None) or self.site.missing(request)

    def _page(self, seen: Seen, status: int = 200, *, alert: str = "") -> Response:
        if _is_ahead(seen):
            return self.site.show("visit", seen, status, alert=alert)
        return self.site.show("gone", seen)


def _is_ahead(seen: Seen) -> bool:
    at = seen.view.booked.starts_at if seen.view.booked else None
    return seen.view.state == "visit" and at is not None and at > clock.now()


def router(site: Site) -> APIRouter:
    routes, visits = APIRouter(), Visits(site)

    @routes.api_route("/a/{token}", methods=READING)
    async def enter(token: str, request: Request) -> Response:
        return await site.enter(token, "visit", "/visit", request)

    @routes.api_route("/visit", methods=READING)
    async def show(request: Request) -> Response:
        return await visits.show(request)

    @routes.post("/visit")
    async def ask(request: Request) -> Response:
        return await visits.ask(request)

    @routes.api_route("/visit/calendar.ics", methods=READING)
    async def calendar(request: Request) -> Response:
        return await visits.calendar(request)

    return routes
