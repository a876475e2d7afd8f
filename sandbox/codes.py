"""Signing in at an emulated platform (RFC 6749 section 4.1, RFC 7636): whoever opens the page has agreed.

A code is good once, for some minutes of the town's clock, and for the redirect address it was made for.
"""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from fastapi.responses import PlainTextResponse, RedirectResponse, Response

from sandbox.kit import Kit

LOCAL = ("http://localhost:", "http://localhost/", "http://127.0.0.1:")


@dataclass(frozen=True)
class Given:
    """What a code was made for."""

    redirect_uri: str
    challenge: str
    offline: bool
    until: datetime


class Codes:
    """`asks` are the parameters without which the platform signs nobody in."""

    def __init__(
        self, kit: Kit, client_id: str, *, minutes: int = 10, asks: tuple[str, ...] = ()
    ) -> None:
        self._kit = kit
        self._client_id = client_id
        self._minutes = minutes
        self._asks = ("client_id", "redirect_uri", *asks)
        self._open: dict[str, Given] = {}

    def sign_in(self, asked: Mapping[str, str], **told: str) -> Response:
        """Back to the application, with a code and what this platform tells beside it."""
        missing = [name for name in self._asks if not asked.get(name)]
        back = asked.get("redirect_uri", "")
        if missing or asked["client_id"] != self._client_id:
            return PlainTextResponse("the application is not known", 400)
        if not back.startswith(("https://", *LOCAL)):
            return PlainTextResponse("the redirect address is not one of the application's", 400)
        code = f"code/{secrets.token_urlsafe(24)}"
        self._open[code] = Given(
            back,
            asked.get("code_challenge", ""),
            asked.get("access_type") == "offline",
            self._kit.clock.now() + timedelta(minutes=self._minutes),
        )
        state = {"state": asked["state"]} if "state" in asked else {}
        answer = {"code": code, **state, **told}
        return RedirectResponse(f"{back}{'&' if '?' in back else '?'}{urlencode(answer)}", 302)

    def take(self, form: Mapping[str, str]) -> Given | None:
        """A code that is asked for is spent, even where something else does not fit."""
        given = self._open.pop(form.get("code", ""), None)
        if given is None or given.until <= self._kit.clock.now():
            return None
        verified = not given.challenge or given.challenge == _s256(form.get("code_verifier", ""))
        return given if verified and given.redirect_uri == form.get("redirect_uri") else None


def _s256(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
