"""Telling the other platforms: read, compare, write, read back."""

from prefect.logging import get_run_logger

from connectors.contract import Capability, Connector
from connectors.errors import ConnectorError, NotAllowed, NotFound, Refused, WithoutTime
from rebook.db.session import ledger, reading
from rebook.domain.appointments import Appointment, Slot, Status
from rebook.failpoints import fp
from rebook.services import offered, sync_back
from rebook.services.leases import Actor
from rebook.services.sync_back import Target
from tasks.accounts import connector_of
from tasks.bookings import request_of
from tasks.campaigns import stop_sequence
from tasks.staff_message import posted
from tasks.step import step
from tasks.visit_status import mark


class NotAsWanted(ConnectorError):
    """What was read back is not what was written."""

    retryable = True


def tell_other_systems(actor: Actor) -> None:
    """The step: every platform that does not show the outcome yet."""
    with ledger() as session:
        targets = sync_back.due(session, actor)
    for target in targets:
        sync(actor, target)


@step("{target.what}")
def sync(actor: Actor, target: Target) -> str:
    """One platform. Its fault is its own: the others are told all the same."""
    stands_as, left = target.external_id, ""
    try:
        if target.status is not None:
            left = mark(connector_of(target.connection), target)
        elif target.cancel:
            cancel(connector_of(target.connection), stands_as)
        elif target.slot is not None:
            stands_as = show_new_time(connector_of(target.connection), target, target.slot)
        elif target.offered:
            show_offer(connector_of(target.connection), target)
        elif target.sequence:
            stop_sequence(actor, target.sequence)
        else:
            _update_staff(target)
        fp("sync.called")
    except ConnectorError as error:
        get_run_logger().warning("%s: %s", target.connection, type(error).__name__)
        final = isinstance(error, NotFound | NotAllowed | Refused)
        with ledger() as session:
            sync_back.failed(session, actor, target, type(error).__name__, final=final)
        return "later" if not final else "given to staff"
    with ledger() as session:
        sync_back.done(session, actor, target, stands_as, left=left)
    fp("sync.done")
    return "done"


def show_new_time(connector: Connector, target: Target, slot: Slot) -> str:
    """Move the platform's appointment to the slot unless it stands there; verify by reading back.

    A record that has no time of its own, such as an invoice, is told in a note. Returns the id it
    stands under, a new one where the platform cannot move what was cancelled or deleted.
    """
    can = connector.capabilities()
    external_id = target.external_id
    if Capability.MOVE not in can and Capability.ANNOTATE in can:
        connector.annotate(external_id, f"Rebook: the new time is {slot.starts_at.isoformat()}")
        return external_id
    try:
        now = _as_it_stands(connector, external_id)
        if not _shows(now, slot):
            if Capability.MOVE not in can:
                raise Refused("this platform cannot move appointments")
            external_id = connector.move(external_id, slot, version=now.version if now else "")
            now = connector.fetch_appointment(external_id)
    except NotFound:
        external_id = make_again(connector, target, slot)
        now = connector.fetch_appointment(external_id)
    if not _shows(now, slot):
        raise NotAsWanted("it does not show the new time")
    return external_id


def show_offer(connector: Connector, target: Target) -> None:
    """The times on offer in its calendar, as they are held at this moment."""
    if Capability.SUGGEST not in connector.capabilities():
        raise Refused("this platform cannot show times on offer")
    with reading() as session:
        offer = offered.read(session, target.id)
    connector.show_offer(offer, our_ref=target.case_id)


def make_again(connector: Connector, target: Target, slot: Slot) -> str:
    """On a platform that keeps nothing of a deleted visit, once: an earlier try of ours is looked for."""
    with ledger() as session:
        order = sync_back.to_make_again(session, target, slot)
    if order is None or Capability.BOOK not in connector.capabilities():
        raise NotFound("it is gone there, and cannot be made again")
    request = request_of(order)
    found = connector.find_booking(request, our_ref=order.intent_id)
    return found or connector.book(request, our_ref=order.intent_id)


def cancel(connector: Connector, external_id: str) -> None:
    """Cancel the platform's appointment unless it is; verify by reading back."""
    if Capability.CANCEL not in connector.capabilities():
        raise Refused("this platform cannot cancel appointments")
    if _is_booked(connector, external_id):
        connector.cancel(external_id, "the client no longer needs it")
        if _is_booked(connector, external_id):
            raise NotAsWanted("it still shows the appointment as booked")


def _is_booked(connector: Connector, external_id: str) -> bool:
    """What is gone, or has no time left, is not booked."""
    try:
        return connector.fetch_appointment(external_id).status is Status.BOOKED
    except (NotFound, WithoutTime):
        return False


def _as_it_stands(connector: Connector, external_id: str) -> Appointment | None:
    """None for a record that is there and has lost its time: it can be given one."""
    try:
        return connector.fetch_appointment(external_id)
    except WithoutTime:
        return None


def _shows(now: Appointment | None, slot: Slot) -> bool:
    return bool(now and now.starts_at == slot.starts_at and now.status is Status.BOOKED)


def _update_staff(target: Target) -> None:
    with ledger() as session:
        found = posted(session, target.case_id)
    connector = connector_of(target.connection)
    for message_id, message in found:
        connector.update_message(message_id, message)
