"""HubSpot's HTTP surface: records, properties and meeting links."""

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse

from sandbox.hubspot import link
from sandbox.hubspot.portal import Portal, token_of
from sandbox.hubspot.search import paged, search
from sandbox.hubspot.wire import NAMES, OUTCOMES, Record, refusal, shown
from sandbox.wire import BadBody, Json, read_json, truth

AT_ONCE = 100
"""What one batch may ask for."""


def router(portal: Portal) -> APIRouter:
    async def guard(request: Request) -> None:
        if request.headers.get("authorization") != f"Bearer {token_of(portal.kit)}":
            raise refusal(401, "INVALID_AUTHENTICATION", "Authentication credentials not found")

    routes = APIRouter(prefix="/hubspot", dependencies=[Depends(guard)])
    objects = APIRouter(prefix="/crm/v3/objects")
    _many(objects, portal)
    _one(objects, portal)
    routes.include_router(objects)
    _associations(routes, portal)
    _properties(routes)
    link.add(routes, portal)
    return routes


async def body_of(request: Request) -> Json:
    try:
        return await read_json(request)
    except BadBody:
        raise refusal(400, "VALIDATION_ERROR", "Invalid input JSON") from None


async def _given(request: Request) -> dict[str, str]:
    given = (await body_of(request)).get("properties")
    if not isinstance(given, dict):
        raise refusal(400, "VALIDATION_ERROR", "properties are required")
    return {str(name): str(value) for name, value in given.items()}


def _many(routes: APIRouter, portal: Portal) -> None:
    @routes.post("/{kind}/search")
    async def find(kind: str, request: Request) -> Json:
        return search(portal, kind, await body_of(request))

    @routes.post("/{kind}/batch/read")
    async def batch(kind: str, request: Request) -> Response:
        body = await body_of(request)
        known = {one.id: one for one in portal.of(kind)}
        wanted, missing = _split(body, set(known))
        rows = [shown(known[number], ",".join(body["properties"])) for number in wanted]
        return _batch(rows, missing, "Could not get some objects")

    @routes.get("/{kind}")
    async def listed(kind: str, request: Request) -> Json:
        query = request.query_params
        rows = portal.of(kind, archived=truth(query.get("archived")))
        first, limit = int(query.get("after") or 0), int(query.get("limit") or 10)
        if not 0 < limit <= 100:
            raise refusal(400, "VALIDATION_ERROR", "the limit is at most 100")
        return paged([shown(one, query.get("properties")) for one in rows], first, limit)

    @routes.post("/{kind}", status_code=201)
    async def create(kind: str, request: Request) -> Json:
        body = await body_of(request)
        contacts = [str(one["to"]["id"]) for one in body.get("associations") or []]
        return shown(portal.create(kind, await _given(request), contacts))


def _associations(routes: APIRouter, portal: Portal) -> None:
    @routes.post("/crm/v4/associations/{kind}/{other}/batch/read")
    async def batch(kind: str, other: str, request: Request) -> Response:
        known = {one.id: one.linked for one in portal.of(kind) if one.linked}
        wanted, missing = _split(await body_of(request), set(known))
        label = {"category": "HUBSPOT_DEFINED", "typeId": 200, "label": None}
        rows = [
            {
                "from": {"id": number},
                "to": [
                    {"toObjectId": int(to), "associationTypes": [label]} for to in known[number]
                ],
            }
            for number in wanted
        ]
        return _batch(rows, missing, f"No {other} is associated with {kind}")


def _split(body: Json, known: set[str]) -> tuple[list[str], list[str]]:
    """What of a batch there is, and what there is not."""
    asked = list(dict.fromkeys(str(one["id"]) for one in body.get("inputs") or []))
    if not 0 < len(asked) <= AT_ONCE:
        raise refusal(400, "VALIDATION_ERROR", f"between 1 and {AT_ONCE} inputs")
    return [n for n in asked if n in known], [n for n in asked if n not in known]


def _batch(rows: list[Json], missing: list[str], message: str) -> Response:
    """207 where something was left out, with why."""
    times = dict.fromkeys(("startedAt", "completedAt"), "2026-01-01T00:00:00.000Z")
    body: Json = {"status": "COMPLETE", "results": rows, **times}
    if not missing:
        return JSONResponse(body)
    fault: Json = {"status": "error", "category": "OBJECT_NOT_FOUND", "message": message}
    fault |= {"context": {"ids": missing}, "links": {}, "errors": []}
    return JSONResponse({**body, "numErrors": 1, "errors": [fault]}, 207)


def _one(routes: APIRouter, portal: Portal) -> None:
    @routes.get("/{kind}/{number}")
    async def get(kind: str, number: str, request: Request) -> Json:
        query = request.query_params
        one = portal.find(kind, number, query.get("idProperty") or "")
        return {**shown(one, query.get("properties")), **_linked(one, query.get("associations"))}

    @routes.patch("/{kind}/{number}")
    async def change(kind: str, number: str, request: Request) -> Json:
        by = request.query_params.get("idProperty") or ""
        return shown(portal.update(kind, number, await _given(request), by))

    @routes.delete("/{kind}/{number}")
    async def archive(kind: str, number: str) -> Response:
        portal.archive(kind, number)
        return Response(status_code=204)


def _linked(one: Record, asked: str | None) -> Json:
    """A record without any has no such key."""
    if not asked or not one.linked:
        return {}
    rows = [{"id": number, "type": f"{one.kind}_to_{asked}"} for number in one.linked]
    return {"associations": {asked: {"results": rows}}}


def _properties(routes: APIRouter) -> None:
    @routes.get("/crm/v3/properties/{kind}/{name}")
    async def one(kind: str, name: str) -> Json:
        if name not in NAMES.get(kind, set()):
            raise refusal(404, "OBJECT_NOT_FOUND", "Property not found")
        options = [{"label": w, "value": w, "hidden": False} for w in sorted(OUTCOMES)]
        return {
            "name": name,
            "label": name.replace("_", " ").capitalize(),
            "description": "",
            "groupName": kind,
            "type": "enumeration" if name == "hs_meeting_outcome" else "string",
            "fieldType": "select" if name == "hs_meeting_outcome" else "text",
            "options": options if name == "hs_meeting_outcome" else [],
        }
