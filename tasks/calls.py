"""Callers: each turn is answered while they wait; who asked for a person is named to the office."""

import logging
from datetime import timedelta
from functools import partial

from sqlmodel import Session

from connectors import door
from connectors.contract import Capability, Connector, OutgoingMessage, StoredWebhook
from connectors.errors import ConnectorError, NotAllowed, TooMany, Unreachable
from rebook.db.session import ledger
from rebook.services import asks, call_backs, calls, configuration, connections
from rebook.services.call_backs import CallBack
from rebook.services.inbox import Letter
from tasks.accounts import connector_of

AGAIN = timedelta(minutes=1)
log = logging.getLogger("rebook.calls")


def answer_callers() -> int:
    """Every question that stands. Returns how many there were."""
    with ledger() as session:
        waiting = asks.waiting(session)
        if not waiting:
            asks.sweep(session)
    for ask_id in waiting:
        _answer(ask_id)
    return len(waiting)


def _answer(ask_id: int) -> None:
    """One question, one transaction: what the caller wants is stored with what is said to them."""
    try:
        with ledger() as session:
            taken = asks.take(session, ask_id)
            if taken is not None:
                _converse(session, *taken)
    except Exception as error:  # whatever one caller brings about, the next is answered
        log.warning("question %d was not answered: %s", ask_id, type(error).__name__)
        with ledger() as session:
            asks.give_up(session, ask_id)


def _converse(session: Session, letter: Letter, secret: str) -> None:
    account = connections.load(session, letter.connection)
    asked = StoredWebhook(letter.kind, letter.url, letter.headers, letter.body, letter.received_at)
    talk = partial(
        calls.answer, session, letter.connection, office=account.settings.get("office", "")
    )
    said = door(account.slug, account.settings).converse(asked, talk)
    asks.answer(session, letter.id, secret, said.body, said.content_type)


def tell_the_office() -> int:
    """Callers without a case who asked for a person: one message each in the staff channel."""
    with ledger() as session:
        due = call_backs.due(session)
        topology = configuration.topology(session) if due else None
    if topology is None or not topology.staff:
        return 0
    for call_id in due:
        with ledger() as session:
            wanted = call_backs.claim(session, call_id)
        if wanted is not None:
            _tell(wanted, topology.staff, topology.staff_channel)
    return len(due)


def _is_there(staff: Connector, message: OutgoingMessage, wanted: CallBack) -> bool:
    known = Capability.EVIDENCE in staff.capabilities()
    return known and bool(staff.find_message(message, wanted.since))


def _tell(wanted: CallBack, connection: str, channel: str) -> None:
    """A message that may have left is looked for before it is sent again."""
    message = OutgoingMessage(to=channel, text=wanted.text, our_ref=wanted.call_id)
    state, again = "told", None
    try:
        staff = connector_of(connection)
        if not (wanted.doubtful and _is_there(staff, message, wanted)):
            staff.send_message(message)
    except (Unreachable, TooMany, NotAllowed):
        state, again = "wanted", AGAIN
    except (ConnectorError, LookupError) as error:
        log.warning("call %s: the office may not know: %s", wanted.call_id, type(error).__name__)
        state, again = "telling", AGAIN
    with ledger() as session:
        call_backs.settle(session, wanted.call_id, state, again)
