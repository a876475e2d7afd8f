"""Twilio's SDK on our HTTP client: it words the requests, and retries, redirects and logs nothing."""

from collections.abc import Mapping
from typing import Any

from twilio.http.response import Response
from twilio.rest import Client

from connectors.errors import OptedOut, Refused
from connectors.http import Http
from connectors.parsing import short_code

OPTED_OUT = "21610"
CONCURRENCY_LIMIT = "20429"


class OnOurHttp:
    """What the SDK asks of its HTTP client."""

    is_async = False

    def __init__(self, http: Http) -> None:
        self._http = http

    def request(
        self,
        method: str,
        uri: str,
        params: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        **_unused: Any,
    ) -> Response:
        try:
            answer = self._http.send(
                method, uri, params=params, data=data, headers=headers, auth=auth
            )
        except Refused as refused:
            if refused.code == OPTED_OUT:
                raise OptedOut(str(refused), code=OPTED_OUT) from None
            raise
        return Response(answer.status_code, answer.text, answer.headers)


def code_of(body: Any) -> str:
    """Twilio's numbered errors: {"code": 21211, "message": …}."""
    return short_code(str(body.get("code") or "")) if isinstance(body, dict) else ""


def sdk(http: Http, credentials: Mapping[str, str]) -> Client:
    """A client of the account; an API key, where there is one, signs in for it."""
    account = credentials["account_sid"]
    client = Client(
        credentials.get("api_key") or account,
        credentials.get("api_secret") or credentials["auth_token"],
        account,
        http_client=OnOurHttp(http),
    )
    client.api.base_url = http.base_url
    return client
