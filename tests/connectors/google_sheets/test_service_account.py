"""A service account signs its own requests for tokens; the sheet is shared with its address."""

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from connectors import connect
from connectors.contract import Connector
from connectors.errors import NotAllowed
from tests.connectors.replay import load
from tests.connectors.vendor import Received, Reply, Vendor

EMAIL = "rebook@harbour.example.com"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.private_bytes(
    serialization.Encoding.PEM,
    serialization.PrivateFormat.PKCS8,
    serialization.NoEncryption(),
).decode()


def account(vendor: Vendor, private_key: str = PEM) -> Connector:
    settings = {"token_url": f"{vendor.url}/token", "spreadsheet": "sheet1"}
    credentials = {"client_email": EMAIL, "private_key": private_key}
    return connect("google_sheets", vendor.url, settings, credentials)


def opened(word: str) -> dict[str, Any]:
    """As the token service reads it. Raises `InvalidSignature`."""
    head, claims, signature = (base64.urlsafe_b64decode(f"{part}==") for part in word.split("."))
    told = word.rpartition(".")[0].encode()
    KEY.public_key().verify(signature, told, padding.PKCS1v15(), hashes.SHA256())
    assert json.loads(head) == {"alg": "RS256", "typ": "JWT"}
    return dict(json.loads(claims))


def test_the_signed_word_names_who_asks_for_what_and_opens_the_sheet(vendor: Vendor) -> None:
    asked: list[dict[str, Any]] = []

    def answer(request: Received) -> Reply:
        if request.path != "/token":
            assert request.headers["authorization"] == "Bearer access-1"
            return Reply(200, load("google_sheets", "check")[0]["response"]["body"])
        assert request.form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
        asked.append(opened(request.form["assertion"][0]))
        return Reply(200, {"access_token": "access-1", "expires_in": 3599})

    vendor.answer = answer
    connector = account(vendor)
    assert [connector.check(), connector.check()] == ["Harbour Studio"] * 2
    (claims,) = asked
    assert (claims["iss"], claims["exp"] - claims["iat"]) == (EMAIL, 3600)
    assert claims["aud"] == f"{vendor.url}/token"
    assert claims["scope"] == "https://www.googleapis.com/auth/spreadsheets"


def test_a_key_that_cannot_be_read_pauses_the_connection_and_is_not_quoted(vendor: Vendor) -> None:
    with pytest.raises(NotAllowed) as caught:
        account(vendor, "a key of nobody").check()
    assert "nobody" not in str(caught.value)
    assert vendor.received == []


def test_an_account_that_was_switched_off_pauses_the_connection(vendor: Vendor) -> None:
    vendor.answer = lambda _request: Reply(400, {"error": "invalid_grant"})
    with pytest.raises(NotAllowed):
        account(vendor).check()
