"""A person calls the studio: the voice webhooks, and what a phone does with the TwiML that comes back.

https://www.twilio.com/docs/voice/twiml
"""

import itertools
import secrets
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import urljoin
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import httpx

from sandbox.courier import Post
from sandbox.credentials import BUSINESS_PHONE
from sandbox.kit import Kit
from sandbox.twilio.errors import refusal
from sandbox.twilio.signing import signed_form
from sandbox.wire import Json

APOLOGY = "We are sorry, an application error has occurred. Goodbye."
MOST_VERBS = 50
LONGEST_PAUSE = 1.0
"""A rehearsal waits less than a caller would."""


def _document(answer: httpx.Response) -> list[Element] | None:
    try:
        return list(ElementTree.fromstring(answer.text)) if answer.is_success else None  # noqa: S314
    except ElementTree.ParseError:
        return None


def _said(verb: Element) -> list[str]:
    """A question's words are inside it."""
    inside = list(verb) if verb.tag == "Gather" else [verb]
    return [say.text or "" for say in inside if say.tag == "Say"]


@dataclass
class Call:
    """`waits` is the address of the question that stands; `after` goes there when nobody answers."""

    sid: str
    caller: str
    said: list[str] = field(default_factory=list)
    status: str = "in-progress"
    waits: str = ""
    after: str = ""
    dialled: str = ""
    turns: int = 0

    def shown(self) -> Json:
        return {
            "sid": self.sid,
            "from": self.caller,
            "said": self.said,
            "status": self.status,
            "listens": bool(self.waits),
            "dialled": self.dialled,
            "turns": self.turns,
        }


class Calls:
    """Numbers in `answering` take a call that is put through to them."""

    _leading = frozenset({"Gather", "Redirect", "Dial"})

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self.calls: list[Call] = []
        self.answering: set[str] = set()
        self._numbers = itertools.count(1)

    def begin(self, caller: str) -> Call:
        call = Call(f"CA{next(self._numbers):08x}{secrets.token_hex(12)}", caller)
        self.calls.append(call)
        self._ask(call, self._kit.config.hook("twilio/voice"), {"CallStatus": "ringing"})
        return call

    def find(self, sid: str) -> Call:
        for call in self.calls:
            if call.sid == sid:
                return call
        raise refusal(404, 20404, f"The requested resource /Calls/{sid}.json was not found")

    def answer(self, call: Call, *, keys: str = "", speech: str = "") -> Call:
        """The person presses keys, says something, or says nothing to the question that stands."""
        if not call.waits:
            raise refusal(400, 21220, "The call does not wait for an answer.")
        url = call.waits if keys or speech else call.after
        call.waits = ""
        heard = {"Digits": keys} if keys else {"SpeechResult": speech, "Confidence": "0.9"}
        self._ask(call, url, heard if keys or speech else {})
        return call

    def hang_up(self, call: Call) -> None:
        call.status, call.waits = "completed", ""

    def _ask(self, call: Call, url: str, more: dict[str, str]) -> None:
        call.turns += 1
        fields = {
            "CallSid": call.sid,
            "AccountSid": self._kit.secrets.twilio_sid,
            "From": call.caller,
            "To": BUSINESS_PHONE,
            "CallStatus": "in-progress",
            "ApiVersion": "2010-04-01",
            "Direction": "inbound",
            **more,
        }
        self._kit.courier.send(
            Post(
                "twilio",
                url,
                "voice",
                lambda: signed_form(self._kit, url, fields),
                attempts=2,
                on_answer=partial(self._play, call, url),
            )
        )

    def _play(self, call: Call, url: str, answer: httpx.Response) -> None:
        """What is said is heard at once; then it waits, leads elsewhere, or ends."""
        if call.status != "in-progress":
            return
        verbs = _document(answer)
        if verbs is None:
            call.said.append(APOLOGY)
            call.status = "failed"
            return
        call.said += [said for verb in verbs[:MOST_VERBS] for said in _said(verb)]
        ending = next((at for at, verb in enumerate(verbs) if verb.tag in self._leading), None)
        if ending is None:
            self.hang_up(call)
            return
        paused = sum(
            float(verb.get("length", "1")) for verb in verbs[:ending] if verb.tag == "Pause"
        )
        self._kit.courier.later(
            min(paused, LONGEST_PAUSE), partial(self._lead, call, url, verbs[ending:])
        )

    def _lead(self, call: Call, url: str, verbs: list[Element]) -> None:
        """The verb that waits for the caller, or goes on without them."""
        verb, following = verbs[0], verbs[1:]
        match verb.tag:
            case "Gather":
                self._listen(call, url, verb, following)
            case "Redirect":
                self._ask(call, urljoin(url, verb.text or ""), {})
            case "Dial":
                self._dial(call, url, verb)

    def _listen(self, call: Call, url: str, gather: Element, rest: list[Element]) -> None:
        following = next((verb.text for verb in rest if verb.tag == "Redirect"), "") or ""
        call.after = urljoin(url, following)
        call.waits = urljoin(url, gather.get("action", ""))

    def _dial(self, call: Call, url: str, dial: Element) -> None:
        call.dialled = (dial.text or "").strip()
        taken = "completed" if call.dialled in self.answering else "no-answer"
        action = dial.get("action")
        if action:
            self._ask(call, urljoin(url, action), {"DialCallStatus": taken})
        else:
            self.hang_up(call)
