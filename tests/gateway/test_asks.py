"""A caller waits while a worker answers; the door sees neither the question again nor the answer's key."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode
from xml.etree import ElementTree

import httpx
import psycopg
import pytest

from rebook.db.session import ledger
from rebook.domain.policy import Topology
from rebook.services import asks, configuration, connections
from rebook.services.connections import Account
from tasks.calls import answer_callers
from tests.conftest import Pointed
from tests.connectors.kits import KITS
from tests.gateway.house import House, until, with_header

CALL = urlencode(
    {"CallSid": "CA" + "0" * 32, "From": "+18085550123", "To": "+18085550100", "Digits": "1"}
).encode()
SAID = b"<Response><Say>Hello</Say></Response>"


def asked(house: House) -> list[int]:
    with Pointed(house.cluster, house.database), ledger() as session:
        return asks.waiting(session)


def answered(house: House, name: str, body: bytes) -> httpx.Response:
    """The caller's request, and the worker's answer to what the door made of it."""
    before = asked(house)
    with ThreadPoolExecutor(1) as caller:
        waiting = caller.submit(house.send, house.signed(name, CALL, "voice"))
        until(lambda: asked(house) != before, 3)
        with Pointed(house.cluster, house.database), ledger() as session:
            (fresh,) = set(asks.waiting(session)) - set(before)
            taken = asks.take(session, fresh)
            assert taken is not None
            letter, secret = taken
            assert (letter.body, letter.kind) == (CALL, "voice")
            asks.answer(session, fresh, secret, body, "text/xml")
        return waiting.result(10)


def test_a_call_is_answered_with_what_a_worker_says(house: House) -> None:
    name = house.connect("twilio")
    heard = answered(house, name, SAID)
    assert (heard.status_code, heard.content) == (200, SAID)
    assert heard.headers["content-type"].startswith("text/xml")
    assert house.rows(name) == []


def test_without_a_worker_the_caller_hears_that_someone_gets_in_touch_and_a_row_says_so(
    house: House,
) -> None:
    name = house.connect("twilio")
    begun = time.monotonic()
    heard = house.send(house.signed(name, CALL, "voice"))
    assert 3.5 < time.monotonic() - begun < 6
    assert "Someone will get in touch with you" in heard.text
    assert "<Hangup" in heard.text
    (row,) = house.rows(name)
    assert (row["kind"], house.opened(row)["body"]) == ("voice", CALL)


def test_a_call_that_is_not_signed_is_neither_asked_nor_kept(house: House) -> None:
    name = house.connect("twilio")
    before = asked(house)
    forged = with_header(house.signed(name, CALL, "voice"), "x-twilio-signature", "AAAA")
    assert house.send(forged).status_code == 401
    with house.client() as client:
        assert client.get(f"/hooks/{name}/voice").status_code == 405
    assert asked(house) == before
    assert house.rows(name) == []


def test_the_doors_role_reads_answers_and_nothing_else_of_what_was_asked(house: House) -> None:
    refused = ["SELECT sealed FROM ask", "SELECT * FROM phone_call", "DELETE FROM ask",
               "UPDATE ask SET answer = ''"]  # fmt: skip
    with psycopg.connect(house.gateway_url(), autocommit=True) as door:
        door.execute("SELECT secret_hash, answer FROM ask_answered")
        for statement in refused:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                door.execute(statement.encode())


def test_a_caller_and_a_worker_talk_through_the_door(house: House) -> None:
    """The gateway's process, its role and keys on one side, the ledger's on the other."""
    with Pointed(house.cluster, house.database):
        with ledger() as session:
            configuration.store(session, "topology", Topology("acuity", business_name="Windward"))
            account = Account("twilio-whole", "twilio", "", {})
            secret = KITS["twilio"].secret.decode()
            connections.store(session, account, door_secrets=[secret])
        ended = threading.Event()
        worker = threading.Thread(target=_answer_until, args=(ended,))
        worker.start()
        try:
            begun = time.monotonic()
            first = house.send(house.signed("twilio-whole", CALL, "voice"))
            took = time.monotonic() - begun
            second = _next_turn(house, first.text)
        finally:
            ended.set()
            worker.join()
    assert "Thank you for calling Windward" in first.text
    assert took < 4
    assert "do not know the number" in second
    assert "<Hangup" in second
    assert house.rows("twilio-whole") == []


def _answer_until(ended: threading.Event) -> None:
    while not ended.wait(0.05):
        answer_callers()


def _next_turn(house: House, heard: str) -> str:
    """The vendor signs the address of the turn, query and all."""
    action = ElementTree.fromstring(heard)[0].attrib["action"]
    assert action == f"{house.public_url}/hooks/twilio-whole/voice?turn=1"
    return house.send(KITS["twilio"].signed(CALL, action, "voice")).text
