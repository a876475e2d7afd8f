"""How Square is spoken to: by a version of its API that is named in every request."""

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager

import httpx

from connectors.errors import Conflict, Refused
from connectors.http import Bearer, Http
from connectors.oauth import MemoryTokens, RefreshGrant, token_source
from connectors.square import wire
from connectors.tokens import TokenStore

HOME = "https://connect.squareup.com"
VERSION = "2026-09-16"


class SquareAuth(Bearer):
    def __init__(self, token: Callable[[bool], str], version: str) -> None:
        super().__init__(token)
        self._version = version

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Square-Version"] = self._version
        yield from super().auth_flow(request)


def square(
    base_url: str,
    settings: Mapping[str, str],
    credentials: Mapping[str, str],
    tokens: TokenStore | None,
) -> Http:
    """With a refresh token the access token is renewed; an application's own token does not lapse."""
    base = base_url or HOME
    return Http(
        base,
        auth=SquareAuth(_source(base, credentials, tokens), settings.get("api_version") or VERSION),
        code_of=wire.error_code,
        too_many=wire.TOO_MANY,
    )


def _source(
    base: str, credentials: Mapping[str, str], tokens: TokenStore | None
) -> Callable[[bool], str]:
    own = credentials.get("access_token", "")
    if not credentials.get("refresh_token"):
        return lambda _refused: own
    client = credentials.get("client_id", ""), credentials.get("client_secret", "")
    grant = RefreshGrant(f"{base.rstrip('/')}/oauth2/token", *client, as_json=True)
    return token_source(tokens or MemoryTokens(dict(credentials)), grant)


@contextmanager
def changed_meanwhile() -> Iterator[None]:
    """Square may answer a stale version with 400: its code says so."""
    try:
        yield
    except Refused as error:
        if error.code in wire.CHANGED:
            raise Conflict("the booking changed meanwhile") from None
        raise


def version_of(told: str) -> int:
    try:
        return int(told)
    except ValueError:
        raise Conflict("the version is not one of Square's") from None
