"""What a client may say besides a time: more times, another day, call me, I no longer need it.

Each has its own page with a question that has no answer until it is given one, so that a robot which
sends every form it finds changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from gateway import arrivals
from gateway.calendar_file import calendar_file
from gateway.site import READING, Seen, Site
from gateway.views import by_day
from rebook.domain import clock, wording

WISHABLE_DAYS = 28
NOON = time(12, tzinfo=UTC)
PARTS = ("any", "morning", "afternoon", "evening")
Said = tuple[str, Mapping[str, str]]
"""The kind of inbox row and what it says; an empty kind asks for the times again."""
ANSWERS: dict[str, dict[str, Said]] = {
    "call": {"yes": ("press", {"meaning": "call_me"}), "no": ("", {})},
    "cancel": {
        "yes": ("press", {"meaning": "withdraw"}),
        "keep": ("press", {"meaning": "keep"}),
        "no": ("", {}),
    },
}


@dataclass(frozen=True)
class OtherWays:
    site: Site

    async def show(self, request: Request, what: str) -> Response:
        seen = await self.site.seen(request)
        if seen is None:
            return self.site.missing(request)
        if not _allowed(seen, what):
            return RedirectResponse("/offer", 303)
        return self._page(seen, what)

    async def take(self, request: Request, what: str) -> Response:
        seen = await self.site.sent(request)
        if seen is None:
            return self.site.missing(request)
        if not _allowed(seen, what):
            return RedirectResponse("/offer", 303)
        said = _said(seen, what) if seen.sent else None
        if said is None:
            return self._page(seen, what, 422, alert="please_answer")
        kind, values = said
        if kind:
            key = self.site.settings.seal_public
            await self.site.store(arrivals.of_link(key, kind, seen.token, **values))
            word = values.get("meaning", what)
            word = {"call_me": "call"}.get(word, word)
            return RedirectResponse(f"/offer?said={word}-{seen.view.offer}", 303)
        return RedirectResponse("/offer", 303)

    def _page(self, seen: Seen, what: str, status: int = 200, *, alert: str = "") -> Response:
        if what == "times":
            return self._times(seen)
        values = {"days": _days(seen), "parts": PARTS} if what == "wish" else {}
        return self.site.show(what, seen, status, alert=alert, **values)

    def _times(self, seen: Seen) -> Response:
        weeks = seen.view.weeks
        at = min(max(seen.number("week"), 0), max(len(weeks) - 1, 0))
        language = seen.words.language
        names = [_in_words(monday, language) for monday, _ in weeks]
        days = by_day(weeks[at][1]) if weeks else []
        return self.site.show("times", seen, weeks=names, at=at, days=days, alert="")

    async def calendar(self, request: Request) -> Response:
        seen = await self.site.seen(request)
        return (calendar_file(seen) if seen else None) or self.site.missing(request)

    async def change(self, request: Request) -> Response:
        """From the booking to the page of the visit, without its token in an address."""
        seen = await self.site.seen(request)
        if seen is None or not seen.view.visit:
            return self.site.missing(request)
        return self.site.lead(seen.view.visit, "visit", "/visit")


def _allowed(seen: Seen, what: str) -> bool:
    return seen.view.open if what == "cancel" else seen.view.choosable


def _days(seen: Seen) -> list[tuple[str, str]]:
    today = clock.now().astimezone(ZoneInfo(seen.view.zone or "UTC")).date()
    days = [today + timedelta(days=number) for number in range(WISHABLE_DAYS)]
    return [(day.isoformat(), _in_words(day, seen.words.language)) for day in days]


def _in_words(day: date, language: str) -> str:
    return wording.day(datetime.combine(day, NOON), "UTC", language)


def _said(seen: Seen, what: str) -> Said | None:
    """None without an answer of ours."""
    form = seen.form
    if what == "wish":
        day, part = form.get("day", ""), form.get("part", "")
        known = any(day == iso for iso, _ in _days(seen)) and part in PARTS
        return ("wish", {"day": day, "part": part}) if known else None
    answer = form.get("answer", "")
    if answer == "keep" and not seen.view.stands:
        return None
    return ANSWERS[what].get(answer)


def router(site: Site) -> APIRouter:
    routes, ways = APIRouter(), OtherWays(site)

    @routes.api_route("/offer/calendar.ics", methods=READING)
    async def calendar(request: Request) -> Response:
        return await ways.calendar(request)

    @routes.api_route("/offer/change", methods=READING)
    async def change(request: Request) -> Response:
        return await ways.change(request)

    @routes.api_route("/offer/times", methods=READING)
    async def times(request: Request) -> Response:
        return await ways.show(request, "times")

    @routes.api_route("/offer/wish", methods=READING)
    async def wish(request: Request) -> Response:
        return await ways.show(request, "wish")

    @routes.api_route("/offer/call", methods=READING)
    async def call(request: Request) -> Response:
        return await ways.show(request, "call")

    @routes.api_route("/offer/cancel", methods=READING)
    async def cancel(request: Request) -> Response:
        return await ways.show(request, "cancel")

    @routes.post("/offer/wish")
    async def send_wish(request: Request) -> Response:
        return await ways.take(request, "wish")

    @routes.post("/offer/call")
    async def send_call(request: Request) -> Response:
        return await ways.take(request, "call")

    @routes.post("/offer/cancel")
    async def send_cancel(request: Request) -> Response:
        return await ways.take(request, "cancel")

    return routes
