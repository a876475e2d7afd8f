"""Sign-ins as the tests walk them, at any platform."""

from urllib.parse import urlencode

from connectors import REGISTRY
from connectors.forms import SignIn, form_of
from connectors.signing_in import Account, Walk, redirect_for

CLIENT = {"client_id": "the-client", "client_secret": "a-secret-canary", "tenant_id": "the-tenant"}
PUBLIC = "https://book.example.com"
CODE = "4/0A-code=canary"
BASES = {"salesforce": "https://windward.my.salesforce.com"}
SIGNING_IN = [slug for slug in sorted(REGISTRY) if form_of(slug).sign_in]


def how(slug: str) -> SignIn:
    found = form_of(slug).sign_in
    assert found
    return found


def walk(slug: str, base_url: str = "", **settings: str) -> Walk:
    account = Account(base_url or BASES.get(slug, ""), settings, CLIENT)
    return Walk(how(slug), account, redirect_for(how(slug), settings, PUBLIC))


def back(one: Walk, **fields: str | None) -> str:
    """Where the platform would send the browser; what is None is left out."""
    told = {"code": CODE, "state": one.state, **fields}
    kept = {name: value for name, value in told.items() if value is not None}
    return f"{one.redirect_url}?{urlencode(kept)}"
