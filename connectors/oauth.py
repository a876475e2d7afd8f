"""OAuth 2 tokens that expire and rotate: one refresher at a time, under the store's lock."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from connectors.errors import NotAllowed, TooMany, Unreachable, VendorFault
from connectors.http import retry_after, trusted
from connectors.tokens import TokenStore
from rebook.domain import clock

MARGIN = timedelta(seconds=60)


class MemoryTokens(TokenStore):
    """Tokens of one process, for checks and tests."""

    def __init__(self, tokens: dict[str, str]) -> None:
        self._tokens = dict(tokens)

    def read(self) -> dict[str, str]:
        return dict(self._tokens)

    def renew(self, exchange: Callable[[dict[str, str]], dict[str, str]]) -> dict[str, str]:
        self._tokens |= exchange(dict(self._tokens))
        return dict(self._tokens)


class RefreshGrant:
    """RFC 6749 section 6: a refresh token for a fresh access token, which may rotate the former.

    `basic` sends the client's name and secret as HTTP Basic instead of in the form (section 2.3.1);
    `as_json` is for platforms that take the fields as JSON.
    """

    def __init__(
        self,
        token_url: str,
        client_id: str,
        client_secret: str,
        *,
        basic: bool = False,
        as_json: bool = False,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._url = token_url
        self._as_json = as_json
        self._client = {} if basic else {"client_id": client_id, "client_secret": client_secret}
        self._auth = httpx.BasicAuth(client_id, client_secret) if basic else None
        self._transport = transport

    def __call__(self, stored: dict[str, str]) -> dict[str, str]:
        return exchange(
            self._url,
            self._form(stored),
            self._transport,
            self._auth,
            as_json=self._as_json,
        )

    def _form(self, stored: dict[str, str]) -> dict[str, str]:
        """What is asked of the token service; other grants ask for other things."""
        told = {"refresh_token": stored.get("refresh_token", ""), **self._client}
        return {"grant_type": "refresh_token", **told}


class ClientGrant(RefreshGrant):
    """RFC 6749 section 4.4: the client's own credentials for an access token; nothing is rotated."""

    def __init__(
        self,
        token_url: str,
        client_id: str,
        client_secret: str,
        *,
        scope: str = "",
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        super().__init__(token_url, client_id, client_secret, transport=transport)
        self._scope = {"scope": scope} if scope else {}

    def _form(self, stored: dict[str, str]) -> dict[str, str]:
        return {"grant_type": "client_credentials", **self._client, **self._scope}


def exchange(
    token_url: str,
    form: dict[str, str],
    transport: httpx.BaseTransport | None = None,
    auth: httpx.Auth | None = None,
    *,
    as_json: bool = False,
) -> dict[str, str]:
    """Ask a token service once. Raises `NotAllowed` where it says no."""
    fields: dict[str, Any] = {"json": form} if as_json else {"data": form}
    try:
        with httpx.Client(transport=transport, timeout=10.0, auth=auth, verify=trusted()) as client:
            response = client.post(token_url, **fields)
    except httpx.HTTPError:
        raise Unreachable("the token service could not be reached") from None
    if response.status_code in (400, 401, 403):
        raise NotAllowed("the token service refuses us: connect the platform again")
    if response.status_code == 429:
        raise TooMany("the token service is limited", retry_after=retry_after(response.headers))
    if not response.is_success:
        raise VendorFault(f"the token service answered {response.status_code}")
    return _tokens(response)


def _tokens(response: httpx.Response) -> dict[str, str]:
    try:
        body = response.json()
        expires = clock.now() + timedelta(seconds=float(body.get("expires_in", 3600)))
        if body.get("expires_at"):
            expires = datetime.fromisoformat(body["expires_at"]).astimezone(UTC)
        fresh = {"access_token": str(body["access_token"]), "expires_at": expires.isoformat()}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise VendorFault("the token service's answer is not what it documents") from None
    if body.get("refresh_token"):
        fresh["refresh_token"] = str(body["refresh_token"])
    return fresh


def token_source(
    store: TokenStore, exchange: Callable[[dict[str, str]], dict[str, str]]
) -> Callable[[bool], str]:
    """What `http.Bearer` asks for a token: the stored one, renewed when it lapses or was refused."""

    def token(refused: bool) -> str:
        tokens = store.read()
        if refused or _lapsed(tokens):
            tokens = store.renew(exchange)
        return tokens["access_token"]

    return token


def _lapsed(tokens: dict[str, str]) -> bool:
    if not tokens.get("access_token"):
        return True
    expires = tokens.get("expires_at")
    return bool(expires) and datetime.fromisoformat(str(expires)) - MARGIN < clock.now()
