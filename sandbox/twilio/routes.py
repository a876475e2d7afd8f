"""Twilio's HTTP surface, behind Basic auth with account SID and token."""

import base64
import binascii
from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse

from sandbox.twilio.errors import refusal
from sandbox.twilio.lists import messages_page
from sandbox.twilio.phone import Phone
from sandbox.wire import Json, read_form


def router(phone: Phone) -> APIRouter:
    routes = APIRouter(
        prefix="/twilio/2010-04-01/Accounts/{account}", dependencies=[Depends(_guard(phone))]
    )

    @routes.post("/Messages.json")
    async def send(request: Request) -> Response:
        return JSONResponse(phone.shown(phone.send(await read_form(request))), 201)

    @routes.get("/Messages.json")
    async def messages(request: Request) -> Json:
        return messages_page(phone, dict(request.query_params))

    @routes.get("/Messages/{sid}.json")
    async def get(sid: str) -> Json:
        return phone.shown(phone.find(sid))

    @routes.post("/Messages/{sid}.json")
    async def change(sid: str, request: Request) -> Json:
        form = await read_form(request)
        message = phone.find(sid)
        if form.get("Status"):
            raise refusal(400, 30409, "Only scheduled messages can be canceled.")
        if form.get("Body") == "":
            message.body = ""
        return phone.shown(message)

    @routes.delete("/Messages/{sid}.json")
    async def delete(sid: str) -> Response:
        phone.messages.remove(phone.find(sid))
        return Response(status_code=204)

    return _with_account(routes, phone)


def _with_account(routes: APIRouter, phone: Phone) -> APIRouter:
    outer = APIRouter()
    outer.include_router(routes)

    @outer.get("/twilio/2010-04-01/Accounts/{account}.json", dependencies=[Depends(_guard(phone))])
    async def account() -> Json:
        sid = phone.kit.secrets.twilio_sid
        return {"sid": sid, "friendly_name": "Harbour Street Studio", "status": "active"}

    return outer


def _guard(phone: Phone) -> Any:
    secrets = phone.kit.secrets
    wanted = f"{secrets.twilio_sid}:{secrets.twilio_token}"

    async def guard(account: str, request: Request) -> None:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        try:
            plain = base64.b64decode(given).decode()
        except (binascii.Error, UnicodeDecodeError, ValueError):
            plain = ""
        if scheme.lower() != "basic" or plain != wanted:
            raise refusal(401, 20003, "Authenticate")
        if account != secrets.twilio_sid:
            raise refusal(404, 20404, "The requested resource was not found")

    return guard
