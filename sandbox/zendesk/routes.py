"""Zendesk's HTTP surface, behind Basic auth with an API token."""

import base64
import binascii
from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

from sandbox.kit import Kit
from sandbox.wire import BadBody, Json, read_json
from sandbox.zendesk.desk import AGENT, Desk
from sandbox.zendesk.triggers import Triggers
from sandbox.zendesk.wire import not_found, refusal

EMAIL = "studio@sandbox.example.com"


def token(kit: Kit) -> str:
    return "sandbox" + kit.secrets.make("zendesk-token", 33)


def router(desk: Desk, triggers: Triggers) -> APIRouter:
    routes = APIRouter(prefix="/zendesk/api/v2", dependencies=[Depends(_guard(desk.kit))])
    _users(routes, desk)
    _tickets(routes, desk)
    _export(routes, desk)
    _webhooks(routes, triggers)
    _triggers(routes, triggers)
    _with_suffix(routes)
    return routes


def _with_suffix(routes: APIRouter) -> None:
    """Zendesk answers to every path with `.json` behind it too, as its older clients ask."""
    for known in [route for route in routes.routes if isinstance(route, APIRoute)]:
        if known.path.endswith("}"):
            continue
        alias = APIRoute(
            f"{known.path}.json",
            known.endpoint,
            methods=known.methods,
            status_code=known.status_code,
            dependencies=known.dependencies,
        )
        routes.routes.insert(0, alias)


def _guard(kit: Kit) -> Any:
    wanted = f"{EMAIL}/token:{token(kit)}"

    async def guard(request: Request) -> None:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        try:
            plain = base64.b64decode(given).decode()
        except (binascii.Error, UnicodeDecodeError, ValueError):
            plain = ""
        if scheme.lower() != "basic" or plain != wanted:
            raise refusal(401, "Couldn't authenticate you", "")

    return guard


async def _given(request: Request, name: str) -> Json:
    try:
        found = (await read_json(request)).get(name)
    except BadBody:
        found = None
    if not isinstance(found, dict):
        raise refusal(400, "InvalidRequest", f"{name} is missing")
    return found


def _number(value: str) -> int:
    value = value.removesuffix(".json")
    if not (value.isascii() and value.isdigit() and len(value) < 19):
        raise not_found()
    return int(value)


def _users(routes: APIRouter, desk: Desk) -> None:
    @routes.get("/users/me")
    async def me() -> Json:
        return {"user": {"id": AGENT, "name": "Harbour Street Studio", "email": EMAIL}}

    @routes.get("/users/{number}")
    async def user(number: str) -> Json:
        found = desk.users.get(_number(number))
        if found is None:
            raise not_found()
        return {"user": found}


def _tickets(routes: APIRouter, desk: Desk) -> None:
    @routes.get("/tickets")
    async def listed(request: Request) -> Json:
        wanted = request.query_params.get("external_id")
        standing = [t for t in desk.tickets.values() if t["status"] != "deleted"]
        found = [t for t in standing if wanted in (None, t.get("external_id"))]
        return {"tickets": found[:100], "count": len(found), "next_page": None}

    @routes.post("/tickets")
    async def create(request: Request) -> Response:
        key = request.headers.get("idempotency-key", "")
        ticket, repeat = desk.create(await _given(request, "ticket"), key)
        seen = {"X-Idempotency-Lookup": "hit" if repeat else "miss"} if key else {}
        return JSONResponse({"ticket": ticket, "audit": {"id": 1}}, 201, seen)

    @routes.get("/tickets/{number}")
    async def show(number: str, request: Request) -> Json:
        ticket = desk.find(_number(number))
        return {"ticket": ticket, **_beside(desk, request, [ticket])}

    @routes.put("/tickets/{number}")
    async def update(number: str, request: Request) -> Json:
        ticket = desk.update(_number(number), await _given(request, "ticket"))
        return {"ticket": ticket, "audit": {"id": 2}}

    @routes.get("/tickets/{number}/comments")
    async def comments(number: str, request: Request) -> Json:
        found = desk.comments[desk.find(_number(number))["id"]]
        newest_first = request.query_params.get("sort") == "-created_at"
        size = int(request.query_params.get("page[size]") or 100)
        shown = (found[::-1] if newest_first else found)[:size]
        return {"comments": shown, "meta": {"has_more": len(found) > size}}


