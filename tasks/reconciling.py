"""The daily comparison of each platform with the ledger."""

from dataclasses import dataclass, field

from prefect.artifacts import create_table_artifact
from sqlmodel import col, func, select

from connectors import connector_class
from connectors.contract import Capability
from rebook.db.session import ledger
from rebook.db.tables import Connection, Inbox, SyncTarget
from rebook.domain.verdicts import Verdict
from rebook.services import intake
from tasks.accounts import connector_of
from tasks.retry import VENDOR_READ
from tasks.step import step


@dataclass(frozen=True)
class Comparison:
    """One connection compared: how many appointments were read, and how many differed."""

    connection: str
    read: int = 0
    differed: int = 0
    opened: list[str] = field(default_factory=list)


def connections_to_compare() -> list[str]:
    """Those that hold appointments and can be read whole."""
    with ledger() as session:
        rows = session.exec(select(Connection).where(Connection.paused == "")).all()
    wanted = {Capability.POLL, Capability.FETCH}
    return [row.id for row in rows if wanted <= connector_class(row.slug).capabilities()]


@step("compare {connection} with the ledger", **VENDOR_READ)
def compare(connection: str) -> Comparison:
    """Read everything afresh; what the ledger did not know is repaired as if a webhook had come."""
    read, differed, opened = 0, 0, []
    for page in connector_of(connection).poll_changes(None):
        with ledger() as session:
            for seen in page.appointments:
                verdict, case_id = intake.observe(session, connection, seen, first_read=True)
                read += 1
                differed += verdict not in (Verdict.SAME, Verdict.NEW)
                opened += [case_id] if verdict is Verdict.OPENED and case_id else []
    return Comparison(connection, read, differed, opened)


@step("report")
def report(found: list[Comparison]) -> None:
    """What was found, as a table beside the run, with what waits for a person."""
    with ledger() as session:
        human = session.exec(select(func.count()).where(SyncTarget.state == "human")).one()
        aside = session.exec(
            select(func.count()).where(Inbox.fault != "", col(Inbox.handled_at).is_not(None))
        ).one()
    rows: list[dict[str, object]] = [
        {
            "connection": item.connection,
            "read": item.read,
            "differed": item.differed,
            "cases opened": ", ".join(item.opened),
        }
        for item in found
    ]
    rows.append({"connection": "platforms a person must bring up to date", "read": human})
    rows.append({"connection": "messages set aside unread", "read": aside})
    create_table_artifact(table=rows, key="reconcile", description="The daily comparison")
