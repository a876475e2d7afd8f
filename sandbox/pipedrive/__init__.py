"""Pipedrive, emulated: API v2 for activities and persons, v1 for webhooks and users."""

import base64
import math
import time
from datetime import UTC, timedelta
from typing import ClassVar

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from sandbox.codes import Codes
from sandbox.kit import Kit
from sandbox.limits import Limit
from sandbox.pipedrive.hooks import MOST
from sandbox.pipedrive.store import FIRST_USER, Store, refusal
from sandbox.wire import BadBody, Json, Refusal, read_form, read_json

WINDOW, BURST = 2.0, 40
"""The Growth plan's requests per token in two seconds."""


class Pipedrive:
    slug: ClassVar[str] = "pipedrive"
    limits: ClassVar[list[Limit]] = []

    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.store = Store(kit)
        self._access = ""
        self._window, self._used = 0.0, 0
        self._codes = Codes(kit, self._client_id, minutes=5)

    def router(self) -> APIRouter:
        routes = APIRouter(prefix="/pipedrive")
        guarded = APIRouter(dependencies=[Depends(self._guard), Depends(self._burst)])
        self._activities(guarded)
        self._others(guarded)
        routes.include_router(guarded)

        @routes.post("/oauth/token")
        async def token(request: Request) -> Json:
            return self._exchange(request, await read_form(request))

        @routes.get("/oauth/authorize")
        async def sign_in(request: Request) -> Response:
            return self._codes.sign_in(request.query_params)

        return routes

    async def _guard(self, request: Request) -> None:
        known = {f"Bearer {self._access}"} if self._access else set()
        by_token = request.headers.get("x-api-token") == self._api_token
        if not by_token and request.headers.get("authorization") not in known:
            raise Refusal(401, {"success": False, "error": "unauthorized access", "errorCode": 401})

    async def _burst(self, response: Response) -> None:
        """A window of two seconds in real time, told in every answer."""
        now = time.monotonic()
        if now >= self._window + WINDOW:
            self._window, self._used = now, 0
        self._used += 1
        left = self._window + WINDOW - now
        if self.kit.config.limits and self._used > BURST:
            raise self.fault(429, math.ceil(left))
        told = {
            "x-ratelimit-limit": str(BURST),
            "x-ratelimit-remaining": str(max(BURST - self._used, 0)),
            "x-ratelimit-reset": str(math.ceil(left)),
            "x-daily-requests-left": "30000",
        }
        response.headers.update(told)

    def _activities(self, routes: APIRouter) -> None:
        path = "/api/v2/activities"

        @routes.get(path)
        async def listed(request: Request) -> Json:
            found, more = self.store.listed(dict(request.query_params))
            return {"success": True, "data": found, "additional_data": {"next_cursor": more}}

        @routes.get(path + "/{number}")
        async def one(number: int) -> Json:
            return {"success": True, "data": self.store.find(number)}

        @routes.post(path)
        async def create(request: Request) -> Json:
            return {"success": True, "data": self.store.create(await _body(request))}

        @routes.patch(path + "/{number}")
        async def change(number: int, request: Request) -> Json:
            return {"success": True, "data": self.store.change(number, await _body(request))}

        @routes.delete(path + "/{number}")
        async def delete(number: int) -> Json:
            self.store.delete(number)
            return {"success": True, "data": {"id": number}}

    def _others(self, routes: APIRouter) -> None:
        @routes.get("/api/v2/persons/{number}")
        async def person(number: int) -> Json:
            if number not in self.store.persons:
                raise refusal(404, "Person not found")
            return {"success": True, "data": self.store.persons[number]}

        @routes.get("/v1/users/me")
        async def me() -> Json:
            name = self.store.users[FIRST_USER]
            return {
                "success": True,
                "data": {"id": FIRST_USER, "name": name, "company_name": "Shore Studio"},
            }

        @routes.get("/v1/webhooks")
        async def hooks() -> Json:
            return {"status": "ok", "success": True, "data": list(self.store.hooks.rows.values())}

        @routes.post("/v1/webhooks", status_code=201)
        async def hook(request: Request) -> Json:
            given = await _body(request)
            if not {"subscription_url", "event_action", "event_object", "name"} <= given.keys():
                raise refusal(400, "validation failed")
            if len(self.store.hooks.rows) >= MOST:
                raise refusal(422, "limit reached")
            return {"status": "ok", "success": True, "data": self.store.hooks.add(given)}

        @routes.delete("/v1/webhooks/{number}")
        async def unhook(number: int) -> Json:
            if self.store.hooks.rows.pop(number, None) is None:
                raise refusal(404, "not found")
            return {"status": "ok", "success": True}

    def _exchange(self, request: Request, form: dict[str, str]) -> Json:
        """The client stands in the header; the refresh token stays the same."""
        pair = f"{self._client_id}:{self._client_secret}".encode()
        if request.headers.get("authorization") != f"Basic {base64.b64encode(pair).decode()}":
            raise Refusal(401, {"success": False, "error": "invalid_client"})
        given = (form.get("grant_type"), form.get("refresh_token"))
        by_code = given[0] == "authorization_code" and self._codes.take(form) is not None
        if not by_code and given != ("refresh_token", self._refresh_token):
            raise Refusal(400, {"success": False, "error": "invalid_grant"})
        self._access = self.kit.secrets.make("pipedrive-access")
        return {
            "access_token": self._access,
            "refresh_token": self._refresh_token,
            "expires_in": 3599,
            "token_type": "Bearer",
            "scope": "activities:full,contacts:read,admin",
            "api_domain": "https://shore.pipedrive.com",
        }

    def controls(self) -> APIRouter:
        routes = APIRouter(prefix="/_control/pipedrive")

        @routes.post("/{number}/cancel")
        async def cancel(number: int) -> Json:
            self.store.delete(number)
            return {"cancelled": number}

        @routes.post("/{number}/missed")
        async def missed(number: int) -> Json:
            """It was three hours ago, and nobody has marked it as done."""
            when = self.kit.clock.now().astimezone(UTC) - timedelta(hours=3)
            due = {"due_date": f"{when:%Y-%m-%d}", "due_time": f"{when:%H:%M}"}
            self.store.change(number, {**due, "done": False})
            return {"missed": number}

        @routes.post("/{number}/lose_silently")
        async def lose(number: int) -> Json:
            """Deleted without a webhook."""
            self.store.find(number)["is_deleted"] = True
            return {"lost": number}

        return routes

    def fault(self, status: int, wait: int) -> Refusal:
        answer = refusal(status, "request over limit" if status == 429 else "not available")
        if status == 429:
            answer.headers["x-ratelimit-reset"] = str(wait)
        return answer

    def state(self) -> Json:
        return {
            "activities": list(self.store.activities.values()),
            "persons": list(self.store.persons.values()),
            "webhooks": list(self.store.hooks.rows.values()),
        }

    @property
    def _api_token(self) -> str:
        return self.kit.secrets.make("pipedrive-token", 40)

    @property
    def _client_id(self) -> str:
        return self.kit.secrets.make("pipedrive-client", 16)

    @property
    def _client_secret(self) -> str:
        return self.kit.secrets.make("pipedrive-client-secret", 40)

    @property
    def _refresh_token(self) -> str:
        return self.kit.secrets.make("pipedrive-refresh", 40)

    def entry(self, base: str) -> Json:
        return {
            "slug": self.slug,
            "connection": "pipedrive",
            "base_url": f"{base}/pipedrive",
            "credentials": {
                "api_token": self._api_token,
                "client_id": self._client_id,
                "client_secret": self._client_secret,
                "refresh_token": self._refresh_token,
            },
            "webhook_secrets": ["sandbox-" + self.kit.secrets.make("pipedrive-hook", 24)],
            "settings": {
                "zone": self.kit.zone_name,
                "token_url": f"{base}/pipedrive/oauth/token",
                "authorize_url": f"{base}/pipedrive/oauth/authorize",
            },
        }


async def _body(request: Request) -> Json:
    try:
        return await read_json(request)
    except BadBody:
        raise refusal(400, "The body is not JSON") from None
