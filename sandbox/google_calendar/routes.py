"""Google Calendar's HTTP surface, behind bearer tokens."""

from datetime import datetime, timedelta

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse

from sandbox.google_calendar import events as shape
from sandbox.google_calendar.errors import refusal
from sandbox.google_calendar.lists import events_page
from sandbox.google_calendar.oauth import Tokens
from sandbox.google_calendar.store import Store
from sandbox.wire import BadBody, Json, read_form, read_json

EVENTS = "/calendars/{calendar}/events"


def routers(store: Store, tokens: Tokens) -> APIRouter:
    routes = APIRouter(prefix="/google_calendar")
    calendar = APIRouter(prefix="/calendar/v3", dependencies=[Depends(tokens.guard)])
    _reads(calendar, store)
    _writes(calendar, store)
    _channels(calendar, store)
    _calendars(calendar, store)
    routes.include_router(calendar)

    @routes.post("/token")
    async def token(request: Request) -> Json:
        return tokens.exchange(await read_form(request))

    @routes.get("/o/oauth2/v2/auth")
    async def sign_in(request: Request) -> Response:
        return tokens.codes.sign_in(request.query_params)

    return routes


async def _body(request: Request) -> Json:
    try:
        return await read_json(request)
    except BadBody:
        raise refusal(400, "parseError", "Parse Error") from None


def _event(event: Json) -> JSONResponse:
    return JSONResponse(event, headers={"ETag": event["etag"]})


def _reads(routes: APIRouter, store: Store) -> None:
    @routes.get(EVENTS)
    async def list_events(calendar: str, request: Request) -> Json:
        return events_page(store, store.calendar(calendar), request.query_params.multi_items())

    @routes.get(EVENTS + "/{event}")
    async def get(calendar: str, event: str, request: Request) -> Response:
        found = store.find(calendar, event)
        if request.headers.get("if-none-match") == found["etag"]:
            return Response(status_code=304)
        return _event(found)


def _writes(routes: APIRouter, store: Store) -> None:
    @routes.post(EVENTS)
    async def insert(calendar: str, request: Request) -> Response:
        return _event(store.insert(calendar, await _body(request)))

    @routes.post(EVENTS + "/{event}/move")
    async def move(calendar: str, event: str, destination: str = "") -> Response:
        return _event(store.move(calendar, event, destination))

    @routes.put(EVENTS + "/{event}")
    async def update(calendar: str, event: str, request: Request) -> Response:
        body, match = await _body(request), request.headers.get("if-match")
        return _event(store.replace(calendar, event, body, match))

    @routes.patch(EVENTS + "/{event}")
    async def patch(calendar: str, event: str, request: Request) -> Response:
        body, match = await _body(request), request.headers.get("if-match")
        return _event(store.patch(calendar, event, body, match))

    @routes.delete(EVENTS + "/{event}")
    async def delete(calendar: str, event: str, request: Request) -> Response:
        store.delete(calendar, event, request.headers.get("if-match"))
        return Response(status_code=204)


def _channels(routes: APIRouter, store: Store) -> None:
    @routes.post(EVENTS + "/watch")
    async def watch(calendar: str, request: Request) -> Json:
        body = await _body(request)
        return store.push.open(store.calendar(calendar).id, body).shown()

    @routes.post("/channels/stop")
    async def stop(request: Request) -> Response:
        body = await _body(request)
        store.push.stop(body.get("id"), body.get("resourceId"))
        return Response(status_code=204)


def _calendars(routes: APIRouter, store: Store) -> None:
    def shown(calendar: str) -> Json:
        found = store.calendar(calendar)
        zone = store.kit.zone_name
        return {
            "kind": "calendar#calendar",
            "id": found.id,
            "summary": found.name,
            "timeZone": zone,
        }

    @routes.get("/calendars/{calendar}")
    async def calendar(calendar: str) -> Json:
        return shown(calendar)

    @routes.get("/users/me/calendarList")
    async def calendar_list() -> Json:
        own = {"kind": "calendar#calendarListEntry", "accessRole": "owner"}
        items = [{**shown(one), **own} for one in store.calendars]
        return {"kind": "calendar#calendarList", "items": items}

    @routes.post("/freeBusy")
    async def free_busy(request: Request) -> Json:
        body = await _body(request)
        start = shape.instant(body.get("timeMin"), None, "timeMin")
        end = shape.instant(body.get("timeMax"), None, "timeMax")
        if end <= start:
            raise refusal(400, "timeRangeEmpty", "The specified time range is empty.")
        asked = [str(item.get("id")) for item in body.get("items") or [] if isinstance(item, dict)]
        calendars = {one: _busy(store, one, start, end) for one in asked[:50]}
        return {
            "kind": "calendar#freeBusy",
            "timeMin": _utc(start),
            "timeMax": _utc(end),
            "calendars": calendars,
        }


def _busy(store: Store, calendar: str, start: datetime, end: datetime) -> Json:
    if calendar != "primary" and calendar not in store.calendars:
        return {"errors": [{"domain": "global", "reason": "notFound"}], "busy": []}
    taken = sorted(
        (max(start, shape.edge(e, "start")), min(end, shape.edge(e, "end")))
        for e in store.calendar(calendar).events.values()
        if shape.is_busy(e)
    )
    merged: list[tuple[datetime, datetime]] = []
    for begins, ends in taken:
        if merged and begins <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], ends))
        elif ends - begins > timedelta(0):
            merged.append((begins, ends))
    return {"busy": [{"start": _utc(a), "end": _utc(b)} for a, b in merged]}


def _utc(value: datetime) -> str:
    return value.strftime("%Y-%m-%dT%H:%M:%SZ")
