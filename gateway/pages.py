"""The client's page. Looking changes nothing, however often; only a chosen time that is sent does."""

import re
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from gateway import arrivals, render
from gateway.site import READING, Seen, Site, number
from gateway.views import Time

CHOSEN = re.compile(r"o([0-9]{1,6})-(t?)([0-9]{1,11})")
SAID = re.compile(r"(wish|call|withdraw|keep)-([0-9]{1,6})")
UNTOUCHED = ("choose", "taken", "seeking")


@dataclass(frozen=True)
class Pages:
    site: Site

    async def show(self, request: Request) -> Response:
        seen = await self.site.seen(request)
        if seen is None:
            return self.site.missing(request)
        view, asked = seen.view, request.query_params
        if (chosen := CHOSEN.fullmatch(asked.get("chosen", ""))) and view.choosable:
            return self._after_choice(seen, chosen)
        said = SAID.fullmatch(asked.get("said", ""))
        if said and view.state in UNTOUCHED and view.offer == int(said[2]):
            return self.site.wait(seen, f"/offer?said={said[0]}", what="noted", slot=None)
        if view.state in ("working", "seeking"):
            return self.site.wait(seen, "/offer", what=view.state, slot=None)
        return self._page(seen)

    async def choose(self, request: Request) -> Response:
        seen = await self.site.sent(request)
        if seen is None:
            return self.site.missing(request)
        return await self._take(seen)

    async def _take(self, seen: Seen) -> Response:
        """A form of an older offer, or sent after the booking, only shows how things stand."""
        view, form = seen.view, seen.form
        if not view.choosable:
            return RedirectResponse("/offer", 303)
        if number(form.get("offer", "")) != view.offer:
            return self._page(seen, 409, alert="newer")
        if "time" in form:
            return await self._take_free(seen)
        slot = view.slot(number(form.get("slot", "")))
        if slot is None or not seen.sent:
            return self._page(seen, 422, alert="please_choose")
        key, offer = self.site.settings.seal_public, view.offer
        await self.site.store(
            arrivals.of_link(key, "choice", seen.token, offer=offer, slot=slot.code)
        )
        return RedirectResponse(f"/offer?chosen=o{view.offer}-{slot.code}", 303)

    async def _take_free(self, seen: Seen) -> Response:
        time = seen.view.free_at(number(seen.form["time"]))
        if time is None or time.starts_at is None or not seen.sent:
            return self._page(seen, 422, alert="please_choose")
        key, start = self.site.settings.seal_public, time.starts_at.isoformat()
        await self.site.store(arrivals.of_link(key, "time", seen.token, start=start))
        return RedirectResponse(f"/offer?chosen=o{seen.view.offer}-t{time.code}", 303)

    def _after_choice(self, seen: Seen, chosen: re.Match[str]) -> Response:
        """The choice is on its way, unless the offer has moved on since."""
        offer, free, code = int(chosen[1]), bool(chosen[2]), int(chosen[3])
        time: Time | None = seen.view.free_at(code) if free else seen.view.slot(code)
        if offer != seen.view.offer or time is None:
            return self._page(seen, alert="gone")
        return self.site.wait(seen, f"/offer?chosen={chosen[0]}", what="working", slot=time)

    def _page(self, seen: Seen, status: int = 200, *, alert: str = "") -> Response:
        view = seen.view
        if view.choosable:
            return self.site.show(
                "choose", seen, status, alert=alert or ("gone" if view.lost_a_slot else "")
            )
        if view.state == "booked" and view.booked is None:
            return self.site.show("closed", seen)
        shown = view.state if view.state in ("booked", "staff", "withdrawn", "kept") else "closed"
        return self.site.show(shown, seen)


def router(site: Site) -> APIRouter:
    routes, pages = APIRouter(), Pages(site)

    @routes.api_route("/o/{token}", methods=READING)
    async def enter(token: str, request: Request) -> Response:
        return await site.enter(token, "offer", "/offer", request)

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
