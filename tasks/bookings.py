"""Booking the chosen slot on the system of record: intent, call, and evidence where it is in doubt."""

from prefect.logging import get_run_logger

from connectors.contract import BookingRequest, Connector
from connectors.errors import (
    Conflict,
    ConnectorError,
    NotFound,
    OnlyByLink,
    Refused,
    SlotTaken,
    TooMany,
    Unreachable,
)
from rebook.db.session import ledger, reading
from rebook.domain import clock
from rebook.domain.appointments import Status
from rebook.failpoints import fp
from rebook.services import bookings, by_link, intents, leases, story
from rebook.services.intents import DOUBTFUL, Stage
from rebook.services.leases import Actor
from rebook.services.written import Order
from tasks.accounts import connector_of
from tasks.step import step


def book_what_was_chosen(actor: Actor) -> None:
    """The step: the booking whose turn it is."""
    with reading() as session:
        planned = intents.due(session, actor.case_id, ("booking",), Stage.PLANNED)
    for intent_id in planned:
        book(actor, intent_id)


@step("book the chosen slot")
def book(actor: Actor, intent_id: str) -> str:
    """Once. Returns what became of it."""
    began = clock.steady()
    with ledger() as session:
        order = bookings.claim(session, actor, intent_id)
    if order is None:
        return "not now"
    fp("book.claimed")
    try:
        connector = connector_of(order.connection)
        leases.fence(began)
        external_id = _call(connector, order)
    except ConnectorError as error:
        return _not_booked(actor, order, error)
    fp("book.called")
    _confirm(actor, order, external_id, evidence=False)
    return "booked"


def _call(connector: Connector, order: Order) -> str:
    if order.move:
        return connector.move(order.old_id, order.slot, version=order.version)
    return connector.book(request_of(order), our_ref=order.intent_id)


def request_of(order: Order) -> BookingRequest:
    return BookingRequest(
        slot=order.slot,
        person=order.person,
        service=order.service,
        service_id=order.service_id,
        zone=order.zone,
        was=order.old_id,
    )


def _confirm(actor: Actor, order: Order, external_id: str, *, evidence: bool) -> None:
    with ledger() as session:
        bookings.confirm(session, actor, order, external_id, evidence=evidence)
    fp("book.confirmed")


def _not_booked(actor: Actor, order: Order, error: ConnectorError) -> str:
    """Taken or refused: new times. Certainly not acted on: later. In doubt: evidence first."""
    if isinstance(error, OnlyByLink):
        with ledger() as session:
            by_link.hand_out(session, actor, order, error.link)
        return by_link.REASON
    match error:
        case SlotTaken() | Refused() | Conflict():
            stage = Stage.REFUSED
        case Unreachable() | TooMany():
            stage = Stage.PLANNED
        case _:
            stage = Stage.UNKNOWN
    get_run_logger().warning("booking %s: %s", order.intent_id, type(error).__name__)
    with ledger() as session:
        if stage is Stage.PLANNED:
            bookings.put_off(session, actor, order, type(error).__name__, error.retry_after)
        else:
            bookings.failed(session, actor, order, stage, type(error).__name__)
    return stage.value


def look_for_booking(actor: Actor) -> None:
    """The step: a booking whose outcome is in doubt and whose wait for evidence is over."""
    with reading() as session:
        doubtful = intents.due(session, actor.case_id, ("booking",), *DOUBTFUL)
    for intent_id in doubtful:
        find_booking(actor, intent_id)


@step("look whether it was booked")
def find_booking(actor: Actor, intent_id: str) -> str:
    """Ask the record system whether the booking we meant to make is there."""
    with ledger() as session:
        order = bookings.order_of(session, actor, intent_id)
    found = _evidence(connector_of(order.connection), order)
    if found:
        _confirm(actor, order, found, evidence=True)
        return "found"
    with ledger() as session:
        again = bookings.judge(session, actor, order)
        if not again:
            story.give_to_person(session, actor, "the booking's outcome is unknown")
    return "once more" if again else "given to staff"


def _evidence(connector: Connector, order: Order) -> str | None:
    if not order.move:
        return connector.find_booking(request_of(order), our_ref=order.intent_id)
    try:
        now = connector.fetch_appointment(order.old_id)
    except NotFound:
        return None
    moved = now.starts_at == order.slot.starts_at and now.status is Status.BOOKED
    return now.id if moved else None
