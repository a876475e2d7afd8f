"""Freshdesk's HTTP surface, behind Basic auth with the API key as the user's name."""

import base64
import binascii
import time
from collections import deque
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse

from sandbox.freshdesk.desk import AGENT, CHOICES, Desk
from sandbox.freshdesk.wire import coded, invalid
from sandbox.kit import Kit
from sandbox.wire import BadBody, Json, Refusal, read_json

LISTS_A_MINUTE = 20
LAST_PAGE = 300


def api_key(kit: Kit) -> str:
    return "sandbox" + kit.secrets.make("freshdesk-key", 13)


def router(desk: Desk) -> APIRouter:
    routes = APIRouter(prefix="/freshdesk/api/v2", dependencies=[Depends(_guard(desk.kit))])
    _account(routes, desk)
    _lists(routes, desk)
    _tickets(routes, desk)
    _conversations(routes, desk)
    return routes


def _guard(kit: Kit) -> Any:
    async def guard(request: Request) -> None:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        try:
            user = base64.b64decode(given).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError, ValueError):
            user = ""
        if scheme.lower() != "basic" or user != api_key(kit):
            raise coded(401, "invalid_credentials")

    return guard


async def _given(request: Request) -> Json:
    try:
        return await read_json(request)
    except BadBody:
        raise coded(400, "invalid_json") from None


def _number(value: str) -> int:
    if not (value.isascii() and value.isdigit() and int(value[:18]) > 0 and len(value) < 19):
        raise Refusal(404, "")
    return int(value)


def _account(routes: APIRouter, desk: Desk) -> None:
    @routes.get("/agents/me")
    async def me() -> Json:
        contact = {"name": "Harbour Street Studio", "email": "studio@sandbox.example.com"}
        return {"id": AGENT, "available": True, "contact": contact}

    @routes.get("/ticket_fields")
    async def fields() -> list[Json]:
        reason = {"name": "cf_reason", "label": "Reason", "type": "custom_dropdown"}
        return [{"id": 1, **reason, "default": False, "position": 1, "choices": CHOICES}]

    @routes.get("/contacts")
    async def contacts(request: Request) -> list[Json]:
        wanted = {k: v for k, v in request.query_params.items() if k in ("email", "phone")}
        found = desk.contacts.values()
        return [one for one in found if all(one[k] == v for k, v in wanted.items())]


def _lists(routes: APIRouter, desk: Desk) -> None:
    """Lists have a limit of their own, the tightest of all."""
    asked: deque[float] = deque(maxlen=LISTS_A_MINUTE)

    @routes.get("/tickets")
    async def listed(request: Request) -> Response:
        now, limited = time.monotonic(), desk.kit.config.limits
        if limited and len(asked) == LISTS_A_MINUTE and now - asked[0] < 60:
            raise Refusal(429, {}, {"Retry-After": str(int(61 - now + asked[0]))})
        asked.append(now)
        query = dict(request.query_params)
        found = [ticket for ticket in desk.tickets.values() if _wanted(desk, ticket, query)]
        newest_first = query.get("order_type", "desc") == "desc"
        by = query.get("order_by", "created_at")
        found.sort(key=lambda ticket: (ticket[by], ticket["id"]), reverse=newest_first)
        size, page = int(query.get("per_page", 30)), int(query.get("page", 1))
        if size > 100 or page > LAST_PAGE:
            raise invalid("page" if page > LAST_PAGE else "per_page")
        part = found[(page - 1) * size : page * size]
        more = {"Link": f'<{request.url}>; rel="next"'} if page * size < len(found) else {}
        shown = [desk.shown(ticket, query.get("include", "")) for ticket in part]
        return JSONResponse(shown, headers=more)


def _wanted(desk: Desk, ticket: Json, query: dict[str, str]) -> bool:
    contact = desk.contacts[ticket["requester_id"]]
    since = query.get("updated_since")
    return (
        query.get("email") in (None, contact["email"])
        and query.get("requester_id") in (None, str(contact["id"]))
        and (not since or _instant(ticket["updated_at"]) >= _instant(since))
        and not ticket.get("deleted")
    )


def _instant(value: str) -> datetime:
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        raise invalid("updated_since", "datatype_mismatch") from None


def _tickets(routes: APIRouter, desk: Desk) -> None:
    @routes.post("/tickets")
    async def create(request: Request) -> Response:
        ticket = desk.create(await _given(request))
        place = {"Location": f"{request.url}/{ticket['id']}"}
        return JSONResponse(ticket, 201, place)

    @routes.get("/tickets/{number}")
    async def show(number: str, request: Request) -> Json:
        include = request.query_params.get("include", "")
        return desk.shown(desk.find(_number(number)), include)

    @routes.put("/tickets/{number}")
    async def update(number: str, request: Request) -> Json:
        return desk.update(_number(number), await _given(request))


def _conversations(routes: APIRouter, desk: Desk) -> None:
    @routes.get("/tickets/{number}/conversations")
    async def listed(number: str, request: Request) -> list[Json]:
        size = int(request.query_params.get("per_page", 30))
        first = (int(request.query_params.get("page", 1)) - 1) * size
        return desk.conversations[desk.find(_number(number))["id"]][first : first + size]

    @routes.post("/tickets/{number}/notes", status_code=201)
    async def note(number: str, request: Request) -> Json:
        given = await _given(request)
        return desk.converse(_number(number), given, private=given.get("private") is not False)

    @routes.post("/tickets/{number}/reply", status_code=201)
    async def reply(number: str, request: Request) -> Json:
        return desk.converse(_number(number), await _given(request), private=False)
