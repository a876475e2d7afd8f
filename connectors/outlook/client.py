"""How Graph is spoken to: one application for all mailboxes, times in UTC, ids that do not change."""

from collections.abc import Generator, Mapping

import httpx

from connectors.errors import VendorFault
from connectors.http import Bearer, Http
from connectors.oauth import ClientGrant, MemoryTokens, RefreshGrant, token_source
from connectors.outlook import wire
from connectors.tokens import TokenStore

HOME = "https://graph.microsoft.com/v1.0"
GRANTS_AT = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"
SCOPE = "https://graph.microsoft.com/.default"
PREFER = (
    'outlook.timezone="UTC", IdType="ImmutableId", '
    'outlook.body-content-type="text", odata.maxpagesize=100'
)


class GraphAuth(Bearer):
    """The token, and what we prefer, which Graph reads from a header of every request."""

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Prefer"] = PREFER
        yield from super().auth_flow(request)


def graph(
    base_url: str,
    settings: Mapping[str, str],
    credentials: Mapping[str, str],
    tokens: TokenStore | None,
) -> Http:
    """With a refresh token we act for the person who gave it, without one for the application."""
    store = tokens or MemoryTokens(dict(credentials))
    tenant = credentials.get("tenant_id") or "common"
    url = settings.get("token_url") or GRANTS_AT.format(tenant=tenant)
    client = credentials.get("client_id", ""), credentials.get("client_secret", "")
    delegated = bool(credentials.get("refresh_token"))
    grant = RefreshGrant(url, *client) if delegated else ClientGrant(url, *client, scope=SCOPE)
    return Http(
        base_url or HOME,
        auth=GraphAuth(token_source(store, grant)),
        code_of=wire.error_code,
        too_many=wire.TOO_MANY,
    )


def own_link(http: Http, link: object) -> str:
    """A link of Graph's is followed as it is, but never to another house: it carries our token."""
    if not (isinstance(link, str) and link.startswith(f"{http.base_url}/")):
        raise VendorFault("a link leads away from the platform")
    return link
