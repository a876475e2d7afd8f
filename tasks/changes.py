"""What came in becomes changes, and lost appointments become cases: from the inbox, or by polling."""

from prefect.logging import get_run_logger
from sqlalchemy.exc import DataError, DBAPIError
from sqlmodel import Session

from connectors import connector_class, door
from connectors.contract import Capability, Page, StoredWebhook, Translated
from connectors.errors import ConnectorError, NoAppointment, NotAllowed, NotFound
from rebook.db.session import ledger
from rebook.domain.appointments import Appointment, Change
from rebook.domain.messages import DeliveryReport, InboundMessage, OptOut, PollNow, StaffAction
from rebook.domain.verdicts import Verdict
from rebook.failpoints import fp
from rebook.services import (
    cases,
    connections,
    deliveries,
    inbox,
    intake,
    people,
    replies,
    staff_actions,
    story,
)
from rebook.services.inbox import Letter
from tasks import own_doors
from tasks.accounts import connector_of
from tasks.retry import VENDOR_READ
from tasks.step import step

TO_JUDGE = "its record says so: should new times be offered?"


@step("handle what waits in the inbox")
def drain_inbox() -> tuple[list[str], list[str]]:
    """Handle every waiting row. Returns the cases opened and the connections to poll."""
    opened: dict[str, None] = {}
    polls: dict[str, None] = {}
    while waiting := _waiting():
        before = len(waiting)
        for inbox_id in waiting:
            case_id, poll = handle(inbox_id)
            opened |= {case_id: None} if case_id else {}
            polls |= {poll: None} if poll else {}
        if len(_waiting()) >= before:
            break
    get_run_logger().info("opened %d cases; %d connections to poll", len(opened), len(polls))
    return list(opened), list(polls)


def _waiting() -> list[int]:
    with ledger() as session:
        return inbox.waiting(session)


def handle(inbox_id: int) -> tuple[str | None, str | None]:
    """One row, one transaction: (case opened, connection to poll)."""
    try:
        with ledger() as session:
            letter = inbox.take(session, inbox_id)
            if letter is None:
                return None, None
            outcome = _handle(session, letter)
            fp("inbox.before_commit")
        fp("inbox.after_commit")
        return outcome
    except (ConnectorError, LookupError, ValueError, TypeError, DBAPIError) as error:
        with ledger() as session:
            inbox.failed(session, inbox_id, type(error).__name__, final=not _may_pass(error))
        get_run_logger().warning("inbox row %d failed: %s", inbox_id, type(error).__name__)
        return None, None


def _may_pass(error: Exception) -> bool:
    """A platform or the ledger that is away will be back; what cannot be read stays unreadable."""
    if isinstance(error, DBAPIError):
        return not isinstance(error, DataError)
    return isinstance(error, ConnectorError) and error.retryable


def _handle(session: Session, letter: Letter) -> tuple[str | None, str | None]:
    if letter.connection == own_doors.CONNECTION:
        verdict, opened = own_doors.handle(session, letter)
        inbox.done(session, letter.id, verdict)
        return opened, None
    translated = _translate(session, letter)
    verdicts = [_apply(session, letter, item, number) for number, item in enumerate(translated)]
    inbox.done(
        session, letter.id, ", ".join(verdict for verdict, _ in verdicts) or "nothing for us"
    )
    poll = letter.connection if any(isinstance(item, PollNow) for item in translated) else None
    opened = next((case_id for verdict, case_id in verdicts if verdict == Verdict.OPENED), None)
    return opened, poll


def _translate(session: Session, letter: Letter) -> list[Translated]:
    account = connections.load(session, letter.connection)
    return door(account.slug, account.settings).translate(
        StoredWebhook(
            kind=letter.kind,
            url=letter.url,
            headers=letter.headers,
            body=letter.body,
            received_at=letter.received_at,
        )
    )


def _apply(
    session: Session, letter: Letter, item: Translated, number: int
) -> tuple[str, str | None]:
    """Each thing a message said, stored; the verdict in fixed words and the case concerned."""
    match item:
        case Change():
            return _observe(session, letter.connection, item)
        case InboundMessage():
            return replies.receive(session, item, f"{letter.connection}:{item.vendor_id}")
        case DeliveryReport():
            return deliveries.record(session, item, letter.connection), None
        case OptOut():
            people.suppress(session, item.contact, source=f"{letter.connection} reported it")
            return "opted out", None
        case StaffAction():
            return staff_actions.receive(session, item, f"{letter.connection}:{letter.id}:{number}")
        case PollNow():
            return "poll", None


def _observe(session: Session, connection: str, change: Change) -> tuple[str, str | None]:
    """The appointment is read again at its platform: a message may be late, or forged by nobody."""
    seen = change.appointment
    if seen is None:
        try:
            seen = connector_of(connection).fetch_appointment(change.appointment_id)
        except NotFound:
            return _prompted(
                session, connection, intake.vanished(session, connection, change.appointment_id)
            )
        except NoAppointment:
            return "no appointment", None
    return _prompted(session, connection, intake.observe(session, connection, seen))


def _prompted(
    session: Session, connection: str, found: tuple[Verdict, str | None]
) -> tuple[Verdict, str | None]:
    """Where a loss is for people to judge, they have the case before the client hears of it."""
    verdict, case_id = found
    if verdict is Verdict.OPENED and case_id is not None:
        slug = connections.load(session, connection).slug
        if connector_class(slug).prompts_staff:
            story.hand_over(session, cases.load(session, case_id), TO_JUDGE)
    return found


@step("read changes of {connection}", tags=["vendor"], **VENDOR_READ)
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
    return opened


def _store(connection: str, page: Page, *, first_read: bool) -> list[str]:
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
    verdict, case_id = _prompted(
        session, connection, intake.vanished(session, connection, external_id)
    )
    return case_id if verdict is Verdict.OPENED else None


def _seen(session: Session, connection: str, item: Appointment, first_read: bool) -> str | None:
    verdict, case_id = _prompted(
        session, connection, intake.observe(session, connection, item, first_read=first_read)
    )
    return case_id if verdict is Verdict.OPENED else None
