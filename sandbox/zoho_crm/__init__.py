"""Zoho CRM, emulated: API v8 for appointments, contacts, tasks and channels."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import ClassVar

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response

from sandbox.codes import Codes
from sandbox.kit import Kit
from sandbox.limits import Limit
from sandbox.wire import BadBody, Json, Refusal, read_json
from sandbox.zoho_crm.lists import chosen, listed, searched
from sandbox.zoho_crm.store import MODULE, RowFault, Store, refusal

MOST_TOKENS, TEN_MINUTES = 10, timedelta(minutes=10)


class ZohoCrm:
    slug: ClassVar[str] = "zoho_crm"
    limits: ClassVar[list[Limit]] = []

    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.store = Store(kit)
        self._tokens = {kit.secrets.make("zoho-access"): kit.clock.now() + timedelta(hours=1)}
        self._asked: list[datetime] = []
        needed = ("scope", "response_type")
        self._codes = Codes(kit, self._client_id, minutes=2, asks=needed)

    def router(self) -> APIRouter:
        routes = APIRouter(prefix="/zoho_crm")
        crm = APIRouter(prefix="/crm/v8", dependencies=[Depends(self._guard)])
        self._channels(crm)
        self._reads(crm)
        self._writes(crm)
        routes.include_router(crm)

        @routes.post("/oauth/v2/token")
        async def token(request: Request) -> Response:
            return self._exchange(dict(request.query_params))

        @routes.get("/oauth/v2/auth")
        async def sign_in(request: Request) -> Response:
            return self._codes.sign_in(request.query_params, **WHERE)

        return routes

    async def _guard(self, request: Request) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        until = self._tokens.get(token)
        if scheme != "Zoho-oauthtoken" or until is None or until <= self.kit.clock.now():
            raise refusal(401, "INVALID_TOKEN")

    def _exchange(self, query: dict[str, str]) -> Response:
        """Refusals come with status 200; ten tries in ten minutes are allowed."""
        now = self.kit.clock.now()
        self._asked = [*(at for at in self._asked if at > now - TEN_MINUTES), now]
        if self.kit.config.limits and len(self._asked) > MOST_TOKENS:
            return JSONResponse({"error": "Access Denied", "status": "failure"}, 400)
        own = (self._client_id, self._client_secret)
        if (query.get("client_id"), query.get("client_secret")) != own:
            return JSONResponse({"error": "invalid_client"})
        by_code = query.get("grant_type") == "authorization_code"
        given = self._codes.take(query) if by_code else None
        if given is None and (by_code or query.get("refresh_token") != self._refresh_token):
            return JSONResponse({"error": "invalid_code"})
        token = "sandbox-" + secrets.token_hex(16)
        self._tokens[token] = now + timedelta(hours=1)
        told = {"access_token": token, "expires_in": 3600, "token_type": "Bearer"}
        if given and given.offline:
            told["refresh_token"] = self._refresh_token
        return JSONResponse({**told, "api_domain": "https://www.zohoapis.com"})

    def _reads(self, routes: APIRouter) -> None:
        @routes.get("/{module}")
        async def rows(module: str, request: Request) -> Response:
            since = request.headers.get("if-modified-since", "")
            found = listed(self.store, module, dict(request.query_params), since)
            return JSONResponse(found) if found else Response(status_code=304 if since else 204)

        @routes.get("/{module}/search")
        async def search(module: str, request: Request) -> Response:
            found = searched(self.store, module, dict(request.query_params))
            return JSONResponse(found) if found else Response(status_code=204)

        @routes.get("/{module}/{identity}")
        async def one(module: str, identity: str, fields: str = "") -> Response:
            found = [row for row in self.store.shown(module) if row["id"] == identity]
            if not found:
                return Response(status_code=204)
            return JSONResponse({"data": [chosen(found[0], fields) if fields else found[0]]})

    def _writes(self, routes: APIRouter) -> None:
        @routes.post("/{module}")
        async def create(module: str, request: Request) -> Response:
            self.store.rows(module)
            return _written(
                [_tried(self.store.create, module, row) for row in await _data(request)]
            )

        @routes.put("/{module}")
        async def change(module: str, request: Request) -> Response:
            return _written(
                [
                    _tried(self.store.change, module, str(row.pop("id", "")), row)
                    for row in await _data(request)
                ],
                made=200,
            )

    def _channels(self, routes: APIRouter) -> None:
        async def told(request: Request) -> list[Json]:
            return [dict(one) for one in (await _body(request)).get("watch") or []]

        @routes.post("/actions/watch", status_code=201)
        async def watch(request: Request) -> Json:
            return {"watch": [self._opened(one) for one in await told(request)]}

        @routes.put("/actions/watch")
        async def again(request: Request) -> Json:
            asked = await told(request)
            if any(str(one.get("channel_id")) not in self.store.hooks.channels for one in asked):
                raise Refusal(400, {"watch": [{"code": "INVALID_DATA", "status": "error"}]})
            return {"watch": [self._opened(one) for one in asked]}

    def _opened(self, one: Json) -> Json:
        if len(str(one.get("token") or "")) >= 50:
            raise refusal(400, "INVALID_DATA")
        details = {"events": [self.store.hooks.open(one)]}
        return {"code": "SUCCESS", "details": details, "message": "ok", "status": "success"}

    def controls(self) -> APIRouter:
        routes = APIRouter(prefix="/_control/zoho_crm")

        @routes.post("/expire_tokens")
        async def expire() -> Json:
            self._tokens.clear()
            return {"expired": True}

        @routes.post("/{identity}/cancel")
        async def cancel(identity: str) -> Json:
            self.store.change(MODULE, identity, {"Status": "Cancelled", **BY_CLIENT})
            return {"cancelled": identity}

        @routes.post("/{identity}/delete")
        async def delete(identity: str) -> Json:
            self.store.delete(identity)
            return {"deleted": identity}

        @routes.post("/{identity}/missed")
        async def missed(identity: str) -> Json:
            """It was three hours ago, and nobody has completed it."""
            row = self.store.rows(MODULE)[identity]
            when = self.kit.clock.now().astimezone(self.kit.zone) - timedelta(hours=3)
            for name, moment in (
                ("Appointment_Start_Time", when - timedelta(hours=1)),
                ("Appointment_End_Time", when),
            ):
                row[name] = moment.isoformat(timespec="seconds")
            self.store.change(MODULE, identity, {"Status": "Overdue"})
            return {"missed": identity}

        return routes

    def fault(self, status: int, _wait: int) -> Refusal:
        codes = {401: "INVALID_TOKEN", 403: "NO_PERMISSION", 429: "TOO_MANY_REQUESTS"}
        return refusal(status, codes.get(status, "INTERNAL_ERROR"))

    def state(self) -> Json:
        return {
            "appointments": list(self.store.shown(MODULE)),
            "contacts": list(self.store.rows("Contacts").values()),
            "tasks": list(self.store.rows("Tasks").values()),
            "channels": list(self.store.hooks.channels.values()),
        }

    @property
    def _client_id(self) -> str:
        return "1000." + self.kit.secrets.make("zoho-client", 30).upper()

    @property
    def _client_secret(self) -> str:
        return self.kit.secrets.make("zoho-client-secret", 42)

    @property
    def _refresh_token(self) -> str:
        return "1000." + self.kit.secrets.make("zoho-refresh", 32)

    def entry(self, base: str) -> Json:
        return {
            "slug": self.slug,
            "connection": "zoho-crm",
            "base_url": f"{base}/zoho_crm",
            "credentials": {
                "client_id": self._client_id,
                "client_secret": self._client_secret,
                "refresh_token": self._refresh_token,
                "access_token": self.kit.secrets.make("zoho-access"),
            },
            "webhook_secrets": [self.store.hooks.secret],
            "settings": {
                "zone": self.kit.zone_name,
                "token_url": f"{base}/zoho_crm/oauth/v2/token",
                "authorize_url": f"{base}/zoho_crm/oauth/v2/auth",
            },
        }


WHERE = {"location": "us", "accounts-server": "https://accounts.zoho.com"}
"""Said to whoever signed in, beside the code."""
BY_CLIENT = {"Cancellation_Reason": "By Customer", "Cancellation_Note": "Cannot come"}


async def _body(request: Request) -> Json:
    try:
        return await read_json(request)
    except BadBody:
        raise refusal(400, "INVALID_DATA") from None


async def _data(request: Request) -> list[Json]:
    return [dict(row) for row in (await _body(request)).get("data") or []]


def _tried(act: Callable[..., Json], *given: object) -> tuple[Json, int]:
    """A row's own answer, and the status it would have alone."""
    try:
        row = act(*given)
    except RowFault as fault:
        told = {"code": fault.code, "details": fault.details, "message": fault.code.lower()}
        return {**told, "status": "error"}, fault.status
    details = {name: row[name] for name in ("id", "Modified_Time", "Created_Time")}
    return {"code": "SUCCESS", "details": details, "message": "done", "status": "success"}, 201


def _written(rows: list[tuple[Json, int]], made: int = 201) -> Response:
    statuses = {status for _, status in rows}
    status = made if statuses == {201} else 207 if len(rows) > 1 else statuses.pop()
    return JSONResponse({"data": [row for row, _ in rows]}, status)
