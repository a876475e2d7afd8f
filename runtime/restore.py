"""Bringing a backup back: refused wherever something works or stands that it would spoil."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from sqlalchemy import inspect
from sqlmodel import select

from connectors import capabilities_of, connector_class
from connectors.contract import Capability
from rebook.db import migrate
from rebook.db.session import engine, ledger
from rebook.db.tables import Connection
from rebook.services import anchors, audit, restoring
from rebook.services.audit import Verdict
from rebook.services.restoring import Restored
from runtime import backup
from runtime.ledger_access import house_is_up
from runtime.postgres_tools import dsn


class Refused(Exception):
    """The backup was not brought back; nothing was changed. Says why and what to do."""


@dataclass(frozen=True)
class Outcome:
    restored: Restored
    chain: Verdict


def refuse_while_up() -> None:
    if house_is_up():
        raise Refused("Rebook is running here: stop it with `rebook down` first")


def restore(archive: Path, *, replace: bool, say: Callable[[str], None]) -> Outcome:
    """The ledger must be at hand. Raises `Refused`, `NotOurBackup`, `ToolFailed`."""
    made = backup.check(archive)
    with _nobody_works():
        _refuse_to_overwrite(replace=replace)
        say(f"bringing back the ledger of {made[:19]} UTC")
        engine().dispose()
        backup.load(archive)
        migrate.upgrade()
        chain = _check_chain(archive)
        return Outcome(_settle(), chain)


@contextmanager
def _nobody_works() -> Iterator[None]:
    """Holds the dispatcher's lock, so that none starts meanwhile on another machine."""
    from rebook.db.locks import Lock

    with psycopg.connect(dsn(), autocommit=True) as connection:
        row = connection.execute("SELECT pg_try_advisory_lock(%s)", [Lock.LEADER]).fetchone()
        if not (row and row[0]):
            raise Refused("a Rebook on another machine works with this ledger: stop it first")
        yield


def _refuse_to_overwrite(*, replace: bool) -> None:
    if replace or not inspect(engine()).has_table("cases"):
        return
    with ledger() as session:
        found = restoring.has_cases(session)
    if found:
        raise Refused(f"this ledger has {found} cases: say --replace to lose them for the backup's")


def _check_chain(archive: Path) -> Verdict:
    """The backup's chain against the heads kept outside; those of later entries are set aside."""
    with ledger() as session:
        last = audit.verify(session).sealed
        cut = anchors.set_aside_after(last, anchors.read(backup.anchors_beside(archive)))
        if cut:
            newest = max(cut)
            audit.record(session, "later_entries_lost", seq=newest, digest=cut[newest])
        return audit.verify(session, anchors.read())


def _settle() -> Restored:
    from tasks.unattended import NOBODY

    with ledger() as session:
        blind = [row.id for row in session.exec(select(Connection)).all() if cannot_prove(row)]
        return restoring.after_restore(session, cannot_prove=blind, nobody=NOBODY)


def cannot_prove(row: Connection) -> bool:
    """Can this account not be asked whether it sent a message?"""
    if Capability.EVIDENCE not in capabilities_of(row.slug):
        return True
    platform = connector_class(row.slug)
    switch = platform.bought.get(Capability.EVIDENCE)
    return switch is not None and row.settings.get(switch) != "true"
