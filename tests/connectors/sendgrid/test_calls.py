"""SendGrid's calls, against recordings: the mail carries our intent id and links that stay ours."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from connectors.contract import Attachment, Connector, OutgoingMessage
from connectors.errors import (
    ConnectorError,
    NotAllowed,
    Refused,
    TooMany,
    VendorFault,
)
from tests.connectors.replay import replay
from tests.connectors.setups import build
from tests.connectors.vendor import Reply, Vendor

LINK = "https://rebook.example.com/o/a-token-of-the-offer"
PLAIN = OutgoingMessage(
    to="ana@example.com",
    text=f"Choose a time: {LINK}",
    our_ref="intent-1",
    subject="A new time for your haircut",
)
MESSAGE = replace(
    PLAIN,
    html=f'<p><a href="{LINK}">Choose a time</a></p>',
    reply_token="a-reply-token",
    headers={
        "List-Unsubscribe": "<https://rebook.example.com/u/a-token>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    },
    files=[Attachment("offered.ics", "PUBLISH", "BEGIN:VCALENDAR\r\n")],
)
SENT_AT = datetime(2030, 3, 1, 20, 0, tzinfo=UTC)


@pytest.fixture
def sendgrid(vendor: Vendor) -> Connector:
    return build("sendgrid", vendor)


@pytest.mark.parametrize(
    ("name", "message"), [("send_message", MESSAGE), ("send_plain", PLAIN)], ids=["full", "plain"]
)
def test_a_mail_goes_out_and_is_known_by_the_id_of_its_answer(
    vendor: Vendor, sendgrid: Connector, name: str, message: OutgoingMessage
) -> None:
    exchange = replay("sendgrid", vendor, name)
    assert sendgrid.send_message(message) == "a-message-id"
    assert vendor.received[0].headers["authorization"] == "Bearer SG.an-api-key-of-nobody"
    assert exchange.finished()


def test_two_mails_of_one_connector_do_not_mix(vendor: Vendor, sendgrid: Connector) -> None:
    vendor.answer = lambda _request: Reply(202, None, {"X-Message-Id": "a-message-id"})
    sendgrid.send_message(MESSAGE)
    sendgrid.send_message(replace(PLAIN, to="kai@example.com", our_ref="intent-2"))
    first, second = (request.json["personalizations"] for request in vendor.received)
    assert first == [{"to": [{"email": "ana@example.com"}], "custom_args": {"i": "intent-1"}}]
    assert second == [{"to": [{"email": "kai@example.com"}], "custom_args": {"i": "intent-2"}}]


def test_without_an_address_to_send_from_nothing_is_sent(vendor: Vendor) -> None:
    with pytest.raises(Refused, match="names no address"):
        build("sendgrid", vendor, **{"from": ""}).send_message(MESSAGE)
    assert vendor.received == []


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, Refused),
        (401, NotAllowed),
        (403, NotAllowed),
        (413, Refused),
        (429, TooMany),
        (500, VendorFault),
        (503, VendorFault),
        (302, VendorFault),
    ],
)
def test_a_refusal_becomes_the_error_that_says_what_to_do(
    vendor: Vendor, sendgrid: Connector, status: int, error: type[ConnectorError]
) -> None:
    body = {"errors": [{"message": "ana@example.com is a secret", "field": "from", "help": None}]}
    vendor.answer = lambda _request: Reply(status, body, {"Location": "/elsewhere"})
    with pytest.raises(error) as raised:
        sendgrid.send_message(MESSAGE)
    assert type(raised.value) is error
    assert raised.value.unknown_outcome == (error is VendorFault)
    assert "secret" not in f"{raised.value!r} {raised.value.__cause__!r}"
    assert len(vendor.received) == 1


def test_a_mail_taken_without_an_id_leaves_the_outcome_unknown(
    vendor: Vendor, sendgrid: Connector
) -> None:
    vendor.answer = lambda _request: Reply(202)
    with pytest.raises(VendorFault) as raised:
        sendgrid.send_message(MESSAGE)
    assert raised.value.unknown_outcome


def test_the_check_names_the_sender_of_a_key_that_may_send(
    vendor: Vendor, sendgrid: Connector
) -> None:
    exchange = replay("sendgrid", vendor, "check")
    assert sendgrid.check() == "studio@example.com"
    assert exchange.finished()


def test_a_key_that_may_not_send_does_not_pass_the_check(
    vendor: Vendor, sendgrid: Connector
) -> None:
    exchange = replay("sendgrid", vendor, "check_without_scope")
    with pytest.raises(NotAllowed, match=r"mail\.send"):
        sendgrid.check()
    assert exchange.finished()


def test_the_paid_activity_list_is_asked_for_our_intent(vendor: Vendor) -> None:
    exchange = replay("sendgrid", vendor, "find_message")
    paying = build("sendgrid", vendor, activity_api="true")
    assert paying.find_message(MESSAGE, SENT_AT) == ["a-message-id"]
    assert exchange.finished()


def test_without_it_no_evidence_is_looked_for(vendor: Vendor, sendgrid: Connector) -> None:
    assert sendgrid.find_message(MESSAGE, SENT_AT) == []
    assert vendor.received == []


@pytest.mark.parametrize("garbage", [b"<html>", b"[]", b"{}", b'{"messages": [{}]}', b"null"])
def test_a_list_of_garbage_is_the_vendors_fault(vendor: Vendor, garbage: bytes) -> None:
    vendor.answer = lambda _request: Reply(200, garbage)
    with pytest.raises(VendorFault):
        build("sendgrid", vendor, activity_api="true").find_message(MESSAGE, SENT_AT)


def test_nothing_of_a_mail_and_no_key_reaches_the_log(
    vendor: Vendor, sendgrid: Connector, caplog: pytest.LogCaptureFixture
) -> None:
    vendor.answer = lambda _request: Reply(500, {"errors": [{"message": LINK}]})
    with caplog.at_level("DEBUG"), pytest.raises(VendorFault):
        sendgrid.send_message(MESSAGE)
    secrets = [LINK, "ana@example.com", "SG.an-api-key-of-nobody"]
    assert not [word for word in secrets if word in caplog.text]
