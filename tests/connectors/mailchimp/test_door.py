"""Mailchimp's two ways to the door: signed, or vouched for by the secret in the address."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from connectors import door
from connectors.contract import WebhookRequest
from connectors.errors import BadSignature
from tests.connectors import specs
from tests.connectors.mailchimp.kit import KIT

VECTORS = specs.SPECS / "mailchimp/examples/signature_vectors.json"
HOOK = "https://gw.example.com/hooks/mailchimp"


@pytest.fixture
def signed() -> WebhookRequest:
    """Signed now: its time is checked."""
    return KIT.signed(KIT.body, HOOK, "")


def vectors() -> list[dict[str, Any]]:
    return json.loads(Path(VECTORS).read_text())["vectors"] if VECTORS.exists() else []


def let_in(request: WebhookRequest, *secrets: bytes) -> bool:
    try:
        door("mailchimp", {}).verify(request, secrets)
    except BadSignature:
        return False
    return True


@specs.absent
@pytest.mark.parametrize("vector", vectors(), ids=lambda one: str(one["name"]))
def test_the_written_vectors_are_judged_as_they_say(vector: dict[str, Any]) -> None:
    headers = {"x-mailchimp-signature": vector["header"]}
    request = WebhookRequest("POST", HOOK, headers, vector["raw_body"].encode())
    with time_machine.travel(datetime.fromtimestamp(vector["clock"], UTC)):
        assert let_in(request, b"signing:" + vector["signing_secret"].encode()) is vector["valid"]


def test_no_bit_of_a_signed_body_can_be_changed_and_none_of_it_is_taken_an_hour_later(
    signed: WebhookRequest,
) -> None:
    for at in range(len(KIT.body) * 8):
        changed = bytearray(KIT.body)
        changed[at // 8] ^= 1 << at % 8
        assert not let_in(replace(signed, body=bytes(changed)), KIT.secret)
    for hours in (-1, 1):
        with time_machine.travel(datetime.now(UTC) + timedelta(hours=hours)):
            assert not let_in(signed, KIT.secret)


def test_while_mailchimp_changes_its_secret_one_of_two_signatures_fits(
    signed: WebhookRequest,
) -> None:
    stamp, _, digest = signed.headers["x-mailchimp-signature"].partition(",")
    for both in (f"{stamp},v1={'0' * 64},{digest}", f"{stamp},{digest},v1={'0' * 64}"):
        request = WebhookRequest("POST", HOOK, {"x-mailchimp-signature": both}, KIT.body)
        assert let_in(request, KIT.secret)


def test_an_unsigned_webhook_needs_the_secret_in_its_address() -> None:
    known = WebhookRequest("POST", f"{HOOK}?key=a-long-word", {}, KIT.body)
    assert let_in(known, b"a-long-word")
    assert let_in(known, b"another", b"a-long-word")
    assert not let_in(known, b"another")
    assert not let_in(known, b"")
    assert not let_in(WebhookRequest("POST", f"{HOOK}?key=", {}, KIT.body), b"")
    assert not let_in(WebhookRequest("POST", HOOK, {}, KIT.body), b"a-long-word")


def test_where_a_signing_secret_is_held_the_address_is_not_enough(signed: WebhookRequest) -> None:
    request = WebhookRequest("POST", f"{HOOK}?key=a-long-word", {}, KIT.body)
    assert not let_in(request, b"a-long-word", KIT.secret)
    assert not let_in(signed, b"signing:")


def test_the_question_whether_somebody_is_there_is_answered_and_a_post_is_not_a_question(
    signed: WebhookRequest,
) -> None:
    connector = door("mailchimp", {})
    asked = connector.respond(WebhookRequest("GET", HOOK, {}, b""))
    assert asked is not None
    assert (asked.status, asked.store, bool(asked.body)) == (200, False, True)
    assert connector.respond(signed) is None


def test_a_repeated_delivery_has_the_same_key(signed: WebhookRequest) -> None:
    key = door("mailchimp", {}).verify(signed, [KIT.secret]).dedupe_key
    assert key == "unsubscribe:8a25ff1d98:2030-03-01 19:00:00"
