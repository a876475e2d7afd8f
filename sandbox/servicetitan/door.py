"""ServiceTitan's token service and its guard: a token of fifteen minutes, and the app's key beside it."""

from datetime import datetime, timedelta
from secrets import token_hex

from fastapi import Request

from sandbox.kit import Kit
from sandbox.servicetitan.wire import refusal
from sandbox.wire import Json, Refusal

LIFETIME = 900


class Door:
    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self._valid: dict[str, datetime] = {}

    def exchange(self, form: dict[str, str]) -> Json:
        make = self._kit.secrets.make
        known = (make("servicetitan-client"), make("servicetitan-secret"))
        if form.get("grant_type") != "client_credentials":
            raise Refusal(400, {"error": "unsupported_grant_type"})
        if (form.get("client_id"), form.get("client_secret")) != known:
            raise Refusal(400, {"error": "invalid_client"})
        token = f"sandbox-{token_hex(16)}"
        self._valid[token] = self._kit.clock.now() + timedelta(seconds=LIFETIME)
        return {"access_token": token, "expires_in": LIFETIME, "token_type": "Bearer"}

    async def guard(self, request: Request) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        until = self._valid.get(token)
        if scheme.lower() != "bearer" or until is None or until <= self._kit.clock.now():
            raise refusal(401, "The token is not valid.")
        if request.headers.get("st-app-key") != self._kit.secrets.make("servicetitan-app"):
            raise refusal(401, "The app key is not valid.")
