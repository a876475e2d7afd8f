"""What people say is read at once; what speaks of an appointment is left to a run that operators see."""

import base64
import json
from datetime import datetime
from urllib.parse import urlencode

import pytest

from rebook.db.session import ledger
from rebook.db.tables import Connection, Inbox, Reply
from rebook.domain import clock
from rebook.keyring import keyring, seal
from rebook.services import attention, inbox
from tasks.letters import read_what_was_said
from tests.services import office
from tests.services.office import LEILANI, Clock, offered

pytestmark = pytest.mark.usefixtures("business")


def comes(connection: str, kind: str, fields: dict[str, str]) -> int:
    """A form as its vendor posts it, sealed as the gateway does."""
    body = base64.b64encode(urlencode(fields).encode()).decode()
    sealed = {"url": "https://x.test", "headers": {}, "body": body}
    row = Inbox(
        connection=connection,
        kind=kind,
        sealed=seal(keyring().seal_public, json.dumps(sealed).encode()),
        received_at=clock.now(),
        twin_key=str(len(office.rows(Inbox))),
    )
    with ledger() as session:
        session.add(row)
        session.flush()
        assert row.id is not None
        return row.id


def text(body: str) -> int:
    sent = {"From": LEILANI.phone, "To": "+18085550100", "Body": body}
    return comes("twilio", "sms", {"MessageSid": "SM" + "1" * 32, **sent})


def cancellation() -> int:
    said = {"action": "canceled", "id": "1", "calendarID": "1", "appointmentTypeID": "1"}
    return comes("acuity", "", said)


def for_a_run() -> int | None:
    with ledger() as session:
        row = attention.oldest_waiting(session)
    return row.id if row else None


def test_a_clients_words_are_read_without_a_run() -> None:
    case_id, _ = offered()
    text("2")
    assert for_a_run() is None
    assert read_what_was_said() == 1
    assert [reply.case_id for reply in office.rows(Reply)] == [case_id]
    assert (for_a_run(), read_what_was_said()) == (None, 0)


def test_news_of_an_appointment_is_left_to_a_run() -> None:
    number = cancellation()
    assert for_a_run() is None
    read_what_was_said()
    assert for_a_run() == number
    assert read_what_was_said() == 0
    assert office.rows(Inbox)[0].handled_at is None


def test_words_that_nobody_read_are_read_by_a_run(at_noon: Clock) -> None:
    number = text("2")
    at_noon.forward(seconds=inbox.UNREAD.total_seconds() + 1)
    assert for_a_run() == number


def test_a_row_that_cannot_be_read_is_set_aside_and_the_next_is_read() -> None:
    broken = comes("nobody's connection", "sms", {"Body": "2"})
    offered()
    text("2")
    read_what_was_said()
    assert len(office.rows(Reply)) == 1
    row = next(row for row in office.rows(Inbox) if row.id == broken)
    assert (row.handled_at is not None, row.attempts) == (True, 1)


def heard() -> datetime:
    found = next(row for row in office.rows(Connection) if row.id == "twilio").heard_at
    assert found is not None
    return found


def test_a_platform_was_heard_of_a_minute_ago_at_most(at_noon: Clock) -> None:
    text("one")
    read_what_was_said()
    first = heard()
    at_noon.forward(seconds=inbox.HEARD.total_seconds() / 2)
    text("two")
    read_what_was_said()
    assert heard() == first
    at_noon.forward(seconds=inbox.HEARD.total_seconds())
    text("three")
    read_what_was_said()
    assert clock.now() - heard() < inbox.HEARD / 2
