"""Graph's HTTP surface, behind bearer tokens."""

from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse

from sandbox.outlook import lists
from sandbox.outlook.errors import invalid, refusal
from sandbox.outlook.oauth import Tokens
from sandbox.outlook.store import Mailbox, Store, moment
from sandbox.wire import BadBody, Json, read_form, read_json


def routers(store: Store, tokens: Tokens) -> APIRouter:
    routes = APIRouter(prefix="/outlook")
    graph = APIRouter(prefix="/v1.0", dependencies=[Depends(tokens.guard)])
    _reads(graph, store)
    _writes(graph, store)
    _subscriptions(graph, store)
    routes.include_router(graph)

    @routes.post(f"/{tokens.tenant}/oauth2/v2.0/token")
    async def token(request: Request) -> Json:
        return tokens.exchange(await read_form(request))

    return routes


async def _body(request: Request) -> Json:
    try:
        return await read_json(request)
    except BadBody:
        raise refusal(400, "BadRequest", "Unable to read JSON request payload.") from None


def _named(body: Json, name: str) -> Any:
    """The parameters of an action are taken in any case."""
    return next((value for key, value in body.items() if key.lower() == name.lower()), None)


def _address(request: Request) -> str:
    return str(request.url).partition("?")[0]


def _reads(routes: APIRouter, store: Store) -> None:
    @routes.get("/users/{user}/calendars")
    async def calendars(user: str) -> Json:
        return {"value": [_calendar(store.mailbox(user))]}

    @routes.get("/users/{user}/calendarView")
    async def view(user: str, request: Request) -> Json:
        most = lists.size(request.headers.get("prefer", ""))
        query = dict(request.query_params)
        return lists.view(store.mailbox(user), query, _address(request), most)

    @routes.get("/users/{user}/calendarView/delta")
    async def delta(user: str, request: Request) -> Json:
        most = lists.size(request.headers.get("prefer", ""))
        query = dict(request.query_params)
        return lists.delta(store, store.mailbox(user), query, _address(request), most)

    @routes.get("/users/{user}/events/{event}")
    async def get(user: str, event: str) -> Json:
        return store.known(user, event)

    @routes.post("/users/{user}/calendar/getSchedule")
    async def schedule(user: str, request: Request) -> Json:
        store.mailbox(user)
        body = await _body(request)
        edges = moment(_named(body, "StartTime")), moment(_named(body, "EndTime"))
        named = [str(one) for one in _named(body, "Schedules") or []]
        return {"value": [_schedule(store, one, edges) for one in named]}


def _schedule(store: Store, address: str, edges: tuple[Any, Any]) -> Json:
    if address.lower() in store.mailboxes:
        return lists.schedule(store.mailboxes[address.lower()], *edges)
    told = {"message": "The address is not known.", "responseCode": "ErrorMailRecipientNotFound"}
    return {"scheduleId": address, "error": told}


def _calendar(mailbox: Mailbox) -> Json:
    owner = {"name": mailbox.name, "address": mailbox.address}
    return {
        "id": f"cal-{mailbox.id}",
        "name": "Calendar",
        "isDefaultCalendar": True,
        "owner": owner,
    }


def _writes(routes: APIRouter, store: Store) -> None:
    @routes.post("/users/{user}/events")
    async def create(user: str, request: Request) -> Response:
        body = await _body(request)
        if not body.keys() >= {"start", "end"}:
            raise invalid("An event needs a start and an end.")
        return JSONResponse(store.create(user, body), 201)

    @routes.patch("/users/{user}/events/{event}")
    async def change(user: str, event: str, request: Request) -> Json:
        if_match = request.headers.get("if-match")
        return store.change(user, event, await _body(request), if_match)

    @routes.delete("/users/{user}/events/{event}")
    async def delete(user: str, event: str) -> Response:
        store.delete(user, event)
        return Response(status_code=204)

    @routes.post("/users/{user}/events/{event}/cancel")
    async def cancel(user: str, event: str, request: Request) -> Response:
        store.cancel(user, event, str(_named(await _body(request), "Comment") or ""))
        return Response(status_code=202)


def _subscriptions(routes: APIRouter, store: Store) -> None:
    @routes.get("/subscriptions")
    async def listed() -> Json:
        return {"value": [one.shown() for one in store.push.subscriptions.values()]}

    @routes.post("/subscriptions")
    async def subscribe(request: Request) -> Response:
        return JSONResponse(await store.push.open(await _body(request)), 201)

    @routes.get("/subscriptions/{number}")
    async def one(number: str) -> Json:
        return store.push.find(number).shown()

    @routes.patch("/subscriptions/{number}")
    async def renew(number: str, request: Request) -> Json:
        return store.push.renew(number, await _body(request))

    @routes.delete("/subscriptions/{number}")
    async def remove(number: str) -> Response:
        store.push.remove(number)
        return Response(status_code=204)
