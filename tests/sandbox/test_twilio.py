"""Twilio through its official client, and its webhooks checked by hand."""

import base64
import hashlib
import hmac
from urllib.parse import parse_qsl

import httpx
import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from tests.sandbox.conftest import Gateway, Received, Running, eventually

OURS, ANA = "+18085550100", "+18085550101"


@pytest.fixture
def twilio(sandbox: Running) -> Client:
    entry = sandbox.connection("twilio")
    client = Client(entry["credentials"]["account_sid"], entry["credentials"]["auth_token"])
    client.api.base_url = entry["base_url"]
    return client


def signature(token: str, url: str, body: bytes) -> str:
    """FACTS: the exact URL, then every field's name and value, sorted by name."""
    fields = sorted(parse_qsl(body.decode(), keep_blank_values=True))
    text = url + "".join(name + value for name, value in fields)
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


def form(hook: Received) -> dict[str, str]:
    return dict(parse_qsl(hook.body.decode(), keep_blank_values=True))


def test_a_text_is_queued_and_then_delivered(twilio: Client) -> None:
    sent = twilio.messages.create(to=ANA, from_=OURS, body="Hello")
    assert (sent.status, sent.direction, sent.num_segments) == ("queued", "outbound-api", "1")
    eventually(lambda: twilio.messages(sent.sid).fetch().status == "delivered" or None)


def test_each_status_is_told_to_the_signed_callback(
    sandbox: Running, twilio: Client, gateway: Gateway
) -> None:
    path = "/hooks/twilio/status?i=intent-1"
    sent = twilio.messages.create(
        to=ANA, from_=OURS, body="Hello", status_callback=gateway.url + path
    )
    hooks = gateway.wait(3, path)
    assert sorted(form(h)["MessageStatus"] for h in hooks) == ["delivered", "queued", "sent"]
    token = sandbox.connection("twilio")["webhook_secrets"][0]
    for hook in hooks:
        assert form(hook)["MessageSid"] == sent.sid
        wanted = signature(token, gateway.url + hook.path, hook.body)
        assert hook.headers["x-twilio-signature"] == wanted


def test_an_answer_is_a_signed_inbound_webhook(sandbox: Running, gateway: Gateway) -> None:
    sandbox.act("/phone/reply", **{"from": ANA, "body": "2 & ü, bitte"})
    [hook] = gateway.wait(1, "/hooks/twilio/sms")
    token = sandbox.connection("twilio")["webhook_secrets"][0]
    wanted = signature(token, f"{gateway.url}/hooks/twilio/sms", hook.body)
    assert hook.headers["x-twilio-signature"] == wanted
    fields = form(hook)
    assert (fields["From"], fields["To"], fields["Body"]) == (ANA, OURS, "2 & ü, bitte")


def test_pages_are_walked_newest_first_even_while_new_ones_come(twilio: Client) -> None:
    for number in range(5):
        twilio.messages.create(to=ANA, from_=OURS, body=f"n{number}")
    twilio.messages.create(to="+18085550102", from_=OURS, body="other")
    bodies = []
    for message in twilio.messages.stream(to=ANA, page_size=2):
        bodies.append(message.body)
        if len(bodies) == 2:
            twilio.messages.create(to=ANA, from_=OURS, body="late")
    assert bodies == ["n4", "n3", "n2", "n1", "n0"]


def test_a_message_not_yet_sent_matches_no_date(sandbox: Running, twilio: Client) -> None:
    twilio.messages.create(to=ANA, from_=OURS, body="x")
    entry = sandbox.connection("twilio")
    login = (entry["credentials"]["account_sid"], entry["credentials"]["auth_token"])
    url = f"{entry['base_url']}/2010-04-01/Accounts/{login[0]}/Messages.json"
    found = httpx.get(url, params={"DateSent>": "2020-01-01"}, auth=login, timeout=60).json()[
        "messages"
    ]
    assert found == []


def test_stop_opts_out_and_start_opts_in(
    sandbox: Running, twilio: Client, gateway: Gateway
) -> None:
    sandbox.act("/phone/reply", **{"from": ANA, "body": " stop "})
    with pytest.raises(TwilioRestException) as refused:
        twilio.messages.create(to=ANA, from_=OURS, body="Hello")
    assert (refused.value.status, refused.value.code) == (400, 21610)
    sandbox.act("/phone/reply", **{"from": ANA, "body": "START"})
    assert twilio.messages.create(to=ANA, from_=OURS, body="Hello").status == "queued"
    assert len(gateway.wait(2, "/hooks/twilio/sms")) == 2


@pytest.mark.parametrize(
    ("to", "sender", "body", "code"),
    [
        ("12345", OURS, "x", 21211),
        ("+1808abc", OURS, "x", 21211),
        (ANA, "+18085550199", "x", 21606),
        (OURS, OURS, "x", 21266),
        (ANA, OURS, "", 21602),
        (ANA, OURS, "x" * 1601, 21617),
    ],
)
def test_a_text_that_cannot_be_sent_is_refused_with_its_code(
    twilio: Client, to: str, sender: str, body: str, code: int
) -> None:
    with pytest.raises(TwilioRestException) as refused:
        twilio.messages.create(to=to, from_=sender, body=body)
    assert refused.value.code == code


def test_a_wrong_token_is_20003(sandbox: Running) -> None:
    entry = sandbox.connection("twilio")
    client = Client(entry["credentials"]["account_sid"], "wrong")
    client.api.base_url = entry["base_url"]
    with pytest.raises(TwilioRestException) as refused:
        client.messages.create(to=ANA, from_=OURS, body="x")
    assert (refused.value.status, refused.value.code) == (401, 20003)


def test_the_gateways_twiml_answer_is_texted(sandbox: Running, gateway: Gateway) -> None:
    gateway.reply = b"<Response><Message>Thanks &amp; bye</Message></Response>"
    sandbox.act("/phone/reply", **{"from": ANA, "body": "hello"})

    def answered() -> str | None:
        messages = sandbox.state()["twilio"]["messages"]
        return next((m["body"] for m in messages if m["direction"] == "outbound-reply"), None)

    assert eventually(answered) == "Thanks & bye"


def test_an_unreachable_number_ends_undelivered_with_30003(
    sandbox: Running, twilio: Client
) -> None:
    sandbox.act("/phone/unreachable", number=ANA)
    sent = twilio.messages.create(to=ANA, from_=OURS, body="Hello")

    def failed() -> int | None:
        message = twilio.messages(sent.sid).fetch()
        return message.error_code if message.status == "undelivered" else None

    assert eventually(failed) == 30003


def test_a_body_can_be_redacted_and_a_message_deleted(twilio: Client) -> None:
    sent = twilio.messages.create(to=ANA, from_=OURS, body="private")
    assert twilio.messages(sent.sid).update(body="").body == ""
    assert twilio.messages(sent.sid).delete() is True
    with pytest.raises(TwilioRestException) as gone:
        twilio.messages(sent.sid).fetch()
    assert gone.value.status == 404


@pytest.mark.parametrize(
    ("text", "count"),
    [("x" * 160, "1"), ("x" * 161, "2"), ("€" * 80, "1"), ("–" * 71, "2"), ("😀" * 35, "1")],
)
def test_segments_are_counted_as_carriers_do(twilio: Client, text: str, count: str) -> None:
    assert twilio.messages.create(to=ANA, from_=OURS, body=text).num_segments == count
