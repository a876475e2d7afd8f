"""Intuit's tokens: an hour to live, renewed with Basic auth, and the refresh token changes each time."""

import base64
import binascii
from datetime import datetime, timedelta

from fastapi import Request

from sandbox.codes import Codes
from sandbox.kit import Kit
from sandbox.quickbooks.wire import gateway
from sandbox.wire import Json, Refusal

LIFETIME = 3600
REFRESH_LIFETIME = 8_726_400


class Tokens:
    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self._turn = 0
        self.client = ("ABsandbox" + kit.secrets.make("quickbooks-client", 20), self._new("secret"))
        self.codes = Codes(kit, self.client[0], asks=("scope", "response_type", "state"))
        self.access, self.refresh = self._new("access"), self._new("refresh")
        self._valid = {self.access: self._until()}
        self._refresh = self.refresh

    def _new(self, what: str) -> str:
        return "sandbox-" + self._kit.secrets.make(f"quickbooks-{what}-{self._turn}")

    def _until(self) -> datetime:
        return self._kit.clock.now() + timedelta(seconds=LIFETIME)

    def expire_all(self) -> None:
        self._valid.clear()

    def revoke(self) -> None:
        self.expire_all()
        self._refresh = ""

    async def guard(self, request: Request) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        until = self._valid.get(token)
        if scheme.lower() != "bearer" or until is None or until <= self._kit.clock.now():
            raise gateway(401, "3200", "message=AuthenticationFailed; statusCode=401")

    def exchange(self, request: Request, form: dict[str, str]) -> Json:
        if self._login(request) != self.client:
            raise Refusal(401, {"error": "invalid_client"})
        if form.get("grant_type") == "authorization_code":
            if self.codes.take(form) is None:
                raise Refusal(400, {"error": "invalid_grant"})
            return self._next()
        if form.get("grant_type") != "refresh_token":
            raise Refusal(400, {"error": "unsupported_grant_type"})
        if not self._refresh or form.get("refresh_token") != self._refresh:
            raise Refusal(400, {"error": "invalid_grant"})
        return self._next()

    def _next(self) -> Json:
        self._turn += 1
        access, self._refresh = self._new("access"), self._new("refresh")
        self._valid[access] = self._until()
        return {
            "access_token": access,
            "expires_in": LIFETIME,
            "refresh_token": self._refresh,
            "x_refresh_token_expires_in": REFRESH_LIFETIME,
            "token_type": "bearer",
        }

    def _login(self, request: Request) -> tuple[str, str]:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        try:
            name, _, secret = base64.b64decode(given).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError, ValueError):
            return "", ""
        return (name, secret) if scheme.lower() == "basic" else ("", "")
