"""Every webhook signature against the vendors' published vectors and against an attacker with patience."""

import base64
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from connectors import connector_class
from connectors.contract import Connector, WebhookRequest
from connectors.errors import BadSignature
from connectors.signatures import check_sendgrid, check_slack, check_twilio, usable
from tests.connectors.kits import KITS
from tests.connectors.slack.kit import sign as sign_slack

SPECS = Path(os.environ.get("REBOOK_SPECS", Path(__file__).parents[3] / "shared" / "specs"))
URL = "https://rebook.example.com/hooks/a-connection"
OLD, NEW = b"an-older-secret", b"a-newer-secret"

BODIES = {
    "twilio": (b"Body=2&From=%2B18085550123&MessageSid=SM01&To=%2B18085550100", "sms"),
    "sendgrid": (b'[{"event":"delivered","sg_message_id":"m1.f"}]\r\n', "events"),
    "slack": (urlencode({"payload": '{"type":"block_actions"}'}).encode(), "interactivity"),
}
SIGNATURE = {
    "twilio": "x-twilio-signature",
    "sendgrid": "x-twilio-email-event-webhook-signature",
    "slack": "x-slack-signature",
}
TIMESTAMP = {
    "sendgrid": "x-twilio-email-event-webhook-timestamp",
    "slack": "x-slack-request-timestamp",
}
HOSTILE = ["", " ", ",", "=", "v0=", "v1a,AAAA", "null", "é☃", "\udcff\ud800", "A" * 10_000, "\x00"]

each_vendor = pytest.mark.parametrize("slug", BODIES)


def vectors(slug: str) -> list[Any]:
    path = SPECS / slug / "examples" / "signature_vectors.json"
    if not path.exists():
        reason = f"the published vectors are not at {path.parent.name} of REBOOK_SPECS"
        return [pytest.param({}, marks=pytest.mark.skip(reason=reason))]
    found: dict[str, Any] = json.loads(path.read_text())
    shared = {name: value for name, value in found.items() if name != "vectors"}
    return [pytest.param(shared | one, id=one["name"]) for one in found["vectors"]]


def holds(check: Callable[[], object]) -> bool:
    try:
        check()
    except BadSignature:
        return False
    return True


@pytest.mark.parametrize("vector", vectors("twilio"))
def test_twilio_is_told_from_a_forger_as_its_own_vectors_say(vector: dict[str, Any]) -> None:
    pairs = [tuple(pair) for pair in vector.get("params_list", vector.get("params", {}).items())]
    body = vector["raw_body"].encode() if "raw_body" in vector else urlencode(pairs).encode()
    token = vector["auth_token"].encode()
    seen = holds(lambda: check_twilio(vector["signature"], vector["url"], body, [token]))
    assert seen == vector["valid"]


@pytest.mark.parametrize("vector", vectors("sendgrid"))
def test_sendgrid_is_told_from_a_forger_as_its_own_vectors_say(vector: dict[str, Any]) -> None:
    body, key = vector["raw_body"].encode(), vector["public_key"].encode()
    seen = holds(lambda: check_sendgrid(vector["signature"], vector["timestamp"], body, [key]))
    assert seen == vector["valid"]


@pytest.mark.parametrize("vector", vectors("slack"))
def test_slack_is_told_from_a_forger_as_its_own_vectors_say(vector: dict[str, Any]) -> None:
    body, secret = vector["raw_body"].encode(), vector["signing_secret"].encode()
    with time_machine.travel(vector["clock"], tick=False):
        seen = holds(lambda: check_slack(vector["signature"], vector["timestamp"], body, [secret]))
    assert seen == vector["valid"]


def door(slug: str) -> Connector:
    return connector_class(slug).at_the_door({})


def signed(slug: str) -> WebhookRequest:
    body, kind = BODIES[slug]
    return KITS[slug].signed(body, URL, kind)


def accepts(slug: str, request: WebhookRequest, *secrets: bytes) -> bool:
    return holds(lambda: door(slug).verify(request, list(secrets or [KITS[slug].secret])))


