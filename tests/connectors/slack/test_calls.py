"""Slack's calls, against recordings: one message a case, changed in place, found again by our reference."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest

from connectors.contract import Button, Connector, OutgoingMessage
from connectors.errors import (
    ConnectorError,
    NotAllowed,
    NotFound,
    Refused,
    TooMany,
    VendorFault,
)
from connectors.slack import wire
from tests.connectors.replay import replay
from tests.connectors.setups import build
from tests.connectors.vendor import Reply, Vendor

MESSAGE = OutgoingMessage(
    to="C1",
    text="Ana K. missed Tuesday 10:00 <call & ask>",
    our_ref="intent-1",
    buttons=(
        Button("Offer a time", "approve", "case-1", "primary"),
        Button("Close", "close", "case-1"),
    ),
)
DONE = replace(MESSAGE, text="Rebooked.", buttons=())
SENT_AT = datetime(2030, 3, 1, 20, 0, tzinfo=UTC)
STAMP = "1898625600.000100"


@pytest.fixture
def slack(vendor: Vendor) -> Connector:
    return build("slack", vendor)


def test_the_check_names_the_workspace(vendor: Vendor, slack: Connector) -> None:
    exchange = replay("slack", vendor, "check")
    assert slack.check() == "Harbour Studio"
    assert exchange.finished()


def test_a_message_is_posted_with_its_buttons_and_nothing_in_it_can_disguise_a_link(
    vendor: Vendor, slack: Connector
) -> None:
    exchange = replay("slack", vendor, "send_message")
    assert slack.send_message(MESSAGE) == f"C1:{STAMP}"
    assert exchange.finished()


def test_a_menu_is_a_select_with_its_options_and_what_is_picked_comes_back() -> None:
    endings = (
        ("No other time", "case-1 close_declined"),
        ("Never lost", "case-1 close_never_lost"),
    )
    menu = Button("Close because …", "close", "case-1", options=endings)
    (_, row) = wire.content(replace(MESSAGE, buttons=(menu,)))["blocks"]
    (element,) = row["elements"]
    assert (element["type"], element["action_id"]) == ("static_select", "close")
    assert [option["value"] for option in element["options"]] == [value for _, value in endings]
    picked = {"action_id": "close", "selected_option": element["options"][1], "action_ts": "1.2"}
    payload = {"type": "block_actions", "user": {"id": "U1"}, "actions": [picked]}
    (heard,) = wire.actions(urlencode({"payload": json.dumps(payload)}).encode())
    assert (heard.action, heard.value, heard.by) == ("close", "case-1 close_never_lost", "U1")


def test_a_message_can_answer_in_a_thread(vendor: Vendor, slack: Connector) -> None:
    exchange = replay("slack", vendor, "send_in_thread")
    assert slack.send_message(replace(DONE, thread=STAMP)) == "C1:1898625601.000100"
    assert exchange.finished()


def test_an_update_takes_the_buttons_away(vendor: Vendor, slack: Connector) -> None:
    exchange = replay("slack", vendor, "update_message")
    slack.update_message(f"C1:{STAMP}", DONE)
    assert exchange.finished()


def test_an_update_of_an_id_that_is_none_is_refused_here(vendor: Vendor, slack: Connector) -> None:
    with pytest.raises(Refused):
        slack.update_message("C1", DONE)
    assert vendor.received == []


def test_the_evidence_is_a_message_that_carries_our_reference_on_any_page(
    vendor: Vendor, slack: Connector
) -> None:
    exchange = replay("slack", vendor, "find_message")
    assert slack.find_message(MESSAGE, SENT_AT) == ["C1:1898625602.0001"]
    assert exchange.finished()


def test_the_evidence_of_an_answer_is_looked_for_in_its_thread(
    vendor: Vendor, slack: Connector
) -> None:
    exchange = replay("slack", vendor, "find_in_thread")
    found = slack.find_message(replace(DONE, thread=STAMP), SENT_AT)
    assert found == ["C1:1898625601.0001"]
    assert exchange.finished()


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (200, "channel_not_found", Refused),
        (200, "not_in_channel", Refused),
        (200, "msg_too_long", Refused),
        (200, "message_not_found", NotFound),
        (200, "ratelimited", TooMany),
        (200, "invalid_auth", NotAllowed),
        (200, "token_revoked", NotAllowed),
        (200, "account_inactive", NotAllowed),
        (200, "missing_scope", NotAllowed),
        (200, "fatal_error", VendorFault),
        (200, "a sentence, which may hold a secret", VendorFault),
        (429, "ratelimited", TooMany),
        (403, "invalid_auth", NotAllowed),
        (500, "internal_error", VendorFault),
        (302, "", VendorFault),
    ],
)
def test_a_refusal_becomes_the_error_that_says_what_to_do(
    vendor: Vendor, slack: Connector, status: int, code: str, error: type[ConnectorError]
) -> None:
    body = {"ok": False, "error": code, "response_metadata": {"messages": ["a secret"]}}
    vendor.answer = lambda _request: Reply(status, body, {"Location": "/elsewhere"})
    with pytest.raises(error) as raised:
        slack.send_message(MESSAGE)
    assert type(raised.value) is error
    assert raised.value.unknown_outcome == (error is VendorFault)
    assert "secret" not in f"{raised.value!r} {raised.value.__cause__!r}"
    assert len(vendor.received) == 1


def test_slacks_own_wait_is_kept(vendor: Vendor, slack: Connector) -> None:
    vendor.answer = lambda _request: Reply(429, {"ok": False}, {"Retry-After": "30"})
    with pytest.raises(TooMany) as raised:
        slack.send_message(MESSAGE)
    assert raised.value.retry_after == 30


@pytest.mark.parametrize(
    "garbage", [b"<html>", b"", b"[]", b"{}", b"null", b'{"ok": true}', b'{"ok": true, "ts": 1}']
)
def test_an_answer_of_garbage_leaves_the_outcome_unknown(
    vendor: Vendor, slack: Connector, garbage: bytes
) -> None:
    vendor.answer = lambda _request: Reply(200, garbage)
    with pytest.raises(VendorFault) as raised:
        slack.send_message(MESSAGE)
    assert raised.value.unknown_outcome
    assert len(vendor.received) == 1


@pytest.mark.parametrize("garbage", [{"ok": True}, {"ok": True, "messages": [None]}])
def test_a_history_of_garbage_is_the_vendors_fault(
    vendor: Vendor, slack: Connector, garbage: object
) -> None:
    vendor.answer = lambda _request: Reply(200, garbage)
    with pytest.raises(VendorFault):
        slack.find_message(MESSAGE, SENT_AT)


def test_nothing_of_a_message_and_no_token_reaches_the_log(
    vendor: Vendor, slack: Connector, caplog: pytest.LogCaptureFixture
) -> None:
    for body in (b"Ana K. is not JSON", {"ok": False, "error": "Ana K."}):
        vendor.answer = lambda _request, body=body: Reply(200, body)  # type: ignore[misc]  # a default binds the body of this round
        with caplog.at_level("DEBUG"), pytest.raises(VendorFault):
            slack.send_message(MESSAGE)
    secrets = ["Ana K.", "Tuesday", "xoxb-a-token-of-nobody"]
    assert not [word for word in secrets if word in caplog.text]
