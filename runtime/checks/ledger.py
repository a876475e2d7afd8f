"""The ledger: reachable, up to date, on time, and nothing in it left lying."""

from datetime import UTC, datetime, timedelta

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import func, text
from sqlmodel import Session, col, select

from rebook.db.migrate import configuration
from rebook.db.session import engine, ledger
from rebook.db.tables import Audit, Case, Inbox
from rebook.domain import clock
from rebook.domain.cases import OPEN_STATES
from rebook.services import configuration as configured
from rebook.services.configuration import NotConfigured
from runtime.checks import Finding, fail, ok, warn
from runtime.ledger_access import house_is_up

A_LITTLE, TOO_MUCH = 2.0, 30.0
"""Seconds. Vendors refuse, and we refuse, what is signed five minutes beside the time."""
MINUTE = timedelta(minutes=1)


def check() -> list[Finding]:
    """The ledger must be at hand."""
    tables = migrations()
    found = [server(), tables, database_clock()]
    if tables.level != "ok":
        return found
    with ledger() as session:
        parts = (settings_there, set_aside, waiting, without_deadline, unsealed)
        return found + [part(session) for part in parts]


def server() -> Finding:
    with engine().connect() as connection:
        release = connection.scalar(text("SHOW server_version"))
        size = connection.scalar(text("SELECT pg_database_size(current_database())")) or 0
    return ok("ledger", f"PostgreSQL {release}, {size / 1e6:.0f} MB")


def migrations() -> Finding:
    wanted = ScriptDirectory.from_config(configuration()).get_current_head()
    with engine().connect() as connection:
        present = MigrationContext.configure(connection).get_current_revision()
    if present == wanted:
        return ok("tables", f"at revision {present}")
    return fail(
        "tables", f"at revision {present}, not {wanted}", "`rebook up` brings them up to it"
    )


def database_clock() -> Finding:
    with engine().connect() as connection:
        theirs = connection.scalar(text("SELECT clock_timestamp()"))
    assert isinstance(theirs, datetime)
    return skew("database clock", theirs)


def skew(about: str, theirs: datetime, grain: float = 0.0) -> Finding:
    """How far another clock is from this machine's. `grain`: how coarsely it was told."""
    apart = max(0.0, abs((datetime.now(UTC) - theirs).total_seconds()) - grain)
    found = f"{apart:.1f} s from this machine's"
    if apart > TOO_MUCH:
        return fail(about, found, "set both by NTP: signed requests are refused when clocks differ")
    return warn(about, found, "set both by NTP") if apart > A_LITTLE else ok(about, found)


def settings_there(session: Session) -> Finding:
    try:
        configured.policy_version(session)
        topology = configured.topology(session)
    except NotConfigured as error:
        return fail("settings", "incomplete", str(error))
    return ok("settings", f"policy and topology are there; {topology.record} keeps the record")


def set_aside(session: Session) -> Finding:
    """Handled, and a fault remembered: it could not be understood."""
    ids = session.exec(
        select(Inbox.id).where(col(Inbox.handled_at).is_not(None), Inbox.fault != "")
    ).all()
    if not ids:
        return ok("set aside", "nothing")
    newest = ", ".join(str(one) for one in sorted(i or 0 for i in ids)[-5:])
    todo = "`rebook audit export` says why (action inbox_set_aside); compare those at the platform"
    return warn("set aside", f"{len(ids)} inbox rows nobody could read (newest: {newest})", todo)


def waiting(session: Session) -> Finding:
    count = session.exec(
        select(func.count()).where(
            col(Inbox.handled_at).is_(None), Inbox.received_at < clock.now() - MINUTE
        )
    ).one()
    if count == 0:
        return ok("inbox", "nothing waits longer than a minute")
    todo = "see the dispatcher's and the worker's logs" if house_is_up() else "`rebook up`"
    return warn("inbox", f"{count} rows wait longer than a minute", todo)


def without_deadline(session: Session) -> Finding:
    count = session.exec(
        select(func.count()).where(
            col(Case.state).in_(sorted(OPEN_STATES)), col(Case.next_action_at).is_(None)
        )
    ).one()
    if count:
        return fail("deadlines", f"{count} open cases have none", "report this: it must never be")
    return ok("deadlines", "every open case has one")


def unsealed(session: Session) -> Finding:
    late = session.exec(
        select(func.count()).where(col(Audit.seq).is_(None), Audit.at < clock.now() - MINUTE)
    ).one()
    if late == 0:
        return ok("audit", "every entry older than a minute is sealed")
    found = f"{late} entries older than a minute are not sealed"
    if house_is_up():
        return fail("audit", found, "the dispatcher seals them: see its log")
    return warn("audit", found, "`rebook up`: the dispatcher seals them")
