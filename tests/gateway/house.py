"""A real gateway for the tests: its own process, its own database role, vendors' own signatures."""

import base64
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from sqlalchemy import create_engine
from sqlmodel import Session

from connectors.contract import WebhookRequest
from rebook.db.grants import GRANTS
from rebook.db.tables import Appointment, Case
from rebook.domain import clock
from rebook.domain.pageview import seal_view, token_hash
from rebook.keyring import Keyring
from tests.conftest import Cluster, Pointed
from tests.connectors.kits import KITS

PUBLIC_URL = "https://book.example.com"


@dataclass
class House:
    """`owner` sees the whole ledger; the gateway's process has a role that does not."""

    cluster: Cluster
    database: str
    log: Path
    public_url: str = PUBLIC_URL
    deadline: float = 10
    port: int = 0
    process: subprocess.Popen[bytes] | None = None
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def keyring(self) -> Keyring:
        return self.cluster.keyring

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def gateway_url(self) -> str:
        password = self.keyring.passwords["rebook_gateway"]
        return self.cluster.postgres.url(self.database, "rebook_gateway", password)

    def environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "REBOOK_GATEWAY_DATABASE_URL": self.gateway_url(),
            "REBOOK_SEAL_PUBLIC": self.keyring.seal_public,
            "REBOOK_DOOR_KEY": self.keyring.door_key,
            "REBOOK_PUBLIC_URL": self.public_url,
            "REBOOK_GATEWAY_PORT": str(self.port),
            "REBOOK_GATEWAY_DEADLINE_SECONDS": str(self.deadline),
            **self.extra,
        }

    def start(self, port: int = 0) -> None:
        self.port = port or free_port()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gateway"], env=self.environment(), stdout=log, stderr=log
            )
        until(self.alive)

    def alive(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text()
        try:
            return httpx.get(f"{self.address}/healthz").status_code == 200
        except httpx.TransportError:
            return False

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(20)

    def client(self, **options: Any) -> httpx.Client:
        return httpx.Client(base_url=self.address, timeout=30, **options)

    def owner(self) -> psycopg.Connection[dict[str, Any]]:
        return psycopg.connect(self.owner_url(), autocommit=True, row_factory=dict_row)

    def owner_url(self) -> str:
        password = self.keyring.passwords["rebook"]
        return self.cluster.postgres.url(self.database, "rebook", password)

    def rows(self, connection: str) -> list[dict[str, Any]]:
        with self.owner() as owner:
            query = "SELECT * FROM inbox WHERE connection = %s ORDER BY id"
            return owner.execute(query, [connection]).fetchall()

    def opened(self, row: dict[str, Any]) -> dict[str, Any]:
        """What a worker finds in a row."""
        whole: dict[str, Any] = json.loads(self.keyring.unseal(bytes(row["sealed"])))
        return {**whole, "body": base64.b64decode(whole["body"])}

    def connect(self, slug: str, *, texts: list[str] | None = None) -> str:
        """A connection of its own for a test, with the vendor's test secret."""
        name = f"{slug}-{secrets.token_hex(4)}"
        kept = {"secrets": [KITS[slug].secret.decode()] if texts is None else texts}
        with self.owner() as owner:
            owner.execute(
                "INSERT INTO connection (id, slug, base_url, settings, credentials, tokens,"
                " door_secrets, watch, paused) VALUES (%s, %s, '', '{}', '', '', %s, '{}', '')",
                [name, slug, self.keyring.door_encrypt(json.dumps(kept))],
            )
        return name

    def signed(self, connection: str, body: bytes, kind: str = "") -> WebhookRequest:
        """What the vendor would send to this connection's public address."""
        url = f"{self.public_url}/hooks/{connection}" + (f"/{kind}" if kind else "")
        return KITS[connection.rpartition("-")[0]].signed(body, url, kind)

    def send(self, request: WebhookRequest, **headers: str) -> httpx.Response:
        path = request.url.removeprefix(self.public_url)
        given = {**request.headers, **headers}
        with self.client() as client:
            return client.request(request.method, path, content=request.body, headers=given)

    def page(self, **changes: Any) -> str:
        """A client's page as a worker writes it; returns the link's token."""
        token = base64.b32encode(secrets.token_bytes(20)).decode().lower()
        self.put_page(token, **changes)
        return token

    def put_page(self, token: str, days: int = 30, /, **changes: Any) -> None:
        with self.owner() as owner:
            if not owner.execute("SELECT id FROM cases").fetchone():
                with Pointed(self.cluster, self.database):
                    plant_case(self.owner_url())
            owner.execute(
                "INSERT INTO client_page VALUES (%(hash)s, 'case_1', %(view)s, %(now)s, %(end)s)"
                " ON CONFLICT (token_hash) DO UPDATE SET view = excluded.view",
                {
                    "hash": token_hash(token),
                    "view": seal_view(token, VIEW | changes),
                    "now": clock.now(),
                    "end": clock.now() + timedelta(days=days),
                },
            )


VIEW: dict[str, Any] = {
    "state": "choose",
    "first_name": "Leilani",
    "business": "Windward Dental",
    "business_phone": "+1 808 555 0100",
    "service": "Dental cleaning",
    "place": "45-1048 Example Road",
    "zone": "Pacific/Honolulu",
    "offer": 2,
    "slots": [
        {
            "code": 1,
            "shown": "Tue 24 Nov, 2:00 pm",
            "day": "Tuesday 24 November",
            "time": "2:00 pm",
        },
        {
            "code": 2,
            "shown": "Tue 24 Nov, 4:30 pm",
            "day": "Tuesday 24 November",
            "time": "4:30 pm",
        },
        {
            "code": 3,
            "shown": "Wed 25 Nov, 9:00 am",
            "day": "Wednesday 25 November",
            "time": "9:00 am",
        },
    ],
    "booked": {},
    "note": "",
}
SOON = clock.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=1)


