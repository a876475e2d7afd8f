"""The sandbox's caller: signed voice webhooks, TwiML as a phone plays it."""

from typing import Any
from urllib.parse import parse_qsl

import pytest

from tests.sandbox.conftest import Gateway, Running, eventually
from tests.sandbox.test_twilio import signature

ANA = "+18085550101"
QUESTION = (
    b"<Response><Gather input='dtmf speech' action='/hooks/twilio/voice?turn=1'>"
    b"<Say>Press 1</Say></Gather><Redirect>/hooks/twilio/voice?turn=1</Redirect></Response>"
)
GOODBYE = b"<Response><Say>Goodbye</Say><Hangup/></Response>"


@pytest.fixture
def call(sandbox: Running, gateway: Gateway) -> str:
    """Ana is asked something."""
    gateway.reply = QUESTION
    sid = str(sandbox.act("/twilio/call", **{"from": ANA})["sid"])
    eventually(lambda: _shown(sandbox, sid)["listens"] or None)
    gateway.reply = GOODBYE
    return sid


def _shown(sandbox: Running, sid: str) -> dict[str, Any]:
    (found,) = [one for one in sandbox.state()["twilio"]["calls"] if one["sid"] == sid]
    return dict(found)


def _ended(sandbox: Running, sid: str) -> dict[str, Any] | None:
    shown = _shown(sandbox, sid)
    return shown if shown["status"] != "in-progress" else None


def test_a_call_is_a_signed_webhook(sandbox: Running, gateway: Gateway, call: str) -> None:
    (hook,) = gateway.at("/hooks/twilio/voice")
    fields = dict(parse_qsl(hook.body.decode()))
    assert (fields["CallSid"], fields["From"], fields["To"]) == (call, ANA, "+18085550100")
    token = sandbox.connection("twilio")["webhook_secrets"][0]
    url = gateway.url + hook.path
    assert hook.headers["x-twilio-signature"] == signature(token, url, hook.body)


@pytest.mark.parametrize(
    ("said", "field"), [({"keys": "1"}, "Digits"), ({"speech": "one"}, "SpeechResult"), ({}, "")]
)
def test_keys_words_and_silence_go_where_the_question_says(
    sandbox: Running, gateway: Gateway, call: str, said: dict[str, str], field: str
) -> None:
    sandbox.act(f"/twilio/call/{call}/answer", **said)
    ended = eventually(lambda: _ended(sandbox, call))
    assert ended["said"] == ["Press 1", "Goodbye"]
    _, second = gateway.at("/hooks/twilio/voice")
    assert second.path.endswith("?turn=1")
    fields = dict(parse_qsl(second.body.decode()))
    assert (field in fields) is bool(field)


def test_a_gateway_that_is_broken_is_apologised_for(sandbox: Running, gateway: Gateway) -> None:
    gateway.reply = b"no document"
    sid = sandbox.act("/twilio/call", **{"from": ANA})["sid"]
    ended = eventually(lambda: _ended(sandbox, sid))
    assert (ended["status"], "error" in ended["said"][0]) == ("failed", True)


def test_a_call_that_is_put_through_tells_whether_it_was_taken(
    sandbox: Running, gateway: Gateway
) -> None:
    gateway.reply = b"<Response><Dial action='?turn=1'>+18085550111</Dial></Response>"
    sid = sandbox.act("/twilio/call", **{"from": ANA})["sid"]
    eventually(lambda: _shown(sandbox, sid)["dialled"] or None)
    second = gateway.wait(2, "/hooks/twilio/voice")[1]
    assert dict(parse_qsl(second.body.decode()))["DialCallStatus"] == "no-answer"
    sandbox.act(f"/twilio/call/{sid}/hang_up")