def flipped(data: bytes) -> Iterator[bytes]:
    """The same bytes with one bit changed, for every bit."""
    for position in range(len(data) * 8):
        changed = bytearray(data)
        changed[position // 8] ^= 1 << position % 8
        yield bytes(changed)


def with_header(request: WebhookRequest, name: str, value: str) -> WebhookRequest:
    return replace(request, headers={**request.headers, name: value})


@each_vendor
def test_what_the_vendor_signed_is_accepted(slug: str) -> None:
    assert accepts(slug, signed(slug))


@each_vendor
def test_no_body_with_one_bit_changed_is_accepted_for_another(slug: str) -> None:
    """Twilio signs the decoded fields: another spelling of the very same fields is no other body."""
    request = signed(slug)
    accepted = [b for b in flipped(request.body) if accepts(slug, replace(request, body=b))]
    same = parse_qsl(request.body.decode()) if slug == "twilio" else None
    assert [body for body in accepted if parse_qsl(body.decode()) != same] == []


@each_vendor
def test_no_signature_with_one_bit_changed_is_accepted(slug: str) -> None:
    request, name = signed(slug), SIGNATURE[slug]
    forged = (bits.decode("latin-1") for bits in flipped(request.headers[name].encode()))
    assert not [value for value in forged if accepts(slug, with_header(request, name, value))]


@pytest.mark.parametrize("slug", TIMESTAMP)
def test_no_timestamp_with_one_bit_changed_is_accepted(slug: str) -> None:
    request, name = signed(slug), TIMESTAMP[slug]
    forged = (bits.decode("latin-1") for bits in flipped(request.headers[name].encode()))
    assert not [value for value in forged if accepts(slug, with_header(request, name, value))]


def test_no_url_with_one_bit_changed_is_accepted_from_twilio() -> None:
    request = KITS["twilio"].signed(BODIES["twilio"][0], f"{URL}/status?i=an-intent", "status")
    forged = (bits.decode("latin-1") for bits in flipped(request.url.encode()))
    assert not [url for url in forged if accepts("twilio", replace(request, url=url))]


@each_vendor
@pytest.mark.parametrize("value", HOSTILE, ids=[f"hostile-{n}" for n in range(len(HOSTILE))])
def test_a_hostile_signature_header_is_a_bad_signature_and_no_crash(slug: str, value: str) -> None:
    assert not accepts(slug, with_header(signed(slug), SIGNATURE[slug], value))


@pytest.mark.parametrize("slug", TIMESTAMP)
@pytest.mark.parametrize("value", HOSTILE, ids=[f"hostile-{n}" for n in range(len(HOSTILE))])
def test_a_hostile_timestamp_header_is_a_bad_signature_and_no_crash(slug: str, value: str) -> None:
    assert not accepts(slug, with_header(signed(slug), TIMESTAMP[slug], value))


@each_vendor
def test_a_missing_header_is_a_bad_signature(slug: str) -> None:
    assert not accepts(slug, replace(signed(slug), headers={}))


@each_vendor
def test_two_signatures_in_one_header_are_not_tried_one_by_one(slug: str) -> None:
    request, name = signed(slug), SIGNATURE[slug]
    twice = f"{request.headers[name]},{request.headers[name]}"
    assert not accepts(slug, with_header(request, name, twice))


@each_vendor
@given(header=st.text(), stamp=st.text(max_size=20), body=st.binary(max_size=80), url=st.text())
def test_noise_is_never_accepted_and_never_crashes(
    slug: str, header: str, stamp: str, body: bytes, url: str
) -> None:
    headers = {SIGNATURE[slug]: header, TIMESTAMP.get(slug, "x-none"): stamp}
    request = WebhookRequest("POST", f"https://rebook.example.com/{url}", headers, body)
    assert not accepts(slug, request)


@pytest.mark.parametrize("body", [b'[ {"a": 1}]', b'[{"a":1}]\n', b'[{"\\u0061": 1}]'])
def test_a_body_written_anew_is_not_what_sendgrid_signed(body: bytes) -> None:
    request = KITS["sendgrid"].signed(b'[{"a": 1}]', URL, "events")
    assert not accepts("sendgrid", replace(request, body=body))


@pytest.mark.parametrize("seconds", [-301, 301, 365 * 86_400, -365 * 86_400])
def test_slack_is_refused_outside_five_minutes_both_ways(seconds: float) -> None:
    with time_machine.travel(1_800_000_000, tick=False):
        request = sign_slack(
            BODIES["slack"][0],
            URL,
            "interactivity",
            KITS["slack"].secret,
            at=1_800_000_000 + seconds,
        )
        assert not accepts("slack", request)


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_slack_is_accepted_within_five_minutes_both_ways(seconds: float) -> None:
    with time_machine.travel(1_800_000_000, tick=False):
        request = sign_slack(
            BODIES["slack"][0],
            URL,
            "interactivity",
            KITS["slack"].secret,
            at=1_800_000_000 + seconds,
        )
        assert accepts("slack", request)


@pytest.mark.parametrize("stamp", ["NaN", "1e999", "-1", "1800000000000", "18e8", "١٨٠٠٠٠٠٠٠٠"])
@pytest.mark.parametrize("slug", TIMESTAMP)
def test_a_timestamp_that_is_no_count_of_seconds_is_refused(slug: str, stamp: str) -> None:
    with time_machine.travel(1_800_000_000, tick=False):
        assert not accepts(slug, with_header(signed(slug), TIMESTAMP[slug], stamp))


@each_vendor
def test_while_a_secret_is_rotated_both_serve_and_later_only_the_new_one(slug: str) -> None:
    other = KITS[slug].secret if slug != "sendgrid" else base64.b64encode(b"no key at all")
    assert accepts(slug, signed(slug), NEW, KITS[slug].secret)
    assert accepts(slug, signed(slug), KITS[slug].secret, NEW)
    assert not accepts(slug, signed(slug), NEW)
    assert (slug == "sendgrid") != accepts(slug, signed(slug), OLD, other)


@each_vendor
@pytest.mark.parametrize("secrets", [[], [b""], [b"", b""]], ids=["none", "empty", "two-empty"])
def test_without_a_secret_nothing_is_accepted(slug: str, secrets: list[bytes]) -> None:
    assert not holds(lambda: door(slug).verify(signed(slug), secrets))


def test_an_empty_secret_is_no_secret() -> None:
    assert usable([b"", b"one", b""]) == [b"one"]


def test_a_form_is_not_accepted_in_the_place_of_the_json_whose_digest_the_url_names() -> None:
    """TRUST W11: with `bodySHA256` the signature covers the URL alone, so the digest must hold."""
    body = b'{"a": 1}'
    digest = "f9d86028c6e0d64e225186f96acb69338b2c59764df79162107f5c4bb34d1310"
    url = f"{URL}?bodySHA256={digest}"
    request = replace(KITS["twilio"].signed(b"", url, "sms"), body=body)
    assert accepts("twilio", request)
    assert not accepts("twilio", replace(request, body=b""))
    assert not accepts("twilio", replace(request, body=b'{"a": 2}'))
    assert not accepts("twilio", replace(request, body=b"a=1"))


def test_a_slack_signature_of_another_version_is_refused() -> None:
    request = signed("slack")
    other = request.headers[SIGNATURE["slack"]].replace("v0=", "v1=")
    assert not accepts("slack", with_header(request, SIGNATURE["slack"], other))


def test_sendgrid_does_not_take_a_public_key_for_a_shared_secret() -> None:
    """Key confusion: who knows the public key must not be able to sign with it as a password."""
    request = replace(signed("sendgrid"), kind="inbound", url=f"{URL}/inbound?key=")
    key = KITS["sendgrid"].secret.decode()
    assert not accepts("sendgrid", request)
    assert not accepts("sendgrid", replace(request, url=f"{request.url}{key}"))
