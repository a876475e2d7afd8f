"""Appointments that changed are compared with what the ledger holds; lost ones become cases."""

from sqlmodel import Session

from connectors import connector_class
from connectors.contract import Capability, Page
from connectors.errors import NoAppointment, NotAllowed, NotFound
from rebook.db.session import ledger
from rebook.db.tables import Appointment as Row
from rebook.domain.appointments import Appointment, Change
from rebook.domain.verdicts import Verdict
from rebook.failpoints import fp
from rebook.services import cases, connections, intake, links, people, replies, rounds, story
from tasks.accounts import connector_of
from tasks.retry import VENDOR_READ, through_restarts
from tasks.step import step

TO_JUDGE = "its record says so: should new times be offered?"


def observe(session: Session, connection: str, change: Change) -> tuple[str, str | None]:
    """The appointment is read again at its platform: a message may be late, or forged by nobody."""
    seen = change.appointment
    if seen is None:
        try:
            seen = connector_of(connection).fetch_appointment(change.appointment_id)
        except NotFound:
            return prompted(
                session, connection, intake.vanished(session, connection, change.appointment_id)
            )
        except NoAppointment:
            return "no appointment", None
    found = prompted(session, connection, intake.observe(session, connection, seen))
    rounds.refresh(session, connection)
    return found


def prompted(
    session: Session, connection: str, found: tuple[Verdict, str | None]
) -> tuple[Verdict, str | None]:
    """Where a loss is for people to judge, they have the case before the client hears of it."""
    verdict, case_id = found
    if verdict is Verdict.OPENED and case_id is not None:
        slug = connections.load(session, connection).slug
        if connector_class(slug).prompts_staff:
            story.hand_over(session, cases.load(session, case_id), TO_JUDGE)
    return found


@step("read changes of {connection}", **VENDOR_READ)
def store_changes(connection: str) -> list[str]:
    """Each page and its cursor in one transaction. Returns the cases opened."""
    connector = connector_of(connection)
    if Capability.POLL not in connector.capabilities():
        return []
    with ledger() as session:
        cursor = connections.cursor(session, connection)
    opened: list[str] = []
    try:
        for page in connector.poll_changes(cursor):
            opened += _store(connection, page, first_read=cursor is None)
    except NotAllowed as error:
        with ledger() as session:
            connections.pause(session, connection, str(error))
        raise
    if cursor is None:
        reunite(connection)
    with ledger() as session:
        rounds.refresh(session, connection)
    return opened


@through_restarts
def reunite(connection: str) -> None:
    """Accounts read for the first time at once have not seen each other's appointments."""
    with ledger() as session:
        for appointment_id in links.apart(session, connection):
            links.reunite(session, session.get_one(Row, appointment_id))


@through_restarts
def _store(connection: str, page: Page, *, first_read: bool) -> list[str]:
    """Two accounts that show the same people in different orders may wait for one another: one repeats."""
    with ledger() as session:
        seen = [_seen(session, connection, item, first_read) for item in page.appointments]
        seen += [_gone(session, connection, external_id) for external_id in page.gone]
        for message in page.messages:
            replies.receive(session, message, f"{connection}:{message.vendor_id}")
        for refusal in page.opt_outs:
            people.suppress(session, refusal.contact, source=f"{connection} reported it")
        connections.move_cursor(session, connection, page.cursor)
        fp("catch_up.before_commit")
    fp("catch_up.after_commit")
    return [case_id for case_id in seen if case_id]


def _gone(session: Session, connection: str, external_id: str) -> str | None:
    verdict, case_id = prompted(
        session, connection, intake.vanished(session, connection, external_id)
    )
    return case_id if verdict is Verdict.OPENED else None


def _seen(session: Session, connection: str, item: Appointment, first_read: bool) -> str | None:
    verdict, case_id = prompted(
        session, connection, intake.observe(session, connection, item, first_read=first_read)
    )
    return case_id if verdict is Verdict.OPENED else None
