"""Twilio's calls, against recordings: one text goes out once, and what became of it can be found out."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from connectors.contract import Connector, OutgoingMessage
from connectors.errors import (
    ConnectorError,
    CursorExpired,
    NotAllowed,
    OptedOut,
    Refused,
    TooMany,
    VendorFault,
)
from tests.connectors.kits import KITS
from tests.connectors.replay import replay
from tests.connectors.setups import build
from tests.connectors.vendor import Reply, Vendor

TEXT = "Hello Ana, a new time for your haircut? 1) Tue 10:00 2) Wed 14:00. Reply 1 or 2."
MESSAGE = OutgoingMessage(
    to="+18085550123",
    text=TEXT,
    our_ref="intent-1",
    callback_url="https://rebook.example.com/hooks/sms/status?i=intent-1",
)
SENT_AT = datetime(2030, 3, 1, 20, 0, tzinfo=UTC)


@pytest.fixture
def twilio(vendor: Vendor) -> Connector:
    return build("twilio", vendor)


def test_the_check_names_the_account(vendor: Vendor, twilio: Connector) -> None:
    exchange = replay("twilio", vendor, "check")
    assert twilio.check() == "Harbour Studio"
    assert exchange.finished()


def test_a_text_goes_out_with_our_intent_in_its_callback(vendor: Vendor, twilio: Connector) -> None:
    exchange = replay("twilio", vendor, "send_message")
    assert twilio.send_message(MESSAGE) == "SM01"
    assert exchange.finished()


def test_a_messaging_service_picks_the_number_where_one_is_set(vendor: Vendor) -> None:
    exchange = replay("twilio", vendor, "send_by_service")
    service = build("twilio", vendor, messaging_service="MG00000000000000000000000000000001")
    assert service.send_message(MESSAGE) == "SM02"
    assert exchange.finished()


def test_the_account_signs_in_with_its_sid_and_token(vendor: Vendor, twilio: Connector) -> None:
    replay("twilio", vendor, "check")
    twilio.check()
    basic = "Basic QUMwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMTphLXRva2VuLW9mLW5vYm9keQ=="
    assert vendor.received[0].headers["authorization"] == basic


def test_without_a_number_nothing_is_sent(vendor: Vendor) -> None:
    with pytest.raises(Refused, match="names no number"):
        build("twilio", vendor, **{"from": ""}).send_message(MESSAGE)
    assert vendor.received == []


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (400, 21610, OptedOut),
        (400, 21211, Refused),
        (401, 20003, NotAllowed),
        (403, 20003, NotAllowed),
        (429, 20429, TooMany),
        (400, 20429, TooMany),
        (500, 20500, VendorFault),
        (503, 0, VendorFault),
        (302, 0, VendorFault),
    ],
)
def test_a_refusal_becomes_the_error_that_says_what_to_do(
    vendor: Vendor, twilio: Connector, status: int, code: int, error: type[ConnectorError]
) -> None:
    body = {"code": code, "message": f"{MESSAGE.to} is a secret", "status": status}
    vendor.answer = lambda _request: Reply(status, body, {"Location": "/elsewhere"})
    with pytest.raises(error) as raised:
        twilio.send_message(MESSAGE)
    assert type(raised.value) is error
    assert raised.value.unknown_outcome == (status >= 500 or status == 302)
    assert "secret" not in f"{raised.value!r} {raised.value.__cause__!r}"
    assert len(vendor.received) == 1


def test_the_code_of_a_refusal_is_kept(vendor: Vendor, twilio: Connector) -> None:
    vendor.answer = lambda _request: Reply(400, {"code": 21211, "message": "no", "status": 400})
    with pytest.raises(Refused) as raised:
        twilio.send_message(MESSAGE)
    assert raised.value.code == "21211"


@pytest.mark.parametrize("garbage", [b"<html>", b"", b"[]", b"{}", b"null", b'{"sid": null}'])
def test_an_answer_of_garbage_leaves_the_outcome_unknown(
    vendor: Vendor, twilio: Connector, garbage: bytes
) -> None:
    vendor.answer = lambda _request: Reply(201, garbage)
    with pytest.raises(VendorFault) as raised:
        twilio.send_message(MESSAGE)
    assert raised.value.unknown_outcome


def test_the_evidence_is_a_text_of_the_same_words_made_since(
    vendor: Vendor, twilio: Connector
) -> None:
    exchange = replay("twilio", vendor, "find_message")
    assert twilio.find_message(MESSAGE, SENT_AT) == ["SM13", "SM12"]
    assert exchange.finished()


def test_no_evidence_is_an_empty_list(vendor: Vendor, twilio: Connector) -> None:
    exchange = replay("twilio", vendor, "find_message_none")
    assert twilio.find_message(MESSAGE, SENT_AT) == []
    assert exchange.finished()


def test_the_poll_brings_texts_since_the_cursor_oldest_first_and_stops_at_older_pages(
    vendor: Vendor, twilio: Connector
) -> None:
    exchange = replay("twilio", vendor, "poll")
    [page] = twilio.poll_changes(SENT_AT.isoformat())
    assert [message.vendor_id for message in page.messages] == ["SM21", "SM22", "SM23"]
    assert [message.text for message in page.messages][-1] == "1"
    assert page.cursor == "2030-03-01T20:05:00+00:00"
    assert page.last
    assert exchange.finished()


def test_the_poll_of_a_service_takes_the_texts_that_came_in(vendor: Vendor) -> None:
    exchange = replay("twilio", vendor, "poll_of_a_service")
    service = build("twilio", vendor, **{"from": "", "messaging_service": "MG1"})
    [page] = service.poll_changes(SENT_AT.isoformat())
    [message] = page.messages
    assert (message.sender, message.recipient) == ("+18085550123", "+18085550101")
    assert page.cursor == "2030-03-01T20:06:00+00:00"
    assert exchange.finished()


def test_a_poll_that_finds_nothing_keeps_its_cursor(vendor: Vendor, twilio: Connector) -> None:
    vendor.answer = lambda _request: Reply(200, {"messages": [], "next_page_uri": None})
    [page] = twilio.poll_changes(SENT_AT.isoformat())
    assert (page.cursor, list(page.messages)) == (SENT_AT.isoformat(), [])


@pytest.mark.parametrize("cursor", ["rubbish", "2030-03-01T20:00:00"])
def test_a_cursor_that_is_not_ours_is_expired(twilio: Connector, cursor: str) -> None:
    with pytest.raises(CursorExpired):
        next(twilio.poll_changes(cursor))


@pytest.mark.parametrize("body", [{}, {"messages": [{"sid": "SM1"}]}, [], {"messages": None}])
def test_a_list_of_garbage_is_the_vendors_fault(
    vendor: Vendor, twilio: Connector, body: object
) -> None:
    vendor.answer = lambda _request: Reply(200, body)
    with pytest.raises(VendorFault):
        twilio.find_message(MESSAGE, SENT_AT)


def test_nothing_of_a_text_reaches_the_log(
    vendor: Vendor, twilio: Connector, caplog: pytest.LogCaptureFixture
) -> None:
    vendor.answer = lambda _request: Reply(500, {"message": TEXT})
    with caplog.at_level("DEBUG"), pytest.raises(VendorFault):
        twilio.send_message(MESSAGE)
    with caplog.at_level("DEBUG"), pytest.raises(VendorFault):
        twilio.find_message(MESSAGE, SENT_AT)
    secrets = [TEXT, MESSAGE.to, KITS["twilio"].credentials["auth_token"], "8085550123"]
    assert not [word for word in secrets if word in caplog.text]


def test_a_text_without_a_callback_names_none(vendor: Vendor, twilio: Connector) -> None:
    vendor.answer = lambda _request: Reply(201, {"sid": "SM01"})
    twilio.send_message(replace(MESSAGE, callback_url=""))
    assert vendor.received[0].form.keys() == {"To", "From", "Body"}


def test_nothing_is_looked_for_where_texts_come_from_a_name_since_nobody_can_answer_it(
    vendor: Vendor,
) -> None:
    named = build("twilio", vendor, **{"from": "Windward"})
    [page] = named.poll_changes(SENT_AT.isoformat())
    assert (page.messages, page.cursor, page.last) == ((), SENT_AT.isoformat(), True)
    assert vendor.received == []


@pytest.mark.parametrize("sender", ["Windward", "72345"])
def test_a_text_goes_out_under_a_name_or_a_short_code(vendor: Vendor, sender: str) -> None:
    vendor.answer = lambda _request: Reply(201, {"sid": "SM1"})
    build("twilio", vendor, **{"from": sender}).send_message(MESSAGE)
    assert vendor.received[0].form["From"] == [sender]