def at(hours: int) -> dict[str, str]:
    """An hour's visit so many hours after tomorrow's, as a worker writes it."""
    start = SOON + timedelta(hours=hours)
    return {
        "starts_at": start.isoformat(),
        "ends_at": (start + timedelta(hours=1)).isoformat(),
    }


FREE: list[list[Any]] = [
    [at(24 * day + hours)["starts_at"], 60, "chair-1", "key"]
    for day in range(10)
    for hours in (1, 3)
]
"""Two a day for ten days: two or three weeks of the calendar."""
CALENDAR = {"uid": "visit-1@rebook", "sequence": 1, "stamp": SOON.isoformat()}
VISIT: dict[str, Any] = {"state": "visit", "slots": [], "booked": at(0), "calendar": CALENDAR}
BOOKED: dict[str, Any] = {
    "state": "booked",
    "booked": {
        "shown": "Tue 24 Nov, 4:30 pm",
        "day": "Tuesday 24 November",
        "time": "4:30 pm",
    },
}


def plant_case(url: str) -> None:
    """The least a page hangs on; the gateway cannot see it."""
    at = clock.now()
    lost = Appointment(
        id="apt_1", connection="acuity", external_id="1", group_id="grp_1", status="cancelled",
        starts_at=at, ends_at=at, zone="UTC", seen_at=at,
    )  # fmt: skip
    case = Case(
        id="case_1", appointment_id="apt_1", group_id="grp_1", state="offered", cause="client",
        policy_version=1, opened_at=at, grace_until=at, next_action_at=at,
    )  # fmt: skip
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:", 1))
    with Session(engine) as session:
        session.add(lost)
        session.flush()
        session.add(case)
        session.commit()
    engine.dispose()


def new_house(cluster: Cluster, template: str, folder: Path, **options: Any) -> House:
    name = f"test_{secrets.token_hex(6)}"
    with psycopg.connect(cluster.postgres.admin_url(), autocommit=True) as admin:
        copy = sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER rebook")
        admin.execute(copy.format(sql.Identifier(name), sql.Identifier(template)))
        admin.execute(
            sql.SQL("GRANT CONNECT ON DATABASE {} TO rebook_gateway").format(sql.Identifier(name))
        )
    house = House(cluster, name, folder / "gateway.log", **options)
    grant(house)
    return house


def grant(house: House) -> None:
    with house.owner() as owner:
        for statement in GRANTS:
            owner.execute(statement.encode())


def drop(house: House) -> None:
    house.stop()
    with psycopg.connect(house.cluster.postgres.admin_url(), autocommit=True) as admin:
        name = sql.Identifier(house.database)
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(condition: Any, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def tampered(request: WebhookRequest, **changes: Any) -> WebhookRequest:
    return replace(request, **changes)


def with_header(request: WebhookRequest, name: str, value: str) -> WebhookRequest:
    return replace(request, headers={**request.headers, name: value})
