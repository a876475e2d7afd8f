"""Graph's door: the handshake of a new subscription, and batches that must vouch for every item."""

import json
from dataclasses import replace

import pytest

from connectors import door
from connectors.contract import WebhookRequest
from connectors.errors import BadSignature
from tests.connectors.kits import KITS

URL = "https://gw.example.com/hooks/outlook"
KIT = KITS["outlook"]


def test_the_validation_token_comes_back_decoded_as_plain_text_and_is_not_kept() -> None:
    asked = "?validationToken=Validation%3a+Testing%20client+%3cb%3e+Request-Id%3a+a1"
    answer = door("outlook", {}).respond(WebhookRequest("POST", URL + asked, {}, b""))
    assert answer is not None
    assert (answer.body, answer.content_type) == (
        b"Validation: Testing client <b> Request-Id: a1",
        "text/plain",
    )
    assert not answer.store


@pytest.mark.parametrize("query", ["", "?validationToken=", "?other=1"])
def test_without_a_token_there_is_no_handshake(query: str) -> None:
    assert door("outlook", {}).respond(WebhookRequest("POST", URL + query, {}, b"")) is None


def test_a_token_beside_a_body_does_not_keep_the_body_from_being_verified() -> None:
    request = replace(KIT.signed(KIT.body, URL, ""), url=f"{URL}?validationToken=a")
    assert door("outlook", {}).respond(request) is None


def batch(*states: object) -> WebhookRequest:
    told = json.loads(KIT.body)["value"][0]
    items = [{**told, "clientState": state} for state in states]
    return WebhookRequest("POST", URL, {}, json.dumps({"value": items}).encode())


def test_every_item_of_a_batch_must_know_the_secret() -> None:
    secret = KIT.secret.decode()
    door("outlook", {}).verify(batch(secret, secret), [KIT.secret])
    for states in ([secret, "guess"], ["guess", secret], [secret, None], [secret, [secret]], []):
        with pytest.raises(BadSignature):
            door("outlook", {}).verify(batch(*states), [KIT.secret])


def test_an_item_that_names_no_subscription_spoils_its_batch() -> None:
    told = json.loads(batch(KIT.secret.decode(), "guess").body)
    del told["value"][1]["subscriptionId"]
    request = WebhookRequest("POST", URL, {}, json.dumps(told).encode())
    with pytest.raises(BadSignature):
        door("outlook", {}).verify(request, [KIT.secret])


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"\xff", b'{"value": 3}', b"[" * 100_000])
def test_a_body_that_is_no_batch_is_a_bad_signature_and_no_crash(body: bytes) -> None:
    with pytest.raises(BadSignature):
        door("outlook", {}).verify(WebhookRequest("POST", URL, {}, body), [KIT.secret])
