"""Salesforce's HTTP surface: tokens, queries and records."""

from datetime import datetime, timedelta
from secrets import token_hex

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse

from sandbox.salesforce.org import Org
from sandbox.salesforce.wire import PATH, refusal, shown
from sandbox.wire import BadBody, Json, Refusal, read_form, read_json

SESSION = timedelta(hours=2)
AT_ONCE = 200


class Door:
    """Sessions last two hours of the town's clock; the answer to a login does not say so."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._until: dict[str, datetime] = {}

    async def exchange(self, request: Request) -> Json:
        form, make = await read_form(request), self._org.kit.secrets.make
        known = (make("salesforce-client"), make("salesforce-secret"))
        if form.get("grant_type") != "client_credentials":
            raise Refusal(400, {"error": "unsupported_grant_type"})
        if (form.get("client_id"), form.get("client_secret")) != known:
            raise Refusal(400, {"error": "invalid_client_id"})
        token = f"00D000000000001!{token_hex(16)}"
        self._until[token] = self._org.kit.clock.now() + SESSION
        base = f"{str(request.base_url).rstrip('/')}/salesforce"
        return {"access_token": token, "instance_url": base, "token_type": "Bearer"}

    async def guard(self, request: Request) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        until = self._until.get(token)
        if scheme.lower() != "bearer" or until is None or until <= self._org.kit.clock.now():
            raise refusal(401, "INVALID_SESSION_ID", "Session expired or invalid")


def router(org: Org) -> APIRouter:
    routes = APIRouter(prefix="/salesforce")
    door = Door(org)
    routes.post("/services/oauth2/token")(door.exchange)
    data = APIRouter(prefix=PATH, dependencies=[Depends(door.guard)])
    _queries(data, org)
    _records(data, org)
    routes.include_router(data)
    return routes


def _queries(routes: APIRouter, org: Org) -> None:
    """Two hundred records an answer; the rest wait under a locator."""
    waiting: dict[str, list[Json]] = {}

    def answer(rows: list[Json]) -> Json:
        told: Json = {"totalSize": len(rows), "done": len(rows) <= AT_ONCE}
        if not told["done"]:
            locator = f"01g{token_hex(6)}-{AT_ONCE}"
            waiting[locator] = rows[AT_ONCE:]
            told["nextRecordsUrl"] = f"{PATH}/query/{locator}"
        return {**told, "records": rows[:AT_ONCE]}

    @routes.get("/query")
    @routes.get("/query/")
    async def query(q: str) -> Json:
        return answer(org.query(q, deleted_too=False))

    @routes.get("/queryAll/")
    async def query_all(q: str) -> Json:
        return answer(org.query(q, deleted_too=True))

    @routes.get("/query/{locator}")
    async def more(locator: str) -> Json:
        if locator not in waiting:
            raise refusal(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        return answer(waiting.pop(locator))


def _records(routes: APIRouter, org: Org) -> None:
    @routes.post("/sobjects/{kind}")
    @routes.post("/sobjects/{kind}/")
    async def create(kind: str, request: Request) -> JSONResponse:
        return _saved(org.create(kind, await _body(request)), made=True)

    @routes.get("/sobjects/{kind}/{number}")
    async def get(kind: str, number: str) -> Json:
        return shown(kind, org.find(kind, number))

    @routes.patch("/sobjects/{kind}/{number}")
    async def update(kind: str, number: str, request: Request) -> Response:
        since = request.headers.get("if-unmodified-since", "")
        org.update(kind, number, await _body(request), since)
        return Response(status_code=204)

    @routes.delete("/sobjects/{kind}/{number}")
    async def delete(kind: str, number: str) -> Response:
        org.delete(kind, number)
        return Response(status_code=204)

    @routes.patch("/sobjects/{kind}/{field}/{value}")
    async def upsert(kind: str, field: str, value: str, request: Request) -> JSONResponse:
        number, made = org.upsert(kind, field, value, await _body(request))
        return _saved(number, made=made)


def _saved(number: str, *, made: bool) -> JSONResponse:
    told = {"id": number, "success": True, "errors": [], "created": made}
    return JSONResponse(told, 201 if made else 200)


async def _body(request: Request) -> Json:
    try:
        return await read_json(request)
    except BadBody:
        raise refusal(400, "JSON_PARSER_ERROR", "The body cannot be read.") from None
