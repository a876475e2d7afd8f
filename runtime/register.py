"""Makes Prefect know us: work pool, block types and documents, deployments, schedules, our marker.

Run at each start; with an empty Prefect database it brings everything back.
"""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import DeploymentScheduleCreate, VariableCreate, WorkPoolCreate
from prefect.client.schemas.schedules import IntervalSchedule
from prefect.exceptions import ObjectAlreadyExists
from prefect.types import SecretDict
from sqlmodel import select

from blocks import ledger_copy
from blocks.connection import Connection
from blocks.policy import ReschedulePolicy
from blocks.templates import Templates
from blocks.topology import Topology
from connectors import capabilities_of
from connectors.contract import Capability
from rebook.db.session import ledger
from rebook.db.tables import Connection as Row
from rebook.services import connections, installation
from rebook.settings import settings
from tasks.names import CATCH_UP_FLOW, CATCH_UP_RUN, MARKER

ROOT = Path(__file__).resolve().parent.parent
POOL = "rebook"
TOKENS = ("access_token", "refresh_token")


def main() -> None:
    with get_client(sync_client=True) as client:
        make_pool(client)
        deploying = deploy()
        ledger_copy.register()
        save_blocks()
        ledger_copy.copy(ledger_copy.read(client))
        wait_for(deploying)
        schedule_polls(client)
        mark(client)


def make_pool(client: SyncPrefectClient) -> None:
    """Registered once; an operator's changes to it stay."""
    try:
        client.create_work_pool(WorkPoolCreate(name=POOL, type="process"))
    except ObjectAlreadyExists:
        return


def deploy() -> "subprocess.Popen[str]":
    """Begin `prefect deploy --all`, which reads prefect.yaml; blocks are saved meanwhile."""
    return subprocess.Popen(
        [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def wait_for(deploying: "subprocess.Popen[str]") -> None:
    said, _ = deploying.communicate()
    if deploying.returncode != 0:
        sys.exit(f"the deployments could not be registered:\n{said}")


def save_blocks() -> None:
    """What the sandbox needs, or what is missing: an operator's blocks are never overwritten."""
    sandbox = os.environ.get("REBOOK_SANDBOX_URL")
    if sandbox:
        save_sandbox(sandbox)
    restore_connections()
    for block in (ReschedulePolicy(), Templates()):
        ledger_copy.save(block)


def save_sandbox(base_url: str) -> None:
    """The sandbox's accounts, wired together, and a policy that does not make anyone wait."""
    entries = httpx.get(f"{base_url}/_control/connections", timeout=10).json()
    found = {entry["connection"]: entry for entry in entries}
    for name, entry in found.items():
        ledger_copy.save(_connection(entry), name, overwrite=True)
    ledger_copy.save(
        Topology(
            record="acuity",
            mirrors=["google"],
            shows_offers=["google"],
            sms="twilio",
            email="sendgrid",
            staff="slack",
            staff_channel=found["slack"]["settings"].get("channel", ""),
            business_name=found["sendgrid"]["settings"]["from_name"],
            default_zone=found["acuity"]["settings"]["zone"],
            business_phone=found["twilio"]["settings"].get("from", ""),
        )
    )
    ledger_copy.save(ReschedulePolicy(grace_minutes=0.05))


def _connection(entry: dict[str, Any]) -> Connection:
    credentials = _texts(entry["credentials"])
    return Connection(
        platform=str(entry["slug"]),
        base_url=str(entry["base_url"]),
        settings=_texts(entry["settings"]),
        credentials=_secret(credentials),
        webhook_secrets=_secret({f"key{n}": s for n, s in enumerate(entry["webhook_secrets"])}),
        tokens=_secret({name: credentials[name] for name in TOKENS if name in credentials}),
    )


def _texts(found: dict[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in found.items()}


def _secret(values: dict[str, str]) -> SecretDict:
    return SecretDict(dict(values))


def restore_connections() -> None:
    """Prefect's database was lost: the blocks come back from the ledger's copies."""
    with ledger() as session:
        for row in session.exec(select(Row)).all():
            account = connections.load(session, row.id)
            block = Connection(
                platform=account.slug,
                base_url=account.base_url,
                settings=account.settings,
                credentials=_secret(account.credentials),
                webhook_secrets=_secret(connections.door_secrets(row)),
            )
            ledger_copy.save(block, row.id)


def schedule_polls(client: SyncPrefectClient) -> None:
    """One schedule of `catch_up` for each connection that can be polled; the first run at once."""
    with ledger() as session:
        rows = session.exec(select(Row)).all()
        wanted = [r.id for r in rows if Capability.POLL in capabilities_of(r.slug)]
        never_read = [r for r in wanted if connections.cursor(session, r) is None]
    deployment = client.read_deployment_by_name(CATCH_UP_FLOW)
    have = {schedule.slug for schedule in deployment.schedules}
    for connection in wanted:
        if connection not in have:
            client.create_deployment_schedules(deployment.id, [_every(connection)])
    for connection in never_read:
        client.create_flow_run_from_deployment(
            deployment.id,
            name=CATCH_UP_RUN.format(connection=connection),
            parameters={"connection": connection},
            tags=[f"connection:{connection}"],
        )


def _every(connection: str) -> DeploymentScheduleCreate:
    return DeploymentScheduleCreate(
        schedule=IntervalSchedule(interval=timedelta(seconds=settings().poll_seconds)),
        parameters={"connection": connection},
        slug=connection,
        active=True,
    )


def mark(client: SyncPrefectClient) -> None:
    """A Prefect database without our marker is one we have not registered with."""
    with ledger() as session:
        ours = installation.installation_id(session)
    known = client.read_variable_by_name(MARKER)
    if known is not None and known.value == ours:
        return
    if known is not None:
        client.delete_variable_by_name(MARKER)
    client.create_variable(VariableCreate(name=MARKER, value=ours))


if __name__ == "__main__":
    main()
