"""A worker's side of a call: the sealed question is opened, answered under its secret, and forgotten."""

import base64
import json
import secrets
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest

from rebook.db.call_tables import Ask, PhoneCall
from rebook.db.session import ledger
from rebook.domain import clock
from rebook.domain.pageview import open_view, token_hash
from rebook.keyring import keyring, seal
from rebook.services import connections
from rebook.services.connections import Account
from tasks.calls import answer_callers, tell_the_office
from tests.connectors.vendor import Reply, Vendor, always
from tests.services import office
from tests.services.office import LEILANI, Clock, rows

pytestmark = pytest.mark.usefixtures("business")
URL = "https://book.example.com/hooks/twilio/voice"


def ask(url: str = URL, connection: str = "twilio", **fields: str) -> str:
    """As the gateway does it. Returns the secret."""
    form = {"CallSid": "CA1", "From": LEILANI.phone, "To": "+18085550100", **fields}
    body = base64.b64encode(urlencode(form).encode()).decode()
    secret = secrets.token_urlsafe(32)
    sealed = json.dumps({"url": url, "headers": {}, "body": body, "secret": secret}).encode()
    with ledger() as session:
        session.add(
            Ask(
                connection=connection,
                kind="voice",
                secret_hash=token_hash(secret),
                sealed=seal(keyring().seal_public, sealed),
                asked_at=clock.now(),
            )
        )
    return secret


def answer(secret: str) -> str | None:
    (row,) = rows(Ask, secret_hash=token_hash(secret))
    if row.answer is None:
        return None
    opened = open_view(secret, row.answer)
    assert opened["type"] == "text/xml"
    return base64.b64decode(opened["body"]).decode()


def test_a_caller_is_answered_in_twiml_and_the_next_turn_goes_on() -> None:
    office.see(office.appointment())
    first = ask()
    assert answer_callers() == 1
    assert "Windward Dental" in (answer(first) or "")
    assert f'action="{URL}?turn=1"' in (answer(first) or "")
    second = ask(f"{URL}?turn=1", Digits="1")
    answer_callers()
    assert "first name" in (answer(second) or "")
    third = ask(f"{URL}?turn=2", SpeechResult="Leilani")
    answer_callers()
    assert "Your Cleaning is on Tuesday" in (answer(third) or "")
    assert answer_callers() == 0


def test_a_question_that_cannot_be_answered_holds_up_no_other() -> None:
    broken, sound = ask(connection="nobody"), ask(CallSid="CA2")
    answer_callers()
    assert answer(broken) is None
    assert answer(sound) is not None
    assert answer_callers() == 0


def test_nobody_is_answered_who_waits_no_more_and_old_questions_go(at_noon: Clock) -> None:
    late = ask()
    at_noon.forward(seconds=5)
    assert answer_callers() == 0
    assert answer(late) is None
    at_noon.forward(hours=2)
    answer_callers()
    assert rows(Ask) == []


@pytest.fixture
def waiting() -> str:
    """A call of somebody unknown, who wants a person."""
    ask(From="+18085559999")
    answer_callers()
    ask(f"{URL}?turn=1", From="+18085559999", Digits="1")
    answer_callers()
    (call,) = rows(PhoneCall)
    assert call.for_staff == "wanted"
    return call.id


def slack_at(url: str) -> None:
    with ledger() as session:
        account = Account("slack", "slack", url + "/", {}, {"bot_token": "xoxb-test"})
        connections.store(session, account, door_secrets=["not a secret"])


def state_of(call_id: str) -> str:
    (call,) = rows(PhoneCall, id=call_id)
    return call.for_staff


@pytest.fixture
def slack() -> Iterator[Vendor]:
    server = Vendor()
    server.answer = always(Reply(body={"ok": True, "channel": "C0FFICE", "ts": "1.2"}))
    slack_at(server.url)
    yield server
    server.close()


def test_the_office_is_told_of_a_caller_once_and_not_told_the_number(
    slack: Vendor, waiting: str
) -> None:
    assert tell_the_office() == 1
    assert state_of(waiting) == "told"
    assert tell_the_office() == 0
    (posted,) = slack.received
    assert waiting.encode() in posted.body
    assert b"9999" not in posted.body


def test_a_message_that_may_have_left_is_looked_for_before_it_is_sent_again(
    slack: Vendor, waiting: str, at_noon: Clock
) -> None:
    slack.answer = always(Reply(drop=True))
    tell_the_office()
    assert state_of(waiting) == "telling"
    at_noon.forward(minutes=2)
    event = {"event_type": "rebook", "event_payload": {"ref": waiting}}
    found = {"ok": True, "messages": [{"ts": "1.2", "metadata": event}], "has_more": False}
    slack.answer = always(Reply(body=found))
    slack.received.clear()
    tell_the_office()
    assert [call.path for call in slack.received] == ["/conversations.history"]
    assert state_of(waiting) == "told"


def test_a_staff_channel_that_is_away_is_told_later(waiting: str, at_noon: Clock) -> None:
    slack_at("http://127.0.0.1:9")
    assert tell_the_office() == 1
    assert state_of(waiting) == "wanted"
    assert tell_the_office() == 0
    at_noon.forward(minutes=2)
    assert tell_the_office() == 1
