"""Calendly's HTTP surface, behind a personal access token."""

from datetime import datetime, timedelta

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse

from sandbox.acuity.book import calendar_email
from sandbox.calendly.book import Book
from sandbox.calendly.wire import (
    invalid,
    last,
    listed,
    not_found,
    read_time,
    refusal,
    stamp,
    uri,
)
from sandbox.wire import BadBody, Json, read_json

LONGEST = timedelta(days=7)
Query = dict[str, str]


def router(book: Book, token: str) -> APIRouter:
    async def guard(request: Request) -> None:
        if request.headers.get("authorization") != f"Bearer {token}":
            raise refusal(401, "Unauthenticated", "The access token is invalid")

    routes = APIRouter(prefix="/calendly", dependencies=[Depends(guard)])
    _account(routes, book)
    _events(routes, book)
    _changes(routes, book)
    _hooks(routes, book)
    return routes


async def _body(request: Request) -> Json:
    try:
        return await read_json(request)
    except BadBody:
        raise refusal(400, "Invalid Argument", "The body is not JSON.") from None


def _account(routes: APIRouter, book: Book) -> None:
    @routes.get("/users/me")
    async def me() -> Json:
        created = "2026-01-01T00:00:00.000000Z"
        return {
            "resource": {
                "uri": uri("users", "US000"),
                "name": "Harbour Street Studio",
                "slug": "harbour",
                "email": calendar_email(book.hosts["US000"]),
                "scheduling_url": "https://calendly.sandbox.test/harbour",
                "timezone": book.kit.zone_name,
                "avatar_url": "https://calendly.sandbox.test/avatar.png",
                "created_at": created,
                "updated_at": created,
                "current_organization": book.organization,
            }
        }

    @routes.get("/event_type_available_times")
    async def free(request: Request) -> Json:
        query = dict(request.query_params)
        service, _told = book.service(query.get("event_type"))
        starts, ends = _window(query)
        if starts <= book.kit.clock.now():
            raise invalid("start_time", "must be in the future")
        return {"collection": [_free(one) for one in book.free_times(service, starts, ends)]}

    @routes.get("/user_busy_times")
    async def busy(request: Request) -> Json:
        query = dict(request.query_params)
        starts, ends = _window(query)
        own = [e for e in book.events.values() if e["status"] == "active"]
        theirs = [e for e in own if e["event_memberships"][0]["user"] == query.get("user")]
        rows = [
            e
            for e in theirs
            if _starts(e) < ends and datetime.fromisoformat(e["end_time"]) > starts
        ]
        return {
            "collection": [
                {
                    "type": "calendly",
                    "start_time": e["start_time"],
                    "end_time": e["end_time"],
                    "buffered_start_time": e["start_time"],
                    "buffered_end_time": e["end_time"],
                    "event": {"uri": e["uri"]},
                }
                for e in sorted(rows, key=_starts)
            ]
        }


def _window(query: Query) -> tuple[datetime, datetime]:
    starts, ends = (read_time(query.get(name), name) for name in ("start_time", "end_time"))
    if not timedelta(0) < ends - starts <= LONGEST:
        raise invalid("end_time", "must be at most seven days after start_time")
    return starts, ends


def _free(moment: datetime) -> Json:
    return {
        "status": "available",
        "invitees_remaining": 1,
        "start_time": stamp(moment),
        "scheduling_url": f"https://calendly.sandbox.test/harbour/{stamp(moment)}",
    }


def _starts(event: Json) -> datetime:
    return datetime.fromisoformat(event["start_time"])


def _events(routes: APIRouter, book: Book) -> None:
    @routes.get("/scheduled_events")
    async def events(request: Request) -> Json:
        query = dict(request.query_params)
        if not query.keys() & {"organization", "user"}:
            raise invalid("organization", "or user is required")
        rows = [e for e in book.events.values() if _fits(book, e, query)]
        rows.sort(key=_starts, reverse=query.get("sort") == "start_time:desc")
        return listed(rows, query, "/scheduled_events")

    @routes.get("/scheduled_events/{number}")
    async def event(number: str) -> Json:
        return {"resource": book.event(number)}

    @routes.get("/scheduled_events/{number}/invitees")
    async def invitees(number: str, request: Request) -> Json:
        query, row = dict(request.query_params), book.invitee(number)
        rows = [row] if query.get("email") in (None, row["email"]) else []
        return listed(rows, query, f"/scheduled_events/{number}/invitees")

    @routes.get("/scheduled_events/{number}/invitees/{own}")
    async def invitee(number: str, own: str) -> Json:
        found = book.invitee(number)
        if last(found["uri"]) != own:
            raise not_found()
        return {"resource": found}


def _fits(book: Book, event: Json, query: Query) -> bool:
    invitee = book.invitee(last(event["uri"]))
    hosts = {member["user"] for member in event["event_memberships"]}
    if "min_start_time" in query and _starts(event) < read_time(query["min_start_time"], "min"):
        return False
    if "max_start_time" in query and _starts(event) > read_time(query["max_start_time"], "max"):
        return False
    return (
        query.get("organization") in (None, book.organization)
        and (query.get("user") is None or query["user"] in hosts)
        and query.get("status") in (None, event["status"])
        and query.get("invitee_email") in (None, invitee["email"])
    )


def _changes(routes: APIRouter, book: Book) -> None:
    @routes.post("/invitees")
    async def create(request: Request) -> Response:
        book.links.require_booking_by_call()
        made = book.create(await _body(request))
        return JSONResponse({"resource": made["event"], "invitee": made}, 201)

    @routes.post("/scheduled_events/{number}/cancellation")
    async def cancel(number: str, request: Request) -> Response:
        reason = str((await _body(request)).get("reason") or "")
        return JSONResponse({"resource": book.cancel(number, "host", reason)}, 201)

    @routes.post("/invitee_no_shows")
    async def missed(request: Request) -> Response:
        address = str((await _body(request)).get("invitee") or "")
        found = [n for n, one in book.invitees.items() if one["uri"] == address]
        if not found:
            raise not_found()
        return JSONResponse({"resource": book.missed(found[0])}, 201)

    @routes.post("/scheduling_links")
    async def link(request: Request) -> Response:
        body = await _body(request)
        return JSONResponse({"resource": book.links.make(body)}, 201)


def _hooks(routes: APIRouter, book: Book) -> None:
    @routes.get("/webhook_subscriptions")
    async def hooks(request: Request) -> Json:
        query = dict(request.query_params)
        rows = [h for h in book.hooks.kept.values() if h["scope"] == query.get("scope")]
        return listed(rows, query, "/webhook_subscriptions")

    @routes.post("/webhook_subscriptions")
    async def make(request: Request) -> Response:
        return JSONResponse({"resource": book.hooks.make(await _body(request))}, 201)

    @routes.delete("/webhook_subscriptions/{number}")
    async def remove(number: str) -> Response:
        book.hooks.remove(number)
        return Response(status_code=204)
