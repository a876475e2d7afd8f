"""The daily comparison of each platform with the ledger."""

from dataclasses import dataclass, field
from datetime import datetime

from prefect.artifacts import create_table_artifact
from prefect.logging import get_run_logger
from sqlmodel import col, func, select

from connectors import capabilities_of
from connectors.contract import Capability, Connector
from connectors.errors import NoAppointment, NotFound
from rebook.db.session import ledger
from rebook.db.tables import Connection, Inbox, SyncTarget
from rebook.domain import clock
from rebook.domain.verdicts import Verdict
from rebook.services import audit, intake, unlisted
from tasks.accounts import connector_of
from tasks.changes import prompted
from tasks.retry import VENDOR_READ
from tasks.step import step

MOST_READ_AGAIN = 200
DOUBTED = (
    "%s no longer knows %d coming visits, most of its calendar: no case was opened. Look at the"
    " connection's account and settings"
)


@dataclass
class Comparison:
    """One connection compared: what was read, what differed, what it no longer lists."""

    connection: str
    read: int = 0
    differed: int = 0
    opened: list[str] = field(default_factory=list)
    gone: int = 0
    doubted: int = 0
    """Gone, but too many at once to be believed."""
    left: int = 0
    """Not listed, and left for the next comparison."""

    def note(self, found: tuple[Verdict, str | None]) -> None:
        verdict, case_id = found
        self.differed += verdict not in (Verdict.SAME, Verdict.NEW)
        self.opened += [case_id] if verdict is Verdict.OPENED and case_id else []


def connections_to_compare() -> list[str]:
    """Those that hold appointments and can be read whole."""
    with ledger() as session:
        rows = session.exec(select(Connection).where(Connection.paused == "")).all()
    wanted = {Capability.POLL, Capability.FETCH}
    return [row.id for row in rows if wanted <= capabilities_of(row.slug)]


@step("compare {connection} with the ledger", **VENDOR_READ)
def compare(connection: str) -> Comparison:
    """Read everything afresh; what the ledger did not know is repaired as if a webhook had come."""
    return whole(connection)


def whole(connection: str) -> Comparison:
    """What the platform lists, then what it should have listed."""
    result, begun = Comparison(connection), clock.now()
    connector = connector_of(connection)
    for page in connector.poll_changes(None):
        with ledger() as session:
            for seen in page.appointments:
                found = intake.observe(session, connection, seen, first_read=True)
                result.note(prompted(session, connection, found))
                result.read += 1
    _look_for_the_unlisted(result, connector, begun)
    return result


def _look_for_the_unlisted(result: Comparison, connector: Connector, begun: datetime) -> None:
    """Each is read again by itself: a list may be shorter than the calendar."""
    connection = result.connection
    with ledger() as session:
        unlisted_ids = unlisted.since(session, connection, begun)
    result.left = len(unlisted_ids[MOST_READ_AGAIN:])
    gone = [one for one in unlisted_ids[:MOST_READ_AGAIN] if not _stands(result, connector, one)]
    with ledger() as session:
        if not unlisted.credible(session, connection, len(gone)):
            result.doubted = len(gone)
            audit.record(session, "vanishing_doubted", connection=connection, count=len(gone))
            return
    for external_id in gone:
        with ledger() as session:
            found = intake.vanished(session, connection, external_id)
            result.note(prompted(session, connection, found))
            result.gone += 1


def _stands(result: Comparison, connector: Connector, external_id: str) -> bool:
    """Does the platform still describe it? What it says of it is taken in."""
    try:
        seen = connector.fetch_appointment(external_id)
    except NoAppointment:
        return True
    except NotFound:
        return False
    with ledger() as session:
        found = intake.observe(session, result.connection, seen)
        result.note(prompted(session, result.connection, found))
    return True


@step("report")
def report(found: list[Comparison]) -> None:
    """What was found, as a table beside the run, with what waits for a person."""
    with ledger() as session:
        human = session.exec(select(func.count()).where(SyncTarget.state == "human")).one()
        aside = session.exec(
            select(func.count()).where(Inbox.fault != "", col(Inbox.handled_at).is_not(None))
        ).one()
    for item in found:
        if item.doubted:
            get_run_logger().error(DOUBTED, item.connection, item.doubted)
    rows: list[dict[str, object]] = [
        {
            "connection": item.connection,
            "read": item.read,
            "differed": item.differed,
            "no longer there": item.gone,
            "gone, but not believed": item.doubted,
            "left for tomorrow": item.left,
            "cases opened": ", ".join(item.opened),
        }
        for item in found
    ]
    rows.append({"connection": "platforms a person must bring up to date", "read": human})
    rows.append({"connection": "messages set aside unread", "read": aside})
    create_table_artifact(table=rows, key="reconcile", description="The daily comparison")
