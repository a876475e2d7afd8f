"""HubSpot's signatures against its own vectors, and against what its clients let through."""

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

from connectors.contract import WebhookRequest
from connectors.errors import BadSignature
from connectors.hubspot import HubSpot
from tests.connectors import specs
from tests.connectors.kits import KITS

NOW = datetime(2030, 3, 1, 12, 0, tzinfo=UTC)
SECRET, URL, BODY = b"an-app-secret", "https://gw.example.com/hooks/hubspot", b'[{"eventId":1}]'


def vectors() -> list[dict[str, Any]]:
    file = specs.SPECS / "hubspot" / "examples" / "signature_vectors.json"
    found: list[dict[str, Any]] = json.loads(file.read_text())["body"]
    return found


def request(
    *, stamp: str | None = None, url: str = URL, signed_url: str = "", method: str = "POST"
) -> WebhookRequest:
    stamp = str(int(NOW.timestamp() * 1000)) if stamp is None else stamp
    base = b"POST" + (signed_url or url).encode() + BODY + stamp.encode()
    digest = hmac.digest(SECRET, base, hashlib.sha256)
    headers = {
        "x-hubspot-signature-v3": base64.b64encode(digest).decode(),
        "x-hubspot-request-timestamp": stamp,
    }
    return WebhookRequest(method, url, headers, BODY)


def taken(sent: WebhookRequest, *secrets: bytes, **settings: str) -> bool:
    with time_machine.travel(NOW, tick=False):
        try:
            HubSpot.at_the_door(settings).verify(sent, secrets or [SECRET])
        except BadSignature:
            return False
    return True


@specs.absent
def test_the_published_vectors_pass() -> None:
    for one in (v for v in vectors() if v.get("version") != "v2"):
        headers = {
            "x-hubspot-signature-v3": one["X-HubSpot-Signature-v3"],
            "x-hubspot-request-timestamp": one["timestamp"],
        }
        url = one.get("uri_on_the_wire", one["uri_as_signed"])
        sent = WebhookRequest(one["method"], url, headers, one["body"].encode())
        with time_machine.travel(int(one["timestamp"]) / 1000, tick=False):
            HubSpot.at_the_door({}).verify(sent, [one["client_secret"].encode()])


@specs.absent
def test_the_older_signature_passes_only_where_it_is_switched_on() -> None:
    [one] = [v for v in vectors() if v.get("version") == "v2"]
    headers = {"x-hubspot-signature": one["X-HubSpot-Signature"]}
    sent = WebhookRequest(one["method"], one["uri_as_signed"], headers, one["body"].encode())
    secret = one["client_secret"].encode()
    assert taken(sent, secret, signature_v2="true")
    assert not taken(sent, secret)
    assert not taken(replace(sent, body=b"x"), secret, signature_v2="true")
    assert not taken(sent, b"", signature_v2="true")


def test_a_request_with_both_is_judged_by_the_newer_one() -> None:
    digest = hashlib.sha256(SECRET + b"POST" + URL.encode() + BODY).hexdigest()
    headers = {"x-hubspot-signature": digest, "x-hubspot-signature-v3": "bm90IGl0"}
    sent = WebhookRequest("POST", URL, headers, BODY)
    assert not taken(sent, signature_v2="true")


@pytest.mark.parametrize("seconds", [-299, 0, 299])
def test_within_five_minutes_either_way_it_is_taken(seconds: int) -> None:
    assert taken(request(stamp=str(int((NOW.timestamp() + seconds) * 1000))))


@pytest.mark.parametrize("seconds", [-301, 301, 365 * 86_400])
def test_outside_of_five_minutes_either_way_it_is_not(seconds: int) -> None:
    assert not taken(request(stamp=str(int((NOW.timestamp() + seconds) * 1000))))


@pytest.mark.parametrize("stamp", ["", "NaN", "1e999", "-1899000000000", "1898596800", "²" * 13])
def test_a_time_that_is_none_in_milliseconds_is_refused(stamp: str) -> None:
    assert not taken(request(stamp=stamp))


def test_the_method_and_the_address_are_vouched_for() -> None:
    assert taken(request())
    assert not taken(request(method="GET"))
    assert not taken(request(url=URL + "/other", signed_url=URL))
    assert not taken(request(url=URL + "?a=1", signed_url=URL))


def test_the_dozen_escapes_of_an_address_are_undone_and_no_other() -> None:
    for wire, plain in (("%3A%2f%28a%29", ":/(a)"), ("%40%21%24%27%2A%2C%3B%3F", "@!$'*,;?")):
        assert taken(request(url=f"{URL}?x={wire}", signed_url=f"{URL}?x={plain}"))
    assert taken(request(url=f"{URL}?x=%20%26", signed_url=f"{URL}?x=%20%26"))
    assert not taken(request(url=f"{URL}?x=%20", signed_url=f"{URL}?x= "))


def test_a_repeat_is_known_by_its_events_and_others_are_not_taken_for_it() -> None:
    door = HubSpot.at_the_door({})
    with time_machine.travel(NOW, tick=False):
        first = door.verify(request(), [SECRET]).dedupe_key
        again = door.verify(request(stamp=str(int(NOW.timestamp() * 1000) + 5)), [SECRET])
    assert first
    assert again.dedupe_key == first


def test_events_of_another_account_of_the_same_app_are_not_let_in() -> None:
    kit = KITS["hubspot"]
    sent = kit.signed(kit.body, URL, "")
    HubSpot.at_the_door({"portal_id": "4"}).verify(sent, [kit.secret])
    with pytest.raises(BadSignature):
        HubSpot.at_the_door({"portal_id": "5"}).verify(sent, [kit.secret])
