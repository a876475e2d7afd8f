"""Microsoft's token endpoint: the application's own grant, and a refresh token that rotates."""

import secrets
from datetime import datetime, timedelta

from fastapi import Request

from sandbox.kit import Kit
from sandbox.outlook.errors import refusal
from sandbox.wire import Json, Refusal

LIFETIME = 3599


class Tokens:
    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        made = kit.secrets.make
        self.tenant = made("outlook-tenant")
        self.client = (made("outlook-client"), "sandbox-" + made("outlook-secret"))
        self.refresh_tokens = {"sandbox-refresh-" + made("outlook-refresh", 20)}
        self.revoked = False
        self._valid: dict[str, datetime] = {}

    def expire_all(self) -> None:
        self._valid.clear()

    def revoke(self) -> None:
        self.revoked = True
        self._valid.clear()

    async def guard(self, request: Request) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        until = self._valid.get(token)
        if scheme.lower() != "bearer" or until is None or until <= self._kit.clock.now():
            raise refusal(401, "InvalidAuthenticationToken", "Access token is empty or expired.")

    def exchange(self, form: dict[str, str]) -> Json:
        if (form.get("client_id"), form.get("client_secret")) != self.client or self.revoked:
            raise _oauth(401, "invalid_client", "The client is not known.")
        match form.get("grant_type"):
            case "client_credentials":
                if not form.get("scope", "").endswith("/.default"):
                    raise _oauth(400, "invalid_scope", "The scope must end with /.default.")
                return self._issued()
            case "refresh_token":
                return {**self._issued(), "refresh_token": self._rotated(form)}
        raise _oauth(400, "unsupported_grant_type", "The grant type is not supported.")

    def _rotated(self, form: dict[str, str]) -> str:
        if form.get("refresh_token") not in self.refresh_tokens:
            raise _oauth(400, "invalid_grant", "The refresh token is not known.")
        fresh = f"sandbox-refresh-{secrets.token_hex(10)}"
        self.refresh_tokens.add(fresh)
        return fresh

    def _issued(self) -> Json:
        token = f"sandbox-access-{secrets.token_hex(10)}"
        self._valid[token] = self._kit.clock.now() + timedelta(seconds=LIFETIME)
        return {"token_type": "Bearer", "expires_in": LIFETIME, "access_token": token}


def _oauth(status: int, error: str, description: str) -> Refusal:
    return Refusal(status, {"error": error, "error_description": description})
