"""Twilio's calls in our words, and our words as TwiML.

https://www.twilio.com/docs/voice/twiml: each turn is a request; `action` says where the next one goes.
"""

import re
from urllib.parse import urlsplit

from twilio.twiml.voice_response import Gather, VoiceResponse

from connectors.contract import StoredWebhook
from connectors.parsing import form_of
from rebook.domain.calls import Heard, Line, Spoken

VOICES = {"en": "en-US", "es": "es-MX"}
SILENCE_SECONDS = 5
HIDDEN = frozenset({"+266696687", "+7378742833", "+2562533", "+8566696", "+86282452253"})
"""What stands for a caller without a number: the digits spell ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN."""
NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""https://www.w3.org/TR/xml/#charsets"""
SORRY = (
    Line("We are sorry, we cannot answer right now. Someone will get in touch with you.", "en"),
    Line("Lo sentimos, ahora no podemos atenderle. Nos pondremos en contacto con usted.", "es"),
)


def heard(stored: StoredWebhook) -> Heard | None:
    """One turn; None for a form that is no call."""
    form = form_of(stored.body)
    if not form.get("CallSid"):
        return None
    turn = form_of(urlsplit(stored.url).query).get("turn", "0")
    number = form.get("From", "")
    return Heard(
        call=form["CallSid"],
        number="" if number in HIDDEN or not number.startswith("+") else number,
        called=form.get("To", ""),
        turn=int(turn) if turn.isascii() and turn.isdigit() and len(turn) < 5 else 0,
        keys=form.get("Digits", ""),
        speech=form.get("SpeechResult", ""),
        reached=form.get("DialCallStatus") in ("completed", "answered"),
    )


def twiml(spoken: Spoken, url: str) -> bytes:
    """Where nobody answers a question, the next turn begins with nothing said."""
    following = f"{url.partition('?')[0]}?turn={spoken.turn}"
    response = VoiceResponse()
    if spoken.keys:
        response.append(_question(spoken, following))
        response.redirect(following, method="POST")
        return str(response).encode()
    _say(response, spoken.lines)
    if spoken.dial:
        response.dial(spoken.dial, action=following, method="POST", timeout=25)
    elif spoken.wait:
        response.pause(length=spoken.wait)
        response.redirect(following, method="POST")
    else:
        response.hangup()
    return str(response).encode()


def sorry() -> bytes:
    """Said by the door itself where no worker answers in time."""
    return twiml(Spoken(SORRY), "")


def _question(spoken: Spoken, following: str) -> Gather:
    gather = Gather(
        input="dtmf speech",
        num_digits=spoken.keys,
        timeout=SILENCE_SECONDS,
        speech_timeout="auto",
        language=VOICES[spoken.language],
        hints=_sayable(", ".join(spoken.hints)) or None,
        action=following,
        method="POST",
    )
    _say(gather, spoken.lines)
    return gather


def _say(verb: VoiceResponse | Gather, lines: tuple[Line, ...]) -> None:
    for line in lines:
        verb.say(_sayable(line.text), language=VOICES[line.language])


def _sayable(text: str) -> str:
    """Twilio drops a call whose document does not parse, and XML has no place for these."""
    return NOT_XML.sub(" ", text)
