"""SendGrid through its official client; events verified with the key of the listing."""

import base64
import json
from email import message_from_bytes
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key
from python_http_client.exceptions import BadRequestsError, UnauthorizedError
from sendgrid import SendGridAPIClient

from tests.sandbox.conftest import Gateway, Json, Received, Running, eventually

ANA = "ana.kealoha.1@example.com"


@pytest.fixture
def sendgrid(sandbox: Running) -> Any:
    entry = sandbox.connection("sendgrid")
    return SendGridAPIClient(entry["credentials"]["api_key"], host=entry["base_url"])


def mail(**fields: object) -> Json:
    return {
        "personalizations": [{"to": [{"email": ANA}], "custom_args": {"i": "intent-1"}}],
        "from": {"email": "studio@sandbox.example.com"},
        "reply_to": {"email": "r+token@reply.sandbox.example.com"},
        "subject": "New times",
        "content": [
            {"type": "text/plain", "value": "Pick a time"},
            {"type": "text/html", "value": "<p>Pick a time</p>"},
        ],
        **fields,
    }


def send(sendgrid: Any, **fields: object) -> Any:
    return sendgrid.client.mail.send.post(request_body=mail(**fields))


def verify(sandbox: Running, hook: Received) -> None:
    """FACTS: ECDSA P-256 / SHA-256 over the timestamp header and the raw body."""
    key = load_der_public_key(
        base64.b64decode(sandbox.connection("sendgrid")["webhook_secrets"][0])
    )
    assert isinstance(key, ec.EllipticCurvePublicKey)
    stamp = hook.headers["x-twilio-email-event-webhook-timestamp"].encode()
    signature = base64.b64decode(hook.headers["x-twilio-email-event-webhook-signature"])
    key.verify(signature, stamp + hook.body, ec.ECDSA(hashes.SHA256()))


def test_a_mail_is_accepted_with_an_empty_body_and_its_id(sendgrid: Any) -> None:
    answer = send(sendgrid)
    assert (answer.status_code, answer.body) == (202, b"")
    assert answer.headers["X-Message-Id"]


def test_its_events_are_signed_and_carry_our_id_flat(
    sandbox: Running, sendgrid: Any, gateway: Gateway
) -> None:
    message_id = send(sendgrid).headers["X-Message-Id"]
    hooks = gateway.wait(2, "/hooks/sendgrid/events")
    events = [event for hook in hooks for event in json.loads(hook.body)]
    assert [event["event"] for event in events] == ["processed", "delivered"]
    assert {event["i"] for event in events} == {"intent-1"}
    assert all(event["sg_message_id"].startswith(f"{message_id}.") for event in events)
    assert len({event["sg_event_id"] for event in events}) == 2
    for hook in hooks:
        assert hook.body.endswith(b"]\r\n")
        verify(sandbox, hook)


def test_the_persons_answer_comes_as_a_multipart_form_to_the_reply_address(
    sandbox: Running, sendgrid: Any, gateway: Gateway
) -> None:
    message_id = send(sendgrid).headers["X-Message-Id"]
    sandbox.act("/mail/reply", message_id=message_id, text="Dienstag wäre gut")
    [hook] = gateway.wait(1, "/hooks/sendgrid/inbound")
    secret = sandbox.connection("sendgrid")["webhook_secrets"][1]
    assert hook.path == f"/hooks/sendgrid/inbound?key={secret.removeprefix('key:')}"
    head = f"Content-Type: {hook.headers['content-type']}\r\n\r\n".encode()
    parts = {
        str(part.get_param("name", header="content-disposition")): part.get_payload(decode=True)
        for part in message_from_bytes(head + hook.body).walk()
        if not part.is_multipart()
    }
    envelope = json.loads(bytes(parts["envelope"]))
    assert envelope == {"to": ["r+token@reply.sandbox.example.com"], "from": ANA}
    assert bytes(parts["text"]).decode() == "Dienstag wäre gut"
    assert b"In-Reply-To" in bytes(parts["headers"])


def test_a_suppressed_address_is_accepted_and_dropped(
    sandbox: Running, sendgrid: Any, gateway: Gateway
) -> None:
    asm = sendgrid.client.asm.suppressions._("global")
    asm.post(request_body={"recipient_emails": [ANA]})
    assert send(sendgrid).status_code == 202
    [hook] = gateway.wait(1, "/hooks/sendgrid/events")
    assert [event["event"] for event in json.loads(hook.body)] == ["dropped"]
    verify(sandbox, hook)


def test_a_bouncing_address_is_processed_and_then_bounces(
    sandbox: Running, sendgrid: Any, gateway: Gateway
) -> None:
    sandbox.act("/mail/bouncing", email=ANA)
    send(sendgrid)
    events = [json.loads(h.body)[0]["event"] for h in gateway.wait(2, "/hooks/sendgrid/events")]
    assert events == ["processed", "bounce"]


def test_sandbox_mode_checks_and_sends_nothing(sandbox: Running, sendgrid: Any) -> None:
    answer = send(sendgrid, mail_settings={"sandbox_mode": {"enable": True}})
    assert answer.status_code == 200
    assert sandbox.state()["sendgrid"]["mails"] == []


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"personalizations": []}, "personalizations"),
        ({"personalizations": [{"to": []}]}, "personalizations.0.to"),
        ({"personalizations": [{"to": [{"email": "x"}]}]}, "personalizations.0.to.0.email"),
        ({"from": {}}, "from.email"),
        ({"subject": ""}, "subject"),
        ({"content": []}, "content"),
        ({"content": [{"type": "text/html", "value": "x"}, {"type": "text/plain", "value": "x"}]}, "content"),
        ({"custom_args": {"n": 1}}, "personalizations.0.custom_args"),
        ({"custom_args": {"n": "x" * 10_001}}, "personalizations.0.custom_args"),
    ],
)  # fmt: skip
def test_a_bad_mail_is_refused_and_the_field_named(sendgrid: Any, fields: Json, where: str) -> None:
    with pytest.raises(BadRequestsError) as refused:
        send(sendgrid, **fields)
    assert json.loads(refused.value.body)["errors"][0]["field"] == where


def test_a_wrong_key_is_401(sandbox: Running) -> None:
    client = SendGridAPIClient("SG.wrong", host=sandbox.connection("sendgrid")["base_url"])
    with pytest.raises(UnauthorizedError):
        client.client.scopes.get()


def test_the_activity_search_finds_a_mail_by_our_id(sendgrid: Any) -> None:
    message_id = send(sendgrid).headers["X-Message-Id"]
    send(sendgrid, personalizations=[{"to": [{"email": ANA}], "custom_args": {"i": "other"}}])
    query = f'unique_args["i"]="intent-1" AND to_email="{ANA}"'
    answer = sendgrid.client.messages.get(query_params={"query": query, "limit": 10})
    [found] = json.loads(answer.body)["messages"]
    assert found["msg_id"].startswith(message_id)


def test_an_unknown_search_field_is_refused(sendgrid: Any) -> None:
    for query in ('nothing="x"', "to_email", 'to_email="x" OR subject="y"'):
        with pytest.raises(BadRequestsError):
            sendgrid.client.messages.get(query_params={"query": query})


def test_a_delivered_mail_stands_in_the_mailbox(sandbox: Running, sendgrid: Any) -> None:
    send(sendgrid)

    def delivered() -> Json | None:
        [one] = sandbox.state()["sendgrid"]["mails"]
        return dict(one) if one["status"] == "delivered" else None

    assert eventually(delivered)["to"] == ANA
