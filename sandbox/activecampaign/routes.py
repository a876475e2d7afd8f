"""The API's HTTP surface, behind one token a user."""

import hmac
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response

from sandbox.activecampaign.crm import PIPELINE, STAGES, Crm
from sandbox.activecampaign.errors import invalid
from sandbox.activecampaign.hooks import Hooks
from sandbox.wire import BadBody, Json, Refusal, read_json

MOST = 100


def router(crm: Crm, hooks: Hooks, token: str) -> APIRouter:
    async def guard(request: Request) -> None:
        if not hmac.compare_digest(request.headers.get("api-token", "").encode(), token.encode()):
            raise Refusal(403, {"message": "You are not authorized to access this resource"})

    routes = APIRouter(prefix="/activecampaign/api/3", dependencies=[Depends(guard)])
    _deals(routes, crm)
    _contacts(routes, crm)
    _webhooks(routes, hooks)

    @routes.get("/users/me")
    async def me() -> Json:
        return {"user": {"id": "1", "username": "harbour-street", "email": "staff@example.com"}}

    return routes


def _listed(name: str, rows: list[Json], request: Request) -> Json:
    """Twenty at a time unless asked for more, a hundred at most."""
    limit, offset = (
        _whole(request.query_params.get(n), d) for n, d in (("limit", 20), ("offset", 0))
    )
    page = rows[offset : offset + min(limit, MOST)]
    return {name: page, "meta": {"total": str(len(rows))}}


def _whole(value: str | None, default: int) -> int:
    return int(value) if value and value.isascii() and value.isdigit() else default


async def _body(request: Request, name: str) -> Json:
    try:
        told: Any = (await read_json(request)).get(name)
    except BadBody:
        told = None
    if not isinstance(told, dict):
        raise invalid(name, "The body is not of its documented shape.", "invalid_body", status=400)
    return told


def _deals(routes: APIRouter, crm: Crm) -> None:
    @routes.get("/deals")
    async def deals(request: Request) -> Json:
        since = request.query_params.get("filters[updated_after]", "")
        return _listed("deals", crm.changed_since(since[:10]), request)

    @routes.post("/deals")
    async def create(request: Request) -> Response:
        deal = crm.create(await _body(request, "deal"))
        return JSONResponse({"contacts": [], "dealStages": [], "deal": deal}, 201)

    @routes.get("/deals/{deal_id}")
    async def deal(deal_id: str) -> Json:
        return {"deal": crm.deal(deal_id)}

    @routes.put("/deals/{deal_id}")
    async def update(deal_id: str, request: Request) -> Json:
        deal = crm.update(deal_id, await _body(request, "deal"))
        return {"contacts": [], "dealStages": [], "deal": deal}

    @routes.get("/deals/{deal_id}/notes")
    async def notes(deal_id: str, request: Request) -> Json:
        crm.deal(deal_id)
        return _listed("notes", crm.notes.get(deal_id, []), request)

    @routes.post("/deals/{deal_id}/notes")
    async def note(deal_id: str, request: Request) -> Response:
        made = crm.note(deal_id, str((await _body(request, "note")).get("note") or ""))
        return JSONResponse({"deals": [crm.deal(deal_id)], "note": made}, 201)

    @routes.get("/dealStages")
    async def stages(request: Request) -> Json:
        rows = [{"id": one, "group": PIPELINE, "title": title} for one, title in STAGES.items()]
        return _listed("dealStages", rows, request)

    @routes.get("/dealCustomFieldData")
    async def fields(request: Request) -> Json:
        wanted = request.query_params.get("filters[dealId]")
        rows: list[Json] = [
            {
                "id": f"{deal_id}0{field}",
                "dealCustomFieldMetumId": int(field),
                "dealId": int(deal_id),
                "customFieldId": int(field),
                "fieldValue": value,
            }
            for deal_id, own in crm.fields.items()
            for field, value in own.items()
            if wanted in (None, deal_id)
        ]
        return _listed("dealCustomFieldData", rows, request)


def _contacts(routes: APIRouter, crm: Crm) -> None:
    @routes.get("/contacts")
    async def contacts(request: Request) -> Json:
        email = request.query_params.get("email", "").lower()
        rows = [one for one in crm.contacts.values() if email in ("", one["email"])]
        return {"scoreValues": [], **_listed("contacts", rows, request)}

    @routes.post("/contact/sync")
    async def sync(request: Request) -> Response:
        contact = crm.put_contact(await _body(request, "contact"))
        return JSONResponse({"fieldValues": [], "contact": contact}, 201)

    @routes.get("/contacts/{contact_id}")
    async def contact(contact_id: str) -> Json:
        found = crm.contact(contact_id)
        status = {"contact": contact_id, "list": "1", "status": crm.lists[contact_id], "id": "1"}
        return {"contactAutomations": [], "contactLists": [status], "deals": [], "contact": found}

    @routes.get("/contacts/{contact_id}/deals")
    async def own_deals(contact_id: str, request: Request) -> Json:
        crm.contact(contact_id)
        rows = [one for one in crm.deals.values() if one["contact"] == contact_id]
        return _listed("deals", rows, request)

    @routes.get("/contacts/{contact_id}/contactAutomations")
    async def entries(contact_id: str, request: Request) -> Json:
        crm.contact(contact_id)
        rows = [one for one in crm.entries.values() if one["contact"] == contact_id]
        return _listed("contactAutomations", rows, request)

    @routes.post("/contactAutomations")
    async def enter(request: Request) -> Response:
        told = await _body(request, "contactAutomation")
        entry = crm.enter(str(told.get("contact")), str(told.get("automation")))
        return JSONResponse({"contacts": [], "contactAutomation": entry}, 201)

    @routes.delete("/contactAutomations/{number}")
    async def leave(number: str) -> Json:
        crm.leave(number)
        return {}


def _webhooks(routes: APIRouter, hooks: Hooks) -> None:
    @routes.get("/webhooks")
    async def webhooks(request: Request) -> Json:
        return _listed("webhooks", list(hooks.registered.values()), request)

    @routes.post("/webhooks")
    async def register(request: Request) -> Response:
        return JSONResponse({"webhook": hooks.register(await _body(request, "webhook"))}, 201)

    @routes.delete("/webhooks/{number}")
    async def remove(number: str) -> Json:
        hooks.remove(number)
        return {}
