"""The web door of the three messengers: who is let in, under which key, and what each insists to hear."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import door
from connectors.contract import Answer, StoredWebhook, WebhookRequest
from connectors.errors import BadSignature
from tests.connectors.kits import KITS

SLUGS = ("sendgrid", "slack", "twilio")
HERE = Path(__file__).parent
RECEIVED_AT = datetime(2030, 3, 1, 20, 0, tzinfo=UTC)
HOOKS = "https://rebook.example.com/hooks"
KEY = b"key:a-key-of-our-own"


def recorded(slug: str, name: str) -> WebhookRequest:
    request = json.loads((HERE / slug / "webhooks" / f"{name}.json").read_text())["request"]
    headers, body = request["headers"], request["body"].encode()
    return WebhookRequest("POST", request["url"], headers, body, request["kind"])


@pytest.mark.parametrize("slug", SLUGS)
@given(body=st.binary(), kind=st.sampled_from(["sms", "status", "events", "inbound", "other"]))
def test_noise_is_translated_to_nothing_and_never_crashes(
    slug: str, body: bytes, kind: str
) -> None:
    headers = {"content-type": "multipart/form-data; boundary=b"}
    webhook = StoredWebhook(kind, f"{HOOKS}/{slug}/{kind}", headers, body, RECEIVED_AT)
    assert door(slug, {}).translate(webhook) == []


@given(
    name=st.sampled_from(["envelope", "headers", "charsets", "text", "html", "email"]),
    value=st.text(),
)
def test_a_mail_with_noise_in_one_field_never_crashes(name: str, value: str) -> None:
    fields = {
        "envelope": '{"to": ["r+t@reply.example.com"], "from": "ana@example.com"}',
        name: value,
    }
    parts = "".join(
        f'--b\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n'
        for n, v in fields.items()
    )
    headers = {"content-type": "multipart/form-data; boundary=b"}
    body = f"{parts}--b--\r\n".encode()
    found = door("sendgrid", {}).translate(
        StoredWebhook("inbound", HOOKS, headers, body, RECEIVED_AT)
    )
    assert len(found) <= 1


@pytest.mark.parametrize("deep", [b"[" * 100_000, b'{"a":' * 100_000])
def test_json_nested_without_end_is_translated_to_nothing(deep: bytes) -> None:
    webhook = StoredWebhook("events", HOOKS, {}, deep, RECEIVED_AT)
    assert door("sendgrid", {}).translate(webhook) == []
    form = urlencode({"payload": deep.decode()}).encode()
    assert door("slack", {}).translate(replace(webhook, body=form)) == []


def test_every_step_of_a_text_and_every_answer_has_a_key_of_its_own() -> None:
    names = ["sms", "status.queued", "status.sent", "status.delivered"]
    requests = [recorded("twilio", name) for name in names]
    keys = [verified("twilio", request) for request in requests]
    assert keys == ["SM41", "SM01:queued", "SM01:sent", "SM01:delivered"]


def test_a_press_has_a_key_of_message_button_person_and_moment() -> None:
    key = verified("slack", recorded("slack", "interactivity.block_actions"))
    assert key == "1898625600.000100:approve:U7:1898625610.000200"


def test_a_batch_of_events_has_no_key_of_its_own() -> None:
    assert verified("sendgrid", recorded("sendgrid", "events.batch")) is None


def verified(slug: str, request: WebhookRequest) -> str | None:
    signed = KITS[slug].signed(request.body, request.url, request.kind)
    return door(slug, {}).verify(signed, [KITS[slug].secret]).dedupe_key


def test_an_answer_by_mail_is_let_in_by_the_key_in_its_address() -> None:
    request = recorded("sendgrid", "inbound")
    first = door("sendgrid", {}).verify(request, [KITS["sendgrid"].secret, KEY]).dedupe_key
    again = door("sendgrid", {}).verify(request, [KEY]).dedupe_key
    other = door("sendgrid", {}).verify(recorded("sendgrid", "inbound.words"), [KEY]).dedupe_key
    assert first == again == other
    assert first is not None


def test_two_mails_have_two_keys_though_their_words_are_the_same() -> None:
    request = recorded("sendgrid", "inbound.not_automatic")
    second = replace(request, body=request.body.replace(b"<reply-1@", b"<reply-2@"))
    keys = {door("sendgrid", {}).verify(one, [KEY]).dedupe_key for one in (request, second)}
    assert len(keys) == 2


@pytest.mark.parametrize("query", ["", "?key=", "?key=another", "?key=key:a-key-of-our-own"])
def test_an_answer_by_mail_without_the_key_is_refused(query: str) -> None:
    request = replace(recorded("sendgrid", "inbound"), url=f"{HOOKS}/sendgrid/inbound{query}")
    with pytest.raises(BadSignature):
        door("sendgrid", {}).verify(request, [KITS["sendgrid"].secret, KEY])


def test_the_key_of_the_mails_does_not_open_the_events() -> None:
    request = replace(
        recorded("sendgrid", "events.delivered"), url=f"{HOOKS}/e?key=a-key-of-our-own"
    )
    with pytest.raises(BadSignature):
        door("sendgrid", {}).verify(request, [KITS["sendgrid"].secret, KEY])


def test_twilio_is_answered_with_no_text_to_the_client() -> None:
    answer = door("twilio", {}).respond(recorded("twilio", "sms"))
    empty = b'<?xml version="1.0" encoding="UTF-8"?><Response/>'
    assert answer == Answer(empty, "text/xml")
    assert door("twilio", {}).respond(recorded("twilio", "status.sent")) is None


def test_slacks_challenge_is_echoed_as_plain_text_and_not_kept() -> None:
    assert challenged("3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P") == Answer(
        b"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P", "text/plain", store=False
    )


@pytest.mark.parametrize("word", ["a" * 257, "é", "a\nb", 7, None, ["a"]])
def test_a_challenge_of_another_kind_is_not_echoed(word: object) -> None:
    assert challenged(word) is None


def challenged(word: object) -> Answer | None:
    body = json.dumps({"type": "url_verification", "challenge": word}).encode()
    return door("slack", {}).respond(WebhookRequest("POST", HOOKS, {}, body, "interactivity"))


def test_a_press_needs_no_words_from_us() -> None:
    assert door("slack", {}).respond(recorded("slack", "interactivity.block_actions")) is None
