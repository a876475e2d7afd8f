"""OAuth 2 tokens that expire and rotate: one refresher at a time, under the store's lock."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import httpx

from connectors.errors import NotAllowed, TooMany, Unreachable, VendorFault
from connectors.http import retry_after, trusted
from connectors.tokens import TokenStore
from rebook.domain import clock

MARGIN = timedelta(seconds=60)
_WRONG_CODE = (
    "the token service does not take the code: it was used already, its few minutes are over, or"
    " client and redirect address are not those it was made for"
)
_WRONG_CLIENT = "the token service does not know the client: look at its id and secret"
REFUSALS: Mapping[str, str] = {
    "invalid_grant": _WRONG_CODE,
    "invalid_code": _WRONG_CODE,
    "BAD_AUTH_CODE": _WRONG_CODE,
    "invalid_client": _WRONG_CLIENT,
    "invalid_client_secret": _WRONG_CLIENT,
    "unauthorized_client": "the application may not be signed in to this way: look at its settings",
    "redirect_uri_mismatch": "the redirect address is not the one the application names",
    "invalid_redirect_uri": "the redirect address is not the one the application names",
    "invalid_scope": "the application may not have these scopes",
}
"""The codes of RFC 6749 section 5.2 and those that vendors add to them, in our words."""


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
    response = _asked(token_url, transport, auth, {"json" if as_json else "data": form})
    if response.status_code in (400, 401, 403):
        raise NotAllowed("the token service refuses us: connect the platform again")
    return _tokens(_granted(response))


class Sends(StrEnum):
    """How a vendor's token service is told who asks, and in what the fields come."""

    FORM = "client and fields as a form"
    BASIC = "the client as HTTP Basic, the fields as a form"
    JSON = "client and fields as JSON"
    QUERY = "client and fields in the address"


@dataclass(frozen=True)
class CodeGrant:
    """RFC 6749 section 4.1.3: the code a person brings from the platform, once, for the first tokens."""

    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    sends: Sends = Sends.FORM
    transport: httpx.BaseTransport | None = None

    def __call__(
        self, code: str, redirect_url: str, verifier: str = ""
    ) -> tuple[dict[str, str], dict[str, Any]]:
        """The tokens, and all that was answered. Raises `NotAllowed`, which quotes nobody."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_url}
        if verifier:
            form["code_verifier"] = verifier
        response = self._asked(form)
        body = _body(response)
        said = str(body.get("error") or body.get("status") or "")
        if response.status_code in (400, 401, 403) or "error" in body:
            raise NotAllowed(REFUSALS.get(said, "the token service refuses the code or the client"))
        tokens = _tokens(_granted(response))
        if "refresh_token" not in tokens:
            raise NotAllowed("the token service gave no refresh token: is offline access allowed?")
        return tokens, body

    def _asked(self, form: dict[str, str]) -> httpx.Response:
        client = {"client_id": self.client_id, "client_secret": self.client_secret}
        basic = httpx.BasicAuth(self.client_id, self.client_secret)
        match self.sends:
            case Sends.BASIC:
                return _asked(self.token_url, self.transport, basic, {"data": form})
            case Sends.JSON:
                return _asked(self.token_url, self.transport, None, {"json": form | client})
            case Sends.QUERY:
                return _asked(self.token_url, self.transport, None, {"params": form | client})
            case Sends.FORM:
                return _asked(self.token_url, self.transport, None, {"data": form | client})


def _asked(
    token_url: str,
    transport: httpx.BaseTransport | None,
    auth: httpx.Auth | None,
    fields: Mapping[str, Any],
) -> httpx.Response:
    try:
        with httpx.Client(transport=transport, timeout=10.0, auth=auth, verify=trusted()) as client:
            return client.post(token_url, **fields)
    except (httpx.HTTPError, httpx.InvalidURL):
        raise Unreachable("the token service could not be reached") from None


def _granted(response: httpx.Response) -> httpx.Response:
    """Raises where the service is limited or broken."""
    if response.status_code == 429:
        raise TooMany("the token service is limited", retry_after=retry_after(response.headers))
    if not response.is_success:
        raise VendorFault(f"the token service answered {response.status_code}")
    return response


def _body(response: httpx.Response) -> dict[str, Any]:
    """Empty where it is no JSON object."""
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


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
