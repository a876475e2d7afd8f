"""Zoho's refresh: everything in the query, refusals with status 200, and few tries in ten minutes."""

from datetime import timedelta
from typing import Any

import httpx

from connectors.errors import NotAllowed, TooMany, Unreachable, VendorFault
from connectors.parsing import documented, json_of
from rebook.domain import clock

TEN_MINUTES = 600.0
TOO_OFTEN = "Access Denied"


class ZohoGrant:
    """The refresh token stays the same; a token is good in its own data centre only."""

    def __init__(self, token_url: str, client_id: str, client_secret: str) -> None:
        self._url = token_url
        self._client = {"client_id": client_id, "client_secret": client_secret}

    def __call__(self, stored: dict[str, str]) -> dict[str, str]:
        asked = {"grant_type": "refresh_token", "refresh_token": stored.get("refresh_token", "")}
        try:
            response = httpx.post(self._url, params={**asked, **self._client}, timeout=10.0)
        except httpx.HTTPError:
            raise Unreachable("the token service could not be reached") from None
        body = json_of(response.content)
        said = body.get("error") if isinstance(body, dict) else None
        if said == TOO_OFTEN or response.status_code == 429:
            raise TooMany("the token service was asked too often", retry_after=TEN_MINUTES)
        if said or response.status_code in (400, 401, 403):
            raise NotAllowed("the refresh token was revoked: connect the platform again")
        if not response.is_success:
            raise VendorFault(f"the token service answered {response.status_code}")
        return _tokens(body)


def _tokens(body: Any) -> dict[str, str]:
    with documented():
        expires = clock.now() + timedelta(seconds=float(body.get("expires_in", 3600)))
        return {"access_token": str(body["access_token"]), "expires_at": expires.isoformat()}
