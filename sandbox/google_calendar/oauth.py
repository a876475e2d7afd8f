"""Access tokens that last an hour of the town's clock, renewed at the token endpoint."""

import secrets
from datetime import datetime, timedelta

from fastapi import Request

from sandbox.codes import Codes
from sandbox.google_calendar.errors import refusal
from sandbox.kit import Kit
from sandbox.wire import Json, Refusal

LIFETIME = 3599
SCOPE = "https://www.googleapis.com/auth/calendar.events https://www.googleapis.com/auth/calendar.freebusy"


class Tokens:
    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self._valid: dict[str, datetime] = {}
        self.refresh_tokens = {kit.secrets.google_refresh_token}
        self.codes = Codes(kit, kit.secrets.google_client_id, asks=("scope", "response_type"))
        self._issue(kit.secrets.google_access_token)

    def _issue(self, token: str) -> str:
        self._valid[token] = self._kit.clock.now() + timedelta(seconds=LIFETIME)
        return token

    def expire_all(self) -> None:
        self._valid.clear()

    async def guard(self, request: Request) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        until = self._valid.get(token)
        if scheme.lower() != "bearer" or until is None or until <= self._kit.clock.now():
            raise refusal(401, "authError", "Invalid Credentials", location="Authorization")

    def exchange(self, form: dict[str, str]) -> Json:
        """RFC 6749: `invalid_client` before `invalid_grant`."""
        known = self._kit.secrets
        client = (form.get("client_id"), form.get("client_secret"))
        if client != (known.google_client_id, known.google_client_secret):
            raise _oauth(401, "invalid_client", "The OAuth client was not found.")
        if form.get("grant_type") == "authorization_code":
            return self._by_code(form)
        if form.get("grant_type") != "refresh_token":
            raise _oauth(400, "unsupported_grant_type", "Invalid grant_type.")
        if form.get("refresh_token") not in self.refresh_tokens:
            raise _oauth(400, "invalid_grant", "Token has been expired or revoked.")
        return self._access()

    def _by_code(self, form: dict[str, str]) -> Json:
        """A refresh token comes only with offline access."""
        given = self.codes.take(form)
        if given is None:
            raise _oauth(400, "invalid_grant", "Bad Request")
        if not given.offline:
            return self._access()
        fresh = f"sandbox-refresh-{secrets.token_hex(10)}"
        self.refresh_tokens.add(fresh)
        return {**self._access(), "refresh_token": fresh}

    def _access(self) -> Json:
        return {
            "access_token": self._issue(f"sandbox-access-{secrets.token_hex(10)}"),
            "expires_in": LIFETIME,
            "scope": SCOPE,
            "token_type": "Bearer",
        }


def _oauth(status: int, error: str, description: str) -> Refusal:
    return Refusal(status, {"error": error, "error_description": description})
