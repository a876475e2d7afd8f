"""Square's signature: the address it was told and the body, to the letter."""

import json
from dataclasses import replace

import pytest

from connectors import door
from connectors.contract import WebhookRequest
from connectors.errors import BadSignature
from tests.connectors.specs import SPECS, absent
from tests.connectors.square.kit import KIT

URL = "https://gw.example.com/hooks/square"


def accepted(request: WebhookRequest, secret: bytes = KIT.secret) -> bool:
    try:
        door("square", {}).verify(request, [secret])
    except BadSignature:
        return False
    return True


@absent
def test_the_worked_example_of_the_vendors_own_client_is_accepted() -> None:
    told = json.loads((SPECS / "square/examples/webhook-signature-vector.json").read_text())
    name = "x-square-hmacsha256-signature"
    request = WebhookRequest(
        "POST", told["notification_url"], {name: told[name]}, told["raw_body"].encode()
    )
    assert accepted(request, told["signature_key"].encode())
    assert not accepted(replace(request, body=request.body + b" "), told["signature_key"].encode())


@pytest.mark.parametrize(
    "url",
    [
        "http://gw.example.com/hooks/square",
        f"{URL}/",
        f"{URL}?a=1",
        "https://gw.example.com:443/hooks/square",
        "https://GW.example.com/hooks/square",
        "https://gw.example.com/hooks/squar",
    ],
)
def test_another_spelling_of_the_address_is_refused(url: str) -> None:
    assert not accepted(replace(KIT.signed(KIT.body, URL, ""), url=url))


def test_a_letter_that_moves_from_the_body_to_the_address_is_no_forgery_anyone_can_send() -> None:
    """Nothing stands between the two: but the address is ours by configuration, and JSON begins so."""
    honest = KIT.signed(KIT.body, URL, "")
    shifted = replace(honest, url=URL + honest.body[:1].decode(), body=honest.body[1:])
    assert accepted(shifted)
    assert door("square", {}).verify(shifted, [KIT.secret]).dedupe_key is None


def test_a_repeat_is_told_by_the_events_own_id() -> None:
    verified = door("square", {}).verify(KIT.signed(KIT.body, URL, ""), [KIT.secret])
    assert verified.dedupe_key == "d954ea4e-0000-4000-8000-000000000001"
