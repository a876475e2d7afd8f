"""Signing in at a platform: the address to open, and what is brought back from there."""

import re
from collections.abc import Mapping
from urllib.parse import parse_qs, quote

import pytest

from connectors import REGISTRY
from connectors.forms import form_of
from connectors.signing_in import (
    NEARBY,
    CannotBegin,
    Declined,
    Returned,
    Walk,
    WrongReturn,
    challenge,
    redirect_for,
)
from tests.connectors.walks import CODE, PUBLIC, SIGNING_IN, back, how, walk


def asked(one: Walk) -> tuple[str, dict[str, str]]:
    """The address without its query, and the query without what is random."""
    place, _, query = one.address().partition("?")
    fields = {name: values[0] for name, values in parse_qs(query).items()}
    assert fields.pop("state") == one.state
    assert fields.pop("client_id") == "the-client"
    if one.how.pkce:
        assert fields.pop("code_challenge") == challenge(one.verifier)
        assert fields.pop("code_challenge_method") == "S256"
    return place, fields


GOOGLE = "https://accounts.google.com/o/oauth2/v2/auth"
GRAPH = "https://graph.microsoft.com/Calendars.ReadWrite offline_access"
CODES = {"response_type": "code"}
OFFLINE = {**CODES, "access_type": "offline", "prompt": "consent"}
GATEWAY = {"redirect_uri": f"{PUBLIC}/connected"}
NEAR = {"redirect_uri": "http://localhost:8765/connected"}
DOCUMENTED: dict[str, tuple[str, Mapping[str, str]]] = {
    "calendly": ("https://auth.calendly.com/oauth/authorize", {**CODES, **GATEWAY}),
    "google_calendar": (
        GOOGLE,
        {
            **OFFLINE,
            **NEAR,
            "scope": "https://www.googleapis.com/auth/calendar.events"
            " https://www.googleapis.com/auth/calendar.freebusy",
        },
    ),
    "google_sheets": (
        GOOGLE,
        {**OFFLINE, **NEAR, "scope": "https://www.googleapis.com/auth/spreadsheets"},
    ),
    "hubspot": (
        "https://app.hubspot.com/oauth/authorize",
        {**NEAR, "scope": "oauth crm.objects.contacts.read crm.objects.contacts.write"},
    ),
    "jobber": ("https://api.getjobber.com/api/oauth/authorize", {**CODES, **NEAR}),
    "outlook": (
        "https://login.microsoftonline.com/the-tenant/oauth2/v2.0/authorize",
        {**CODES, **NEAR, "response_mode": "query", "scope": GRAPH},
    ),
    "pipedrive": ("https://oauth.pipedrive.com/oauth/authorize", NEAR),
    "quickbooks": (
        "https://appcenter.intuit.com/connect/oauth2",
        {**CODES, **GATEWAY, "scope": "com.intuit.quickbooks.accounting"},
    ),
    "salesforce": (
        "https://windward.my.salesforce.com/services/oauth2/authorize",
        {**CODES, **NEAR, "scope": "api refresh_token"},
    ),
    "square": (
        "https://connect.squareup.com/oauth2/authorize",
        {
            **GATEWAY,
            "session": "false",
            "scope": "APPOINTMENTS_READ APPOINTMENTS_ALL_READ APPOINTMENTS_WRITE"
            " APPOINTMENTS_ALL_WRITE CUSTOMERS_READ MERCHANT_PROFILE_READ",
        },
    ),
    "zoho_crm": (
        "https://accounts.zoho.com/oauth/v2/auth",
        {
            **OFFLINE,
            **NEAR,
            "scope": "ZohoCRM.modules.appointments.ALL,ZohoCRM.modules.contacts.READ,"
            "ZohoCRM.modules.leads.READ,ZohoCRM.modules.tasks.ALL,ZohoCRM.notifications.ALL,"
            "ZohoSearch.securesearch.READ",
        },
    ),
}
"""As each FACTS page has it: address, and what stands in it beside client, state and challenge."""
GRANTED_AT = {
    "calendly": "https://auth.calendly.com/oauth/token",
    "google_calendar": "https://oauth2.googleapis.com/token",
    "google_sheets": "https://oauth2.googleapis.com/token",
    "hubspot": "https://api.hubapi.com/oauth/v1/token",
    "jobber": "https://api.getjobber.com/api/oauth/token",
    "outlook": "https://login.microsoftonline.com/the-tenant/oauth2/v2.0/token",
    "pipedrive": "https://oauth.pipedrive.com/oauth/token",
    "quickbooks": "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer",
    "salesforce": "https://windward.my.salesforce.com/services/oauth2/token",
    "square": "https://connect.squareup.com/oauth2/token",
    "zoho_crm": "https://accounts.zoho.com/oauth/v2/token",
}


