"""The telephone line as it is: Twilio's signed requests, the gateway's process, and a worker who answers."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from urllib.parse import urlencode
from xml.etree import ElementTree

import httpx

from connectors.contract import WebhookRequest
from rebook.db.call_tables import Ask, PhoneCall
from rebook.db.session import ledger
from rebook.services import connections
from rebook.services.connections import Account
from tasks.calls import answer_callers
from tests.connectors.kits import KITS
from tests.gateway.house import House
from tests.services import office
from tests.services.office import rows

OURS = "+18085550100"
SIDS = count(1)


def connect() -> None:
    """The business of the services' tests, with a number of its own at Twilio."""
    office.configure()
    with ledger() as session:
        account = Account("twilio", "twilio", "", {"from": OURS})
        connections.store(session, account, door_secrets=[KITS["twilio"].secret.decode()])


@contextmanager
def worker() -> Iterator[None]:
    ended = threading.Event()

    def answers() -> None:
        while not ended.wait(0.02):
            answer_callers()

    thread = threading.Thread(target=answers)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@dataclass
class Call:
    """One call. It presses keys or says words and goes where the answer sends it."""

    house: House
    number: str
    sid: str = field(default_factory=lambda: f"CA{next(SIDS):032x}")
    url: str = ""
    xml: str = ""

    def request(self, keys: str = "", speech: str = "", **more: str) -> WebhookRequest:
        form = {"CallSid": self.sid, "From": self.number, "To": OURS, "CallStatus": "in-progress"}
        form |= {"Digits": keys} if keys else {}
        form |= {"SpeechResult": speech} if speech else {}
        url = self.url or f"{self.house.public_url}/hooks/twilio/voice"
        return KITS["twilio"].signed(urlencode(form | more).encode(), url, "voice")

    def send(self, request: WebhookRequest) -> httpx.Response:
        return self.house.send(request)

    def hears(self, keys: str = "", speech: str = "") -> str:
        """What is said in the next turn."""
        answer = self.send(self.request(keys, speech))
        assert answer.status_code == 200
        return self.take(answer)

    def take(self, answer: httpx.Response) -> str:
        self.xml = answer.text
        for verb in self.verbs():
            if following := verb.attrib.get("action"):
                self.url = following
        return " ".join(verb.text or "" for verb in self.verbs() if verb.tag == "Say")

    def verbs(self) -> list[ElementTree.Element]:
        return list(ElementTree.fromstring(self.xml).iter())

    @property
    def row(self) -> PhoneCall | None:
        return next(iter(rows(PhoneCall, source=f"twilio:{self.sid}")), None)


def asked() -> int:
    return len(rows(Ask))
