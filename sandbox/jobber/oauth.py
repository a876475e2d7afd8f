"""Jobber's tokens: an hour of the town's clock; each refresh ends the refresh token before."""

from datetime import datetime, timedelta

from fastapi import Request

from sandbox.codes import Codes
from sandbox.jobber.hooks import Hooks
from sandbox.kit import Kit
from sandbox.wire import Json, Refusal

LIFETIME = 3600
MOST = 10_000


class Tokens:
    """Refresh tokens follow from the seed, so that a later one outlives a restart of the town."""

    def __init__(self, kit: Kit, hooks: Hooks) -> None:
        self._kit = kit
        self._client = (self.client_id, hooks.secret)
        self._valid: dict[str, datetime] = {}
        self.codes = Codes(kit, self.client_id, asks=("response_type",))
        self.used = 0
        self.issue()

    @property
    def client_id(self) -> str:
        return self._kit.secrets.make("jobber-client", 24)

    def refresh_token(self, number: int) -> str:
        return "sandbox-refresh-" + self._kit.secrets.make(f"jobber-refresh-{number}", 20)

    def access_token(self, number: int) -> str:
        return "sandbox-access-" + self._kit.secrets.make(f"jobber-access-{number}", 20)

    def issue(self) -> str:
        token = self.access_token(self.used)
        self._valid[token] = self._kit.clock.now() + timedelta(seconds=LIFETIME)
        return token

    def expire_all(self) -> None:
        self._valid.clear()

    async def guard(self, request: Request) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        until = self._valid.get(token)
        if scheme.lower() != "bearer" or until is None or until <= self._kit.clock.now():
            raise Refusal(401, {"error": "invalid_request"})

    def exchange(self, form: dict[str, str]) -> Json:
        if (form.get("client_id"), form.get("client_secret")) != self._client:
            raise Refusal(401, {"error": "invalid_client"})
        if form.get("grant_type") == "authorization_code":
            if self.codes.take(form) is None:
                raise Refusal(401, {"error": "invalid_grant"})
            return self._next()
        if form.get("grant_type") != "refresh_token":
            raise Refusal(400, {"error": "unsupported_grant_type"})
        given = form.get("refresh_token")
        later = range(self.used, self.used + MOST)
        known = next((n for n in later if self.refresh_token(n) == given), None)
        if known is None:
            raise Refusal(401, {"error": "invalid_grant"})
        self.used = known + 1
        return self._next()

    def _next(self) -> Json:
        return {
            "access_token": self.issue(),
            "refresh_token": self.refresh_token(self.used),
            "expires_in": LIFETIME,
            "token_type": "bearer",
        }
