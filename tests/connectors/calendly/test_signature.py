"""Calendly's signature: its recipe, its three minutes both ways, and what is a hair's breadth away."""

import json

import pytest
import time_machine

from connectors import door
from connectors.contract import WebhookRequest
from connectors.errors import BadSignature
from tests.connectors.calendly.kit import KIT, sign
from tests.connectors.specs import SPECS, absent

URL = "https://gw.example.com/hooks/calendly"
NOW = 1_900_000_000


def accepted(request: WebhookRequest, secret: bytes = KIT.secret) -> bool:
    try:
        door("calendly", {}).verify(request, [secret])
    except BadSignature:
        return False
    return True


@absent
def test_the_worked_example_of_the_recipe_is_accepted() -> None:
    told = json.loads((SPECS / "calendly/examples/webhook-signature-vector.json").read_text())
    given = {"calendly-webhook-signature": told["Calendly-Webhook-Signature"]}
    request = WebhookRequest("POST", URL, given, told["raw_body"].encode())
    with time_machine.travel(1_492_774_577, tick=False):
        assert accepted(request, told["signing_key"].encode())
    assert not accepted(request, told["signing_key"].encode())


@pytest.mark.parametrize(("seconds", "fits"), [(-181, 0), (-180, 1), (0, 1), (180, 1), (181, 0)])
def test_three_minutes_either_way(seconds: int, fits: int) -> None:
    with time_machine.travel(NOW, tick=False):
        request = sign(KIT.body, URL, "", KIT.secret, at=NOW + seconds)
        assert accepted(request) == bool(fits)


@pytest.mark.parametrize(
    "change",
    [
        lambda h: h.upper(),
        lambda h: h.replace("v1=", "v0="),
        lambda h: h.replace(",", ", "),
        lambda h: f"{h},{h}",
        lambda h: f"{h},v1={'0' * 64}",
        lambda h: h.partition(",")[2],
        lambda h: h + "\n",
        lambda _h: "t=,v1=",
        lambda _h: "é",
    ],
)
def test_another_form_of_the_header_is_refused(change: object) -> None:
    honest = KIT.signed(KIT.body, URL, "")
    assert callable(change)
    altered = change(honest.headers["calendly-webhook-signature"])
    headers = {"calendly-webhook-signature": altered}
    assert not accepted(WebhookRequest("POST", URL, headers, honest.body))


def test_an_old_signature_under_a_new_time_is_refused() -> None:
    with time_machine.travel(NOW, tick=False):
        old = sign(KIT.body, URL, "", KIT.secret, at=NOW - 4000)
        digest = old.headers["calendly-webhook-signature"].partition(",")[2]
        headers = {"calendly-webhook-signature": f"t={NOW},{digest}"}
        assert not accepted(WebhookRequest("POST", URL, headers, KIT.body))