def _beside(desk: Desk, request: Request, tickets: list[Json]) -> Json:
    """Side-loaded users, where they are asked for."""
    if "users" not in request.query_params.get("include", "").split(","):
        return {}
    ids = {ticket["requester_id"] for ticket in tickets}
    return {"users": [user for user in desk.users.values() if user["id"] in ids]}


def _export(routes: APIRouter, desk: Desk) -> None:
    @routes.get("/incremental/tickets/cursor")
    async def changed(request: Request) -> Json:
        cursor, since = (request.query_params.get(n, "") for n in ("cursor", "start_time"))
        mark = _read_cursor(cursor) if cursor else (_start(since, desk), 0)
        tickets, ended = desk.export(*mark)
        if tickets:
            mark = (tickets[-1]["generated_timestamp"], tickets[-1]["id"])
        after = base64.b64encode(f"{float(mark[0])}||{mark[1]}|".encode()).decode()
        own = "https://sandbox.zendesk.test/api/v2/incremental/tickets/cursor.json?cursor="
        return {
            "tickets": tickets,
            "after_cursor": after,
            "after_url": own + after,
            "before_cursor": None,
            "before_url": None,
            "end_of_stream": ended,
            **_beside(desk, request, tickets),
        }


def _start(value: str, desk: Desk) -> float:
    if not (value.isascii() and value.isdigit()):
        raise refusal(400, "StartTimeMissing", "You must supply a start_time")
    if int(value) > desk.kit.clock.timestamp() - 60:
        raise refusal(422, "StartTimeTooRecent", "start_time must be over 60 seconds ago")
    return float(value)


def _read_cursor(cursor: str) -> tuple[float, int]:
    try:
        seconds, _, number, _ = base64.b64decode(cursor).decode().split("|")
        return float(seconds), int(number)
    except ValueError:
        raise refusal(400, "InvalidCursor", "The cursor cannot be read") from None


def _webhooks(routes: APIRouter, triggers: Triggers) -> None:
    @routes.get("/webhooks")
    async def listed() -> Json:
        return {"webhooks": list(triggers.webhooks.values()), "meta": {"has_more": False}}

    @routes.post("/webhooks", status_code=201)
    async def create(request: Request) -> Json:
        return {"webhook": triggers.add_webhook(await _given(request, "webhook"))}

    @routes.get("/webhooks/{number}")
    async def show(number: str) -> Json:
        return {"webhook": triggers.webhook(number)}

    @routes.delete("/webhooks/{number}", status_code=204)
    async def remove(number: str) -> Response:
        triggers.remove_webhook(number)
        return Response(status_code=204)

    @routes.get("/webhooks/{number}/signing_secret")
    async def secret(number: str) -> Json:
        found = triggers.secret(triggers.webhook(number)["id"])
        return {"signing_secret": {"algorithm": "SHA256", "secret": found}}


def _triggers(routes: APIRouter, triggers: Triggers) -> None:
    @routes.get("/triggers")
    async def listed() -> Json:
        found = list(triggers.rules.values())
        return {"triggers": found, "count": len(found), "next_page": None, "previous_page": None}

    @routes.post("/triggers", status_code=201)
    async def create(request: Request) -> Json:
        return {"trigger": triggers.add(await _given(request, "trigger"))}

    @routes.put("/triggers/{number}")
    async def change(number: str, request: Request) -> Json:
        given = await _given(request, "trigger")
        return {"trigger": triggers.change(_number(number), given)}