def test_every_platform_that_takes_a_refresh_token_can_be_signed_in_to() -> None:
    takes = [slug for slug in sorted(REGISTRY)
             if any("refresh_token" in way for way in form_of(slug).ways)]  # fmt: skip
    assert takes == SIGNING_IN == sorted(DOCUMENTED)


@pytest.mark.parametrize("slug", SIGNING_IN)
def test_the_address_to_open_has_the_documented_parameters(slug: str) -> None:
    assert asked(walk(slug)) == DOCUMENTED[slug]


@pytest.mark.parametrize("slug", SIGNING_IN)
def test_tokens_are_asked_for_where_the_vendor_gives_them(slug: str) -> None:
    one = walk(slug)
    assert one.account.at(one.how.token_url) == GRANTED_AT[slug]


@pytest.mark.parametrize("slug", SIGNING_IN)
def test_no_two_walks_share_a_state_or_a_verifier_and_none_is_shown(slug: str) -> None:
    one, two = walk(slug), walk(slug)
    assert one.state != two.state
    assert one.verifier != two.verifier
    assert len(one.state) >= 32
    assert re.fullmatch(r"[A-Za-z0-9._~-]{43,128}", one.verifier)
    shown = f"{one!r} {Returned(CODE, {})!r}"
    assert not [word for word in (one.state, one.verifier, CODE, "canary") if word in shown]
    assert one.verifier not in one.address()


