"""How Calendly is spoken to, and how long it wants to be left alone."""

from collections.abc import Callable, Generator, Mapping

import httpx

from connectors.calendly import wire
from connectors.http import Bearer, Http
from connectors.oauth import MemoryTokens, RefreshGrant, token_source
from connectors.tokens import TokenStore

HOME = "https://api.calendly.com"
GRANTS_AT = "https://auth.calendly.com/oauth/token"


class CalendlyAuth(Bearer):
    """How many seconds a limit lasts stands in a header of Calendly's own: it becomes Retry-After."""

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        flow = super().auth_flow(request)
        sent = next(flow)
        while True:
            response = yield sent
            reset = response.headers.get("x-ratelimit-reset", "")
            if response.status_code == 429 and reset and "retry-after" not in response.headers:
                response.headers["retry-after"] = reset
            try:
                sent = flow.send(response)
            except StopIteration:
                return


def calendly(
    base_url: str,
    settings: Mapping[str, str],
    credentials: Mapping[str, str],
    tokens: TokenStore | None,
) -> Http:
    auth = CalendlyAuth(_source(settings, credentials, tokens))
    return Http(base_url or HOME, auth=auth, code_of=wire.error_code)


def _source(
    settings: Mapping[str, str], credentials: Mapping[str, str], tokens: TokenStore | None
) -> Callable[[bool], str]:
    """With a refresh token the access token is renewed; a personal one does not lapse."""
    own = credentials.get("token", "")
    if not credentials.get("refresh_token"):
        return lambda _refused: own
    url = settings.get("token_url") or GRANTS_AT
    client = credentials.get("client_id", ""), credentials.get("client_secret", "")
    return token_source(tokens or MemoryTokens(dict(credentials)), RefreshGrant(url, *client))
