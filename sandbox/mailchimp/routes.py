"""The API's HTTP surface, behind one key an account."""

import base64
import hmac
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from sandbox.mailchimp.audience import LIST, LIST_NAME, Audience
from sandbox.mailchimp.campaigns import Campaigns
from sandbox.mailchimp.errors import invalid, not_found, problem
from sandbox.mailchimp.hooks import Hooks
from sandbox.wire import BadBody, Json, read_json

MEMBER = "/lists/{list_id}/members/{key}"
NOTHING = 204


def router(audience: Audience, campaigns: Campaigns, hooks: Hooks, key: str) -> APIRouter:
    async def guard(request: Request) -> None:
        """Any user name goes with the key; a key of another kind is a bearer token."""
        scheme, _, told = request.headers.get("authorization", "").partition(" ")
        given = told if scheme.lower() == "bearer" else _password(told)
        if not hmac.compare_digest(given.encode(), key.encode()):
            raise problem(401, "API Key Invalid", "Your API key may be invalid.")
        if request.path_params.get("list_id", LIST) != LIST:
            raise not_found()

    routes = APIRouter(prefix="/mailchimp/3.0", dependencies=[Depends(guard)])

    @routes.get("/ping")
    async def ping() -> Json:
        return {"health_status": "Everything's Chimpy!"}

    @routes.get("/lists/{list_id}")
    async def about(list_id: str) -> Json:
        return {"id": list_id, "name": LIST_NAME}

    _members(routes, audience)
    _segments(routes, audience)
    _campaigns(routes, campaigns)
    _webhooks(routes, hooks)
    return routes


def _password(told: str) -> str:
    try:
        return base64.b64decode(told).decode().partition(":")[2]
    except ValueError:
        return ""


async def _body(request: Request) -> Json:
    try:
        return await read_json(request)
    except BadBody:
        raise problem(
            400, "JSON Parse Error", "We encountered an unspecified JSON error."
        ) from None


def _page(name: str, rows: list[Json], request: Request) -> Json:
    """Ten at a time unless asked for more, a thousand at most."""
    asked = request.query_params
    count, offset = int(asked.get("count", 10)), int(asked.get("offset", 0))
    if not 0 <= count <= 1000:
        raise invalid("The count must be at most 1000.")
    return {name: rows[offset : offset + count], "total_items": len(rows)}


def _members(routes: APIRouter, audience: Audience) -> None:
    @routes.get("/lists/{list_id}/members")
    async def members(list_id: str, request: Request) -> Json:
        status = request.query_params.get("status")
        since = request.query_params.get("since_last_changed", "")
        rows = [
            one
            for one in audience.members.values()
            if status in (None, one["status"]) and one["last_changed"] >= since
        ]
        return {**_page("members", rows, request), "list_id": list_id}

    @routes.get(MEMBER)
    async def member(key: str) -> Json:
        found = audience.find(key)
        tags = [{"id": audience.tag_id(name), "name": name} for name in found["tags"]]
        return {**found, "tags": tags, "tags_count": len(tags)}

    @routes.put(MEMBER)
    async def put(key: str, request: Request) -> Json:
        body = await _body(request)
        return audience.put(str(body.get("email_address") or key), body)

    @routes.post(MEMBER + "/tags", status_code=NOTHING)
    async def tags(key: str, request: Request) -> Response:
        for one in (await _body(request)).get("tags") or []:
            audience.tag(key, str(one["name"]), str(one["status"]))
        return Response(status_code=NOTHING)

    @routes.get(MEMBER + "/events")
    async def events(key: str, request: Request) -> Json:
        return _page("events", audience.events.get(audience.find(key)["id"], []), request)

    @routes.post(MEMBER + "/events", status_code=NOTHING)
    async def note_event(key: str, request: Request) -> Response:
        audience.note_event(key, await _body(request))
        return Response(status_code=NOTHING)

    @routes.post(
        "/customer-journeys/journeys/{journey}/steps/{step}/actions/trigger", status_code=NOTHING
    )
    async def trigger(journey: str, step: str, request: Request) -> Response:
        audience.enter(journey, step, str((await _body(request)).get("email_address") or ""))
        return Response(status_code=NOTHING)


def _segments(routes: APIRouter, audience: Audience) -> None:
    @routes.get("/lists/{list_id}/segments")
    async def segments(list_id: str, request: Request) -> Json:
        since = request.query_params.get("since_created_at", "")
        rows = [audience.segment(one) for one in audience.segments]
        rows = [one for one in rows if one["created_at"] >= since]
        return {**_page("segments", rows, request), "list_id": list_id}

    @routes.post("/lists/{list_id}/segments")
    async def add(request: Request) -> Json:
        body: dict[str, Any] = await _body(request)
        if not body.get("name"):
            raise invalid("A segment has a name.")
        return audience.add_segment(str(body["name"]), body.get("static_segment") or [])

    @routes.post("/lists/{list_id}/segments/{number}")
    async def fill(number: int, request: Request) -> Json:
        told = await _body(request)
        audience.empty(number, told.get("members_to_remove") or [])
        return audience.fill(number, told.get("members_to_add") or [])

    @routes.get("/lists/{list_id}/segments/{number}/members")
    async def aboard(number: int, request: Request) -> Json:
        return _page("members", audience.aboard(number), request)


def _campaigns(routes: APIRouter, campaigns: Campaigns) -> None:
    @routes.get("/campaigns")
    async def listed(request: Request) -> Json:
        since = request.query_params.get("since_create_time", "")
        rows = [one for one in campaigns.all.values() if one["create_time"] >= since]
        return _page("campaigns", rows, request)

    @routes.post("/campaigns")
    async def create(request: Request) -> Json:
        return campaigns.create(await _body(request))

    @routes.delete("/campaigns/{number}", status_code=NOTHING)
    async def remove(number: str) -> Response:
        campaigns.remove(number)
        return Response(status_code=NOTHING)

    @routes.post("/campaigns/{number}/actions/schedule", status_code=NOTHING)
    async def schedule(number: str, request: Request) -> Response:
        campaigns.schedule(number, (await _body(request)).get("schedule_time"))
        return Response(status_code=NOTHING)


def _webhooks(routes: APIRouter, hooks: Hooks) -> None:
    @routes.get("/lists/{list_id}/webhooks")
    async def listed(list_id: str) -> Json:
        rows = list(hooks.registered.values())
        return {"webhooks": rows, "list_id": list_id, "total_items": len(rows)}

    @routes.post("/lists/{list_id}/webhooks")
    async def register(request: Request) -> Json:
        return await hooks.register(await _body(request))

    @routes.delete("/lists/{list_id}/webhooks/{number}", status_code=NOTHING)
    async def remove(number: str) -> Response:
        hooks.remove(number)
        return Response(status_code=NOTHING)
