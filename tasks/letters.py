"""What the gateway stored, read row by row: words are taken at once, news of appointments in a run."""

from prefect.exceptions import MissingContextError
from prefect.logging import get_logger, get_run_logger
from sqlalchemy.exc import DataError, DBAPIError
from sqlmodel import Session

from connectors import door
from connectors.contract import StoredWebhook, Translated
from connectors.errors import ConnectorError
from rebook.db.session import ledger, reading
from rebook.db.tables import Intent
from rebook.domain.appointments import Change
from rebook.domain.calls import Unanswered
from rebook.domain.messages import DeliveryReport, InboundMessage, OptOut, PollNow, StaffAction
from rebook.domain.verdicts import Verdict
from rebook.failpoints import fp
from rebook.services import calls, connections, deliveries, inbox, people, replies, staff_actions
from rebook.services.configuration import NotConfigured
from rebook.services.deliveries import Told
from rebook.services.inbox import Letter
from tasks import own_doors
from tasks.changes import observe
from tasks.step import step

OF_APPOINTMENTS = (Change, PollNow)
"""What may ask its platform, and may open a case."""
TOGETHER = 50
"""Rows that are looked through for reports in one transaction."""


@step("handle what waits in the inbox")
def drain_inbox() -> tuple[list[str], list[str]]:
    """Handle every row for a run. Returns the cases opened and the connections to poll."""
    opened: dict[str, None] = {}
    polls: dict[str, None] = {}
    while waiting := _waiting():
        before = len(waiting)
        for inbox_id in waiting:
            case_id, poll = handle(inbox_id, in_a_run=True)
            opened |= {case_id: None} if case_id else {}
            polls |= {poll: None} if poll else {}
        if len(_waiting()) >= before:
            break
    get_run_logger().info("opened %d cases; %d connections to poll", len(opened), len(polls))
    return list(opened), list(polls)


def _waiting() -> list[int]:
    with reading() as session:
        return inbox.waiting(session)


def read_what_was_said() -> int:
    """Words, presses and reports of delivery, with no run in the way. Returns how many rows there were."""
    with reading() as session:
        unread = inbox.unread(session)
    for first in range(0, len(unread), TOGETHER):
        for inbox_id in _without_reports(unread[first : first + TOGETHER]):
            handle(inbox_id, in_a_run=False)
    return len(unread)


def _without_reports(inbox_ids: list[int]) -> list[int]:
    """What is left to be handled row by row: reports of delivery come in numbers and are noted at once.

    Where one of them cannot be, all are left: row by row it is found which.
    """
    if len(inbox_ids) < 2:
        return inbox_ids
    try:
        with ledger() as session:
            noted = _note_reports(session, inbox_ids)
    except Exception:
        return inbox_ids
    return [inbox_id for inbox_id in inbox_ids if inbox_id not in noted]


def _note_reports(session: Session, inbox_ids: list[int]) -> set[int]:
    reports: dict[int, list[Told]] = {}
    for letter in inbox.take_several(session, inbox_ids):
        said = [] if letter.connection == own_doors.CONNECTION else _translate(session, letter)
        told = [Told(letter.connection, one) for one in said if isinstance(one, DeliveryReport)]
        if said and len(told) == len(said) and not any(deliveries.is_lost(t.report) for t in told):
            reports[letter.id] = told
    if not reports:
        return set()
    found = deliveries.messages(session, [one for told in reports.values() for one in told])
    noted = {number for number, told in reports.items() if found.keys() >= set(told)}
    for number in sorted(noted):
        verdicts = [_note(session, found[one], one) for one in reports[number]]
        inbox.done(session, number, ", ".join(verdicts))
    return noted


def _note(session: Session, message: Intent | None, told: Told) -> str:
    return deliveries.note(session, message, told.report) if message else deliveries.NOT_OURS


def handle(inbox_id: int, *, in_a_run: bool) -> tuple[str | None, str | None]:
    """One row, one transaction: (case opened, connection to poll)."""
    try:
        with ledger() as session:
            letter = inbox.take(session, inbox_id)
            if letter is None:
                return None, None
            outcome = _handle(session, letter, in_a_run=in_a_run)
            fp("inbox.before_commit")
        fp("inbox.after_commit")
        return outcome
    except Exception as error:
        with ledger() as session:
            inbox.failed(session, inbox_id, type(error).__name__, final=not _may_pass(error))
        _warn("inbox row %d failed: %s", inbox_id, type(error).__name__)
        return None, None


def _warn(words: str, *values: object) -> None:
    """In the log of the run, or of the reader's process."""
    try:
        log = get_run_logger()
    except MissingContextError:
        log = get_logger("rebook.inbox")
    log.warning(words, *values)


def _may_pass(error: Exception) -> bool:
    """What is away will be back, and what is not set up will be; what cannot be read stays unreadable."""
    if isinstance(error, DBAPIError):
        return not isinstance(error, DataError)
    if isinstance(error, ConnectorError):
        return error.retryable
    return isinstance(error, NotConfigured)


def _handle(session: Session, letter: Letter, *, in_a_run: bool) -> tuple[str | None, str | None]:
    if letter.connection == own_doors.CONNECTION:
        if not in_a_run and letter.kind in own_doors.MAY_OPEN_A_CASE:
            inbox.leave_to_a_run(session, letter.id)
            return None, None
        verdict, opened = own_doors.handle(session, letter)
        inbox.done(session, letter.id, verdict)
        return opened, None
    translated = _translate(session, letter)
    if not in_a_run and any(isinstance(item, OF_APPOINTMENTS) for item in translated):
        inbox.leave_to_a_run(session, letter.id)
        return None, None
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
            return observe(session, letter.connection, item)
        case InboundMessage():
            return replies.receive(session, item, f"{letter.connection}:{item.vendor_id}")
        case DeliveryReport():
            return deliveries.record(session, item, letter.connection), None
        case OptOut():
            people.suppress(session, item.contact, source=f"{letter.connection} reported it")
            return "opted out", None
        case StaffAction():
            return staff_actions.receive(session, item, f"{letter.connection}:{letter.id}:{number}")
        case Unanswered():
            return calls.unanswered(session, letter.connection, item)
        case PollNow():
            return "poll", None
