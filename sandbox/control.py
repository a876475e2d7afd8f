"""The town's own controls under /_control: what people do, faults, the clock. JSON or plain forms."""

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from sandbox import listing, traffic
from sandbox.faults import Fault, UnknownFault
from sandbox.town import ALIASES, Town
from sandbox.wire import BadBody, Json, Refusal, read_form, read_json, truth

MOST_SECONDS = 10 * 365 * 86_400


def router(town: Town, reset: Callable[[], Awaitable[None]]) -> APIRouter:
    routes = APIRouter(prefix="/_control")
    _watching(routes, town)
    _appointments(routes, town)
    _people(routes, town)
    _faults(routes, town)
    _vendors(routes, town)
    _clock(routes, town, reset)
    return routes


async def _given(request: Request) -> Json:
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return dict(await read_form(request))
    try:
        return await read_json(request)
    except BadBody:
        raise Refusal(400, {"error": "the body is not a JSON object"}) from None


def _done(request: Request, answer: Json) -> Response:
    """A plain form goes back to the page."""
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return RedirectResponse("/", status_code=303)
    return JSONResponse(answer)


def _number(value: object, name: str, most: float = MOST_SECONDS) -> float:
    try:
        number = float(str(value))
    except ValueError:
        number = float("nan")
    if not -most <= number <= most:
        raise Refusal(400, {"error": f"{name} must be a number"})
    return number


def _watching(routes: APIRouter, town: Town) -> None:
    @routes.get("/state")
    async def state() -> Json:
        return town.state()

    @routes.get("/traffic")
    async def calls(platform: str = "") -> Json:
        return {"calls": traffic.of(town.traffic.calls, ALIASES.get(platform, platform))}

    @routes.get("/deliveries")
    async def deliveries(platform: str = "") -> Json:
        slug = ALIASES.get(platform, platform)
        return {"deliveries": traffic.of(town.traffic.deliveries, slug)}

    @routes.get("/connections")
    async def connections(request: Request) -> list[dict[str, Any]]:
        return listing.connections(str(request.base_url), town)


def _appointments(routes: APIRouter, town: Town) -> None:
    @routes.post("/acuity/{number}/cancel")
    async def cancel(number: int, request: Request) -> Response:
        by = (await _given(request)).get("by", "client")
        if by not in ("client", "staff"):
            raise Refusal(400, {"error": "by must be client or staff"})
        town.acuity.book.cancel(number, admin=by == "staff", mail=False)
        return _done(request, {"cancelled": number})

    @routes.post("/acuity/{number}/missed")
    async def missed(number: int, request: Request) -> Response:
        town.acuity.book.cancel(number, admin=True, mail=False, no_show=True)
        return _done(request, {"missed": number})

    @routes.post("/google/{event}/cancel")
    async def cancel_event(event: str, request: Request) -> Response:
        homes = [c.id for c in town.google.store.calendars.values() if event in c.events]
        town.google.store.delete(homes[0] if homes else "", event, None)
        return _done(request, {"cancelled": event})


def _people(routes: APIRouter, town: Town) -> None:
    @routes.post("/phone/reply")
    async def text(request: Request) -> Response:
        given = await _given(request)
        sender, body = str(given.get("from", "")), str(given.get("body", ""))
        if not sender or not body.strip():
            raise Refusal(400, {"error": "from and body are required"})
        return _done(request, {"sid": town.twilio.phone.receive(sender, body).sid})

    @routes.post("/mail/reply")
    async def mail(request: Request) -> Response:
        given = await _given(request)
        automatic = truth(given.get("automatic"))
        reply = town.sendgrid.mailbox.answer(
            str(given.get("message_id", "")), str(given.get("text", "")), automatic=automatic
        )
        return _done(request, {"id": reply.id})

    @routes.post("/slack/click")
    async def click(request: Request) -> Response:
        given = await _given(request)
        ts, action = str(given.get("ts", "")), str(given.get("action_id", ""))
        base = str(request.base_url).rstrip("/")
        user, picked = str(given.get("user", "")), str(given.get("value", ""))
        town.slack.clicks.press(ts, action, user, base, picked)
        return _done(request, {"clicked": action})


def _faults(routes: APIRouter, town: Town) -> None:
    @routes.get("/faults")
    async def listed() -> Json:
        return {"faults": town.faults.listing()}

    @routes.delete("/faults")
    async def cleared() -> Json:
        town.faults.clear()
        return {"faults": []}

    @routes.post("/faults/clear")
    async def clear(request: Request) -> Response:
        town.faults.clear()
        return _done(request, {"faults": []})

    @routes.post("/faults")
    async def order(request: Request) -> Response:
        given = await _given(request)
        try:
            fault = town.faults.order(_fault(town, given))
        except UnknownFault as unknown:
            raise Refusal(400, {"error": f"unknown kind of fault: {unknown}"}) from None
        return _done(request, {"id": fault.id})


def _fault(town: Town, given: Json) -> Fault:
    name = str(given.get("platform", ""))
    platform = ALIASES.get(name, name)
    if platform not in town.platforms():
        raise Refusal(400, {"error": f"unknown platform: {platform}"})
    on = str(given.get("on") or "api")
    if on not in ("api", "webhook"):
        raise Refusal(400, {"error": "on must be api or webhook"})
    return Fault(
        platform,
        str(given.get("kind", "")),
        int(_number(given.get("count") or 1, "count")),
        str(given.get("match") or ""),
        _number(given.get("seconds") or 30, "seconds"),
        int(_number(given.get("copies") or 5, "copies", 100)),
        on,
    )


def _vendors(routes: APIRouter, town: Town) -> None:
    """What vendors do on their own: forget tokens, fail to reach a number or an address."""

    @routes.post("/google/expire_sync_tokens")
    async def expire_sync(request: Request) -> Response:
        town.google.store.expire_sync_tokens()
        return _done(request, {"expired": True})

    @routes.post("/google/expire_tokens")
    async def expire_access(request: Request) -> Response:
        town.google.tokens.expire_all()
        return _done(request, {"expired": True})

    @routes.post("/google/revoke")
    async def revoke(request: Request) -> Response:
        town.google.tokens.expire_all()
        town.google.tokens.refresh_tokens.clear()
        return _done(request, {"revoked": True})

    @routes.post("/phone/unreachable")
    async def unreachable(request: Request) -> Response:
        town.twilio.phone.journey.unreachable.add(str((await _given(request)).get("number", "")))
        return _done(request, {"unreachable": True})

    @routes.post("/mail/bouncing")
    async def bouncing(request: Request) -> Response:
        town.sendgrid.mailbox.bouncing.add(str((await _given(request)).get("email", "")).lower())
        return _done(request, {"bouncing": True})


def _clock(routes: APIRouter, town: Town, reset: Callable[[], Awaitable[None]]) -> None:
    @routes.post("/clock")
    async def clock(request: Request) -> Response:
        given = await _given(request)
        if given.get("offset_seconds") not in (None, ""):
            town.clock.set(_number(given["offset_seconds"], "offset_seconds"))
        elif given.get("advance_seconds") not in (None, ""):
            town.clock.advance(_number(given["advance_seconds"], "advance_seconds"))
        else:
            raise Refusal(400, {"error": "advance_seconds or offset_seconds is required"})
        return _done(request, {"offset_seconds": town.clock.offset()})

    @routes.post("/reset")
    async def again(request: Request) -> Response:
        await reset()
        return _done(request, {"reset": True})
