"""Subscriptions at the platforms: made, renewed before they lapse, missed when they fall silent."""

import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import datetime, timedelta

from prefect.logging import get_run_logger
from sqlmodel import select

from connectors import capabilities_of
from connectors.contract import Capability, Watch
from connectors.errors import ConnectorError
from rebook.db.session import ledger
from rebook.db.tables import Connection
from rebook.domain import clock
from rebook.services import audit, door_secrets
from rebook.settings import settings
from tasks.accounts import connector_of
from tasks.retry import VENDOR_READ
from tasks.step import StepFault, step

TOO_SILENT = timedelta(days=2)


def connections_to_watch() -> list[str]:
    """Those whose platform lets us subscribe."""
    with ledger() as session:
        rows = session.exec(select(Connection).where(Connection.paused == "")).all()
    return [row.id for row in rows if Capability.WATCH in capabilities_of(row.slug)]


def renew_all(watched: Iterable[str]) -> None:
    """One platform's fault is its own step's: the others are renewed all the same."""
    for connection in watched:
        with suppress(ConnectorError, StepFault):
            renew(connection)


@step("renew the watch on {connection}", **VENDOR_READ)
def renew(connection: str) -> None:
    """Make sure the platform calls us; the new subscription is stored before the old one lapses."""
    subscribe(connection)


def subscribe(connection: str) -> Watch:
    """Subscribe, or renew; what the platform signs with is kept for the door."""
    with ledger() as session:
        row = session.get_one(Connection, connection)
        current = _stored(row)
        secret = door_secrets.ours(row) or door_secrets.make_up(session, row)
    callback = f"{settings().public_url.rstrip('/')}/hooks/{connection}"
    watch = connector_of(connection).watch(callback, secret, current)
    with ledger() as session:
        row = session.get_one(Connection, connection)
        row.watch = json.loads(json.dumps(asdict(replace(watch, secret="")), default=str))
        door_secrets.learn(session, row, watch.secret)
        session.add(row)
        audit.record(session, "watch_renewed", connection=connection, until=str(watch.expires_at))
    return watch


def _stored(row: Connection) -> Watch | None:
    if not row.watch.get("id"):
        return None
    expires = row.watch.get("expires_at")
    return Watch(
        id=row.watch["id"],
        resource=row.watch.get("resource", ""),
        expires_at=datetime.fromisoformat(expires) if expires else None,
    )


@step("report silent sources")
def report_silence() -> list[str]:
    """Connections nothing was heard from for two days."""
    with ledger() as session:
        rows = session.exec(select(Connection).where(Connection.paused == "")).all()
        silent = [
            row.id for row in rows if row.heard_at and row.heard_at < clock.now() - TOO_SILENT
        ]
        for connection in silent:
            audit.record(session, "silent_source", connection=connection)
    for connection in silent:
        get_run_logger().error("nothing was heard from %s for two days", connection)
    return silent