def test_the_challenge_is_that_of_the_verifier() -> None:
    """The example of RFC 7636, appendix B."""
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert challenge(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_addresses_and_scopes_can_be_set_where_an_account_differs() -> None:
    one = walk(
        "zoho_crm",
        data_centre="eu",
        oauth_scopes="ZohoCRM.modules.ALL, ZohoCRM.users.READ",
        redirect_url="https://other.example.com/back",
    )
    place, fields = asked(one)
    assert place == "https://accounts.zoho.eu/oauth/v2/auth"
    assert fields["scope"] == "ZohoCRM.modules.ALL,ZohoCRM.users.READ"
    assert fields["redirect_uri"] == "https://other.example.com/back"
    elsewhere = walk("google_calendar", authorize_url="http://127.0.0.1:9/auth")
    assert asked(elsewhere)[0] == "http://127.0.0.1:9/auth"


@pytest.mark.parametrize("public", ["", "http://127.0.0.1:4300"])
def test_a_platform_that_wants_https_is_not_sent_to_a_plain_address(public: str) -> None:
    for slug in ("calendly", "quickbooks", "square"):
        with pytest.raises(CannotBegin, match="REBOOK_PUBLIC_URL"):
            redirect_for(how(slug), {}, public)
        assert redirect_for(how(slug), {"redirect_url": NEARBY}, public) == NEARBY
    assert redirect_for(how("jobber"), {}, public) == NEARBY


@pytest.mark.parametrize(
    "chosen",
    ["http://book.example.com/", "http://localhost.evil.example/", "ftp://localhost/", "x"],
)
def test_a_code_is_sent_nowhere_in_clear(chosen: str) -> None:
    with pytest.raises(CannotBegin, match="https"):
        redirect_for(how("jobber"), {"redirect_url": chosen}, PUBLIC)


@pytest.mark.parametrize("slug", SIGNING_IN)
def test_the_whole_address_is_read_however_it_was_pasted(slug: str) -> None:
    one = walk(slug)
    whole = back(one)
    half = len(whole) // 2
    for pasted in (whole, f"  {whole}\n", f"{whole[:half]}\n{whole[half:]}", f"{whole}#_=_"):
        assert one.read(pasted).code == CODE
    assert one.read(whole.partition("?")[2]).code == CODE


@pytest.mark.parametrize("slug", SIGNING_IN)
@pytest.mark.parametrize("state", ["", "another", "state-canary-é", None])
def test_a_wrong_or_missing_state_is_refused(slug: str, state: str | None) -> None:
    one = walk(slug)
    address = back(one, state=state)
    with pytest.raises(WrongReturn, match=r"its state is (another|missing)") as caught:
        one.read(address)
    assert "canary" not in str(caught.value)


def test_the_state_of_an_earlier_walk_is_refused() -> None:
    earlier, now = walk("jobber"), walk("jobber")
    with pytest.raises(WrongReturn, match="another"):
        now.read(back(earlier))


@pytest.mark.parametrize("slug", SIGNING_IN)
@pytest.mark.parametrize("state", ["", None])
def test_that_the_sign_in_was_declined_is_told_plainly(slug: str, state: str | None) -> None:
    """Some vendors leave the state out of an error."""
    one = walk(slug)
    fields = {"code": None, "error": "access_denied", "error_description": "words-canary"}
    with pytest.raises(Declined, match="declined at the platform") as caught:
        one.read(back(one, **fields, **({} if state is None else {"state": None})))
    assert "canary" not in str(caught.value)


def test_an_error_of_the_platforms_own_is_told_without_its_words() -> None:
    one = walk("hubspot")
    with pytest.raises(Declined) as caught:
        one.read(back(one, code=None, error="words-canary"))
    assert str(caught.value) == "the platform sent back an error"


@pytest.mark.parametrize("slug", SIGNING_IN)
def test_a_code_alone_serves_only_where_it_is_tied_to_this_walk(slug: str) -> None:
    """Without PKCE the state is all that tells our sign-in from somebody else's."""
    one = walk(slug)
    if one.how.pkce:
        assert one.read(CODE).code == one.read(quote(CODE, safe="")).code == CODE
    else:
        with pytest.raises(WrongReturn, match="whole address"):
            one.read(CODE)


@pytest.mark.parametrize(
    "pasted",
    [
        "",
        "   ",
        "http://localhost:8765/connected",
        "http://localhost:8765/connected?code=",
        "http://[::1",
        "?state=x&state=y&code=a",
        "x" * 5000,
        "code=a\x00b",
        "&".join(f"code={n}" for n in range(99)),
    ],
)
def test_what_is_neither_is_refused_and_not_quoted(pasted: str) -> None:
    with pytest.raises(WrongReturn) as caught:
        walk("google_calendar").read(pasted)
    assert not pasted.strip() or pasted.strip()[:20] not in str(caught.value)


def test_quickbooks_tells_which_company_it_is() -> None:
    one = walk("quickbooks")
    assert one.read(back(one, realmId="4620816365")).settings == {"realm_id": "4620816365"}
    for odd in ("", "1/../2", "x" * 65, "a b"):
        assert one.read(back(one, realmId=odd)).settings == {}


@pytest.mark.parametrize(
    ("told", "known"),
    [
        ("us", "com"),
        ("eu", "eu"),
        ("au", "com.au"),
        ("cn", "com.cn"),
        ("ca", "ca"),
        ("evil.example", ""),
    ],
)
def test_zoho_tells_its_data_centre_and_no_other_house_is_believed(told: str, known: str) -> None:
    one = walk("zoho_crm")
    address = back(one, location=told, **{"accounts-server": "https://evil.example"})
    assert one.read(address).settings == ({"data_centre": known} if known else {})
