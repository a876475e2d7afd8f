"""What a code is exchanged by, as each vendor documents it, and what is made of the answer."""

import base64
from typing import Any

import pytest

from connectors import connect
from connectors.errors import ConnectorError, NotAllowed, TooMany, Unreachable, VendorFault
from connectors.oauth import CodeGrant, MemoryTokens
from connectors.signing_in import LetIn, Walk
from tests.connectors.vendor import Received, Reply, Vendor, always
from tests.connectors.walks import CLIENT, CODE, SIGNING_IN, back, walk

GIVEN = {
    "access_token": "access-canary",
    "refresh_token": "refresh-canary",
    "expires_in": 3599,
    "token_type": "Bearer",
}
IN_THE_BODY = {"client_id": "the-client", "client_secret": "a-secret-canary"}
BY_HEADER = ("pipedrive", "quickbooks")


def let_in(vendor: Vendor, slug: str, base_url: str = "", **told: Any) -> tuple[Walk, LetIn]:
    vendor.answer = always(Reply(200, {**GIVEN, **told}))
    one = walk(slug, base_url, token_url=f"{vendor.url}/token")
    return one, one.exchange(one.read(back(one)))


def shape(slug: str, request: Received) -> dict[str, str]:
    """The fields, from where this vendor wants them; nothing stands in another place."""
    if slug == "square":
        assert request.headers["content-type"] == "application/json"
        return dict(request.json)
    if slug == "zoho_crm":
        assert request.body == b""
        return {name: values[0] for name, values in request.query.items()}
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert request.query == {}
    return {name: values[0] for name, values in request.form.items()}


@pytest.mark.parametrize("slug", SIGNING_IN)
def test_the_exchange_has_the_documented_shape(vendor: Vendor, slug: str) -> None:
    one, _ = let_in(vendor, slug)
    [request] = vendor.received
    assert (request.method, request.path) == ("POST", "/token")
    wanted = {
        "grant_type": "authorization_code",
        "code": CODE,
        "redirect_uri": one.redirect_url,
        **({} if slug in BY_HEADER else IN_THE_BODY),
        **({"code_verifier": one.verifier} if one.how.pkce else {}),
    }
    assert shape(slug, request) == wanted
    basic = base64.b64encode(b"the-client:a-secret-canary").decode()
    assert request.headers.get("authorization") == (f"Basic {basic}" if slug in BY_HEADER else None)


@pytest.mark.parametrize("slug", SIGNING_IN)
def test_the_tokens_are_those_that_the_connector_goes_on_with(vendor: Vendor, slug: str) -> None:
    """Each vendor's own shape of the refresh is tested with its connector; here they must meet."""
    _, given = let_in(vendor, slug)
    assert given.tokens["access_token"] == "access-canary"
    assert given.tokens["refresh_token"] == "refresh-canary"
    assert given.tokens["expires_at"]
    assert "canary" not in repr(given)
    settings = {**given.settings, "mailboxes": "a@example.com", "realm_id": "1", "spreadsheet": "1"}
    credentials = {**CLIENT, "refresh_token": given.tokens["refresh_token"]}
    vendor.answer = always(Reply(404))
    tokens = MemoryTokens(dict(given.tokens))
    connector = connect(slug, vendor.url, settings, credentials, tokens=tokens)
    with pytest.raises(ConnectorError):
        connector.check()
    assert "access-canary" in vendor.received[1].headers["authorization"]


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (400, {"error": "invalid_grant", "error_description": "words-canary"}, "used already"),
        (401, {"error": "invalid_grant"}, "used already"),
        (200, {"error": "invalid_code"}, "used already"),
        (400, {"status": "BAD_AUTH_CODE", "message": "words-canary"}, "used already"),
        (401, {"error": "invalid_client"}, "id and secret"),
        (400, {"error": "redirect_uri_mismatch"}, "redirect address"),
        (400, {"error": "words-canary"}, "refuses the code or the client"),
        (401, b"words-canary", "refuses the code or the client"),
        (400, [1], "refuses the code or the client"),
        (200, {"access_token": "a", "expires_in": 3599}, "no refresh token"),
    ],
)
def test_a_refusal_is_told_plainly_and_without_the_vendors_words(
    vendor: Vendor, status: int, body: Any, said: str
) -> None:
    vendor.answer = always(Reply(status, body))
    one = walk("google_calendar", token_url=f"{vendor.url}/token")
    with pytest.raises(NotAllowed, match=said) as caught:
        one.exchange(one.read(back(one)))
    assert "canary" not in str(caught.value)
    assert len(vendor.received) == 1


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(429), TooMany),
        (Reply(503), VendorFault),
        (Reply(302, headers={"location": "http://127.0.0.1:9/"}), VendorFault),
        (Reply(200, b"no json"), VendorFault),
        (Reply(200, {"refresh_token": "x"}), VendorFault),
        (Reply(drop=True), Unreachable),
    ],
)
def test_what_is_no_answer_is_told_and_the_code_is_sent_once(
    vendor: Vendor, reply: Reply, error: type[ConnectorError]
) -> None:
    vendor.answer = always(reply)
    one = walk("jobber", token_url=f"{vendor.url}/token")
    with pytest.raises(error) as caught:
        one.exchange(one.read(back(one)))
    assert "canary" not in str(caught.value)
    assert len(vendor.received) == 1


def test_a_token_service_at_no_address_is_a_plain_error() -> None:
    for address in ("http://127.0.0.1:9/token", "nowhere", "http://[::1"):
        with pytest.raises(Unreachable):
            CodeGrant(address, "id", "secret")(CODE, "http://localhost/")


@pytest.mark.parametrize(
    ("slug", "entered", "told", "used"),
    [
        ("pipedrive", "", "https://shore.pipedrive.com", "https://shore.pipedrive.com"),
        ("pipedrive", "", "https://evil.example", ""),
        ("pipedrive", "", "http://shore.pipedrive.com", ""),
        ("pipedrive", "", "https://notpipedrive.com", ""),
        ("pipedrive", "http://127.0.0.1:1/pipedrive", "https://shore.pipedrive.com", "http://127.0.0.1:1/pipedrive"),
        ("salesforce", "https://login.salesforce.com", "https://shore.my.salesforce.com", "https://shore.my.salesforce.com"),
        ("salesforce", "https://login.salesforce.com", "https://evil.example", "https://login.salesforce.com"),
    ],
)  # fmt: skip
def test_the_accounts_own_address_is_taken_from_the_vendor_and_only_in_its_domain(
    vendor: Vendor, slug: str, entered: str, told: str, used: str
) -> None:
    name = {"pipedrive": "api_domain", "salesforce": "instance_url"}[slug]
    _, given = let_in(vendor, slug, entered, **{name: told})
    assert given.base_url == used


def test_zoho_is_asked_for_tokens_where_it_says_the_account_lives() -> None:
    one = walk("zoho_crm")
    account = one.account
    known = {**account.settings, **one.read(back(one, location="ca")).settings}
    at = type(account)("", known, CLIENT).at(one.how.token_url)
    assert at == "https://accounts.zohocloud.ca/oauth/v2/token"
