"""A house for the bench with its sandbox, and the questions the bench asks it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg
from sqlalchemy import text

from rebook.db.session import ledger
from runtime.postgres import Postgres
from tests.bench import cpu
from tests.flows import topology
from tests.flows.conftest import pointed_at
from tests.flows.house import House, until

NOT_OURS = "sandbox"
"""Emulates the vendors; its time is not the engine's."""


@dataclass
class Ground:
    house: House
    clients: list[dict[str, Any]]

    def take(self, count: int) -> list[dict[str, Any]]:
        """Appointments nobody has used yet."""
        taken, self.clients = self.clients[:count], self.clients[count:]
        assert len(taken) == count, "the town is too small"
        return taken

    def roots(self) -> dict[str, int]:
        children = {n: c["pid"] for n, c in self.house.state["children"].items() if c.get("pid")}
        return {**children, "supervisor": self.house.state["pid"]}

    def cpu(self) -> dict[str, float]:
        return {n: s for n, s in cpu.seconds(self.roots()).items() if n != NOT_OURS}

    def memory(self) -> float:
        return cpu.memory_mib({n: p for n, p in self.roots().items() if n != NOT_OURS})

    def database_kib(self) -> int:
        """Both databases, their write-ahead log left out."""
        url = Postgres(self.house.folder / "postgres").admin_url("postgres")
        with psycopg.connect(url) as connection:
            row = connection.execute(
                "SELECT sum(pg_database_size(oid)) FROM pg_database"
            ).fetchone()
        return int(row[0]) // 1024 if row else 0

    def control(self, path: str, body: dict[str, Any]) -> None:
        self.house.control(path, body)

    def bad_runs(self) -> int:
        return len(self.house.runs(state={"type": {"any_": ["FAILED", "CRASHED"]}}))


def one(query: str, **values: Any) -> Any:
    with ledger() as session:
        return session.connection().execute(text(query), values).scalar()


def offered(appointments: Sequence[dict[str, Any]]) -> int:
    """How many of these have had their invitation."""
    return int(
        one(
            "SELECT count(*) FROM intent i JOIN cases c ON c.id = i.case_id"
            " JOIN appointment a ON a.id = c.appointment_id"
            " WHERE i.step = 'outreach-1' AND i.state = 'done' AND a.external_id = ANY(:ids)",
            ids=[str(a["id"]) for a in appointments],
        )
    )


def waiting(appointments: Sequence[dict[str, Any]]) -> int:
    """How many of these have suspended to wait for their client."""
    return int(
        one(
            "SELECT count(*) FROM cases c JOIN appointment a ON a.id = c.appointment_id"
            " WHERE c.state = 'offered' AND a.external_id = ANY(:ids)"
            " AND EXISTS (SELECT FROM wait w WHERE w.case_id = c.id AND w.closed_at IS NULL)",
            ids=[str(a["id"]) for a in appointments],
        )
    )


def rebooked(appointments: Sequence[dict[str, Any]], *, settled: bool = True) -> int:
    """How many are booked again; `settled`: and everybody was told."""
    over = " AND c.next_action_at IS NULL" if settled else ""
    return int(
        one(
            "SELECT count(*) FROM cases c JOIN appointment a ON a.id = c.appointment_id"
            f" WHERE c.state = 'rebooked'{over} AND a.external_id = ANY(:ids)",
            ids=[str(a["id"]) for a in appointments],
        )
    )


@contextmanager
def ground(folder: Path, clients: int) -> Iterator[Ground]:
    """Without offered times in Google's calendars: the plain flow beside it does not show them either."""
    extra = {
        "REBOOK_SANDBOX_CLIENTS": str(clients),
        "REBOOK_SANDBOX_LIMITS": "false",
        "REBOOK_LEASE_SECONDS": "60",
        "REBOOK_EVIDENCE_SECONDS": "120",
        "REBOOK_BLOCK_SYNC_SECONDS": "15",
    }
    house = House(folder, extra)
    house.start()
    try:
        for pointed in pointed_at(house):
            until("the appointments were read", pointed._was_read, 600)
            topology.change(pointed, shows_offers=[])
            found = pointed.platform("acuity")["appointments"]
            yield Ground(pointed, sorted(found, key=lambda a: int(a["id"])))
    finally:
        house.stop()


def at_once(client: httpx.Client, calls: Sequence[tuple[str, dict[str, Any]]]) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def send(call: tuple[str, dict[str, Any]]) -> None:
        client.post(f"/_control/{call[0]}", json=call[1]).raise_for_status()

    with ThreadPoolExecutor(16) as hands:
        list(hands.map(send, calls))
