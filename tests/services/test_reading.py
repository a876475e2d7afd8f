"""What people say is read at once; what speaks of an appointment is left to a run that operators see."""

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from urllib.parse import urlencode

import pytest
from sqlmodel import col, select

from rebook.db.session import ledger
from rebook.db.tables import Audit, Connection, Inbox, Intent, Reply
from rebook.domain import clock
from rebook.keyring import keyring, seal
from rebook.services import attention, audit, inbox, intents
from tasks.letters import read_what_was_said
from tests.runtime.waiting import until
from tests.services import office
from tests.services.office import LEILANI, Clock, offered

pytestmark = pytest.mark.usefixtures("business")


def comes(
    connection: str,
    kind: str,
    fields: dict[str, str],
    url: str = "https://x.test",
    headers: object = None,
) -> int:
    """A form as its vendor posts it, sealed as the gateway does."""
    body = base64.b64encode(urlencode(fields).encode()).decode()
    sealed = {"url": url, "headers": headers or {}, "body": body}
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


def sent() -> str:
    """A message on its way; returns its intent."""
    case_id = office.lose()
    actor = office.act(case_id)
    office.offer(actor)
    outgoing = office.claim(actor, office.rows(Intent, case_id=case_id, kind="message")[0].id)
    assert outgoing is not None
    return outgoing.intent_id


def reported(intent_id: str, status: str, number: int = 1) -> int:
    said = {"MessageSid": f"SM{number:032d}", "MessageStatus": status}
    return comes("twilio", "status", said, f"https://x.test/hooks/twilio/status?i={intent_id}")


def verdicts() -> list[str]:
    with ledger() as session:
        rows = session.exec(
            select(Audit).where(Audit.action == "inbox_handled").order_by(col(Audit.id))
        )
        return [row.detail["verdict"] for row in rows]


def delivery_of(intent_id: str) -> tuple[str, str]:
    (row,) = office.rows(Intent, id=intent_id)
    return row.state, row.delivery


def test_reports_that_wait_together_are_noted_in_their_order() -> None:
    intent_id = sent()
    for status in ("sent", "delivered", "queued"):
        reported(intent_id, status)
    reported("", "delivered", 2)
    assert read_what_was_said() == 4
    assert verdicts() == ["sent", "delivered", "known", "not a message of ours"]
    assert delivery_of(intent_id) == ("done", "delivered")
    assert read_what_was_said() == 0


def test_a_report_that_names_no_message_is_known_by_its_vendors_number() -> None:
    intent_id = sent()
    for status in ("sent", "sent"):
        reported(intent_id, status, 7)
    read_what_was_said()
    for _ in range(2):
        reported("", "delivered", 7)
    read_what_was_said()
    assert verdicts() == ["sent", "known", "delivered", "known"]
    assert delivery_of(intent_id) == ("done", "delivered")


def test_words_between_reports_are_read_as_well() -> None:
    case_id, _ = offered()
    reported("", "sent", 1)
    text("2")
    number = cancellation()
    reported("", "sent", 2)
    assert read_what_was_said() == 4
    assert [reply.case_id for reply in office.rows(Reply)] == [case_id]
    assert for_a_run() == number


def test_a_text_that_was_lost_among_others_concerns_its_case() -> None:
    intent_id = sent()
    reported("", "sent", 2)
    reported(intent_id, "undelivered")
    read_what_was_said()
    assert delivery_of(intent_id) == ("given_up", "failed")
    (row,) = office.rows(Intent, id=intent_id)
    with ledger() as session:
        assert audit.has(session, row.case_id, "message_failed")


def test_a_row_that_cannot_be_read_keeps_no_report_beside_it_from_being_noted() -> None:
    intent_id = sent()
    broken = comes("nobody's connection", "status", {"Body": "2"})
    reported(intent_id, "delivered")
    read_what_was_said()
    assert delivery_of(intent_id) == ("done", "delivered")
    row = next(row for row in office.rows(Inbox) if row.id == broken)
    assert (row.handled_at is not None, row.attempts) == (True, 1)


def test_a_report_of_a_message_somebody_works_on_waits_for_them_and_keeps_nobody() -> None:
    intent_id = sent()
    reported("", "sent", 2)
    waits = reported(intent_id, "delivered")
    with ThreadPoolExecutor(1) as reader:
        with ledger() as session:
            intents.lock(session, intent_id)
            read = reader.submit(read_what_was_said)
            until(lambda: verdicts() == ["not a message of ours"], "the other is noted")
        assert read.result(60) == 2
    assert delivery_of(intent_id) == ("done", "delivered")
    assert next(row for row in office.rows(Inbox) if row.id == waits).handled_at is not None


def test_a_row_nobody_foresaw_is_set_aside_and_what_stands_behind_it_is_read() -> None:
    """Headers that are none make the reading fail with an error no connector names."""
    case_id, _ = offered()
    strange = comes("sendgrid", "inbound", {"text": "2"}, headers="none")
    text("2")
    assert read_what_was_said() == 2
    assert [reply.case_id for reply in office.rows(Reply)] == [case_id]
    row = office.rows(Inbox, id=strange)[0]
    assert (row.fault, row.handled_at is None) == ("AttributeError", False)
    assert read_what_was_said() == 0
