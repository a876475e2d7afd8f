"""Calls in our words, and our words as TwiML that a parser of Twilio's kind reads."""

from urllib.parse import urlencode
from xml.etree import ElementTree

from connectors import door
from connectors.contract import WebhookRequest
from connectors.twilio import voice
from rebook.domain.calls import Heard, Line, Spoken, Unanswered
from tests.connectors.samples import stored

URL = "https://gw.example.com/hooks/twilio/voice?turn=2"
CALL = {"CallSid": "CA1", "From": "+18085550123", "To": "+18085550100", "CallStatus": "ringing"}


def turn(url: str = URL, **fields: str) -> Heard:
    heard = voice.heard(stored(urlencode(CALL | fields).encode(), "voice", url))
    assert heard is not None
    return heard


def test_keys_words_and_the_turn_are_heard() -> None:
    assert turn(Digits="12").keys == "12"
    assert turn(SpeechResult="cancel my appointment", Confidence="0.9").speech.startswith("cancel")
    assert (turn().turn, turn(url="https://x.test/hooks/twilio/voice").turn) == (2, 0)
    assert turn(url="https://x.test/v?turn=-1").turn == 0
    assert turn(DialCallStatus="completed").reached
    assert not turn(DialCallStatus="no-answer").reached


def test_a_hidden_number_is_no_number() -> None:
    assert [turn(From=number).number for number in ("+266696687", "anonymous", "")] == ["", "", ""]


def test_a_question_listens_for_keys_and_words_and_goes_on_when_nobody_answers() -> None:
    said = (Line("Press 1 & wait", "en"), Line("Oprima 2", "es"))
    xml = ElementTree.fromstring(voice.twiml(Spoken(said, 3, keys=2, hints=("Ana",)), URL))
    gather, redirect = xml
    assert gather.attrib["input"] == "dtmf speech"
    assert gather.attrib["numDigits"] == "2"
    assert gather.attrib["hints"] == "Ana"
    assert gather.attrib["action"] == "https://gw.example.com/hooks/twilio/voice?turn=3"
    assert [(say.text, say.attrib["language"]) for say in gather] == [
        ("Press 1 & wait", "en-US"), ("Oprima 2", "es-MX"),
    ]  # fmt: skip
    assert redirect.text == gather.attrib["action"]


def test_waiting_dialling_and_hanging_up() -> None:
    line = (Line("One moment", "en"),)
    waits = ElementTree.fromstring(voice.twiml(Spoken(line, 4, wait=4), URL))
    assert [verb.tag for verb in waits] == ["Say", "Pause", "Redirect"]
    dials = ElementTree.fromstring(voice.twiml(Spoken(line, 4, dial="+18085550111"), URL))
    assert [verb.tag for verb in dials] == ["Say", "Dial"]
    assert dials[1].attrib["action"].endswith("?turn=4")
    ends = ElementTree.fromstring(voice.twiml(Spoken(line, 4), URL))
    assert [verb.tag for verb in ends] == ["Say", "Hangup"]


def test_one_turn_is_a_conversation_with_whoever_talks() -> None:
    seen: list[Heard] = []

    def talk(heard: Heard) -> Spoken:
        seen.append(heard)
        return Spoken((Line("Hello", "en"),), heard.turn + 1)

    asked = stored(urlencode(CALL | {"Digits": "1"}).encode(), "voice", URL)
    answer = door("twilio", {}).converse(asked, talk)
    assert (answer.content_type, b"Hello" in answer.body) == ("text/xml", True)
    assert seen[0].keys == "1"


def test_a_call_that_was_kept_is_one_that_nobody_answered() -> None:
    asked = stored(urlencode(CALL).encode(), "voice", URL)
    (missed,) = door("twilio", {}).translate(asked)
    assert isinstance(missed, Unanswered)
    assert door("twilio", {}).translate(stored(b"x=1", "voice", URL)) == []


def test_only_a_call_is_asked_of_a_worker() -> None:
    answers = {
        kind: door("twilio", {}).respond(WebhookRequest("POST", URL, {}, b"", kind))
        for kind in ("sms", "status", "voice")
    }
    assert answers["status"] is None
    assert [kind for kind, answer in answers.items() if answer and answer.ask] == ["voice"]
