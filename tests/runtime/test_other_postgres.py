"""A PostgreSQL server of the operator's own: the distribution's version 15 serves as well as ours."""

import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from sqlmodel import Session

from rebook import keyring as keys
from rebook.db import migrate, session
from rebook.db.session import ledger
from rebook.domain import clock
from rebook.domain.appointments import Appointment, Person, Slot, Status
from rebook.domain.policy import Policy, Topology
from rebook.services import audit, cases, configuration, intake, offers
from rebook.settings import settings
from runtime.launch import launcher
from runtime.postgres import environment, owner
from runtime.postgres_roles import ensure_roles_and_databases

PROGRAMS = Path("/usr/lib/postgresql/15/bin")

pytestmark = pytest.mark.skipif(
    not PROGRAMS.exists(), reason="the distribution's PostgreSQL 15 is not installed"
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The administrator's URL of a running PostgreSQL 15 on a socket of its own."""
    folder = tmp_path_factory.mktemp("fifteen")
    sockets = Path("/tmp") / f"rebook-15-{secrets.token_hex(4)}"
    sockets.mkdir(mode=0o700)
    user = "nobody" if os.geteuid() == 0 else None
    for place in (folder, sockets):
        os.chown(place, *owner(user))
    data = folder / "data"
    as_user = launcher(signal.SIGINT, user)
    making = ["-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8"]
    subprocess.run(
        [*as_user, str(PROGRAMS / "initdb"), *making],
        check=True,
        stdout=subprocess.DEVNULL,
        env=environment(),
    )
    command = [str(PROGRAMS / "postgres"), "-D", str(data), "-k", str(sockets), "-h", ""]
    running = subprocess.Popen([*as_user, *command], stderr=subprocess.DEVNULL, env=environment())
    url = f"postgresql://postgres@/postgres?host={sockets}"
    try:
        _wait_for(url, running)
        yield url
    finally:
        running.send_signal(signal.SIGINT)
        running.wait(30)
        shutil.rmtree(sockets, ignore_errors=True)


def _wait_for(url: str, running: "subprocess.Popen[bytes]") -> None:
    while running.poll() is None:
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError:
            continue
        return
    raise AssertionError("PostgreSQL 15 did not start")


@pytest.fixture
def named_server(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, str]]:
    """The process's settings name that server; the ledger is migrated there."""
    keyring = keys.create(tmp_path)
    ensure_roles_and_databases(server, keyring.passwords)
    ours = server.replace("postgres@/postgres", "rebook@/rebook")
    monkeypatch.setenv("REBOOK_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("REBOOK_DATABASE_URL", ours)
    for cached in (settings, keys.keyring, session.engine):
        cached.cache_clear()
    migrate.upgrade()
    yield {"admin": server, "rebook": ours}
    session.engine().dispose()
    for cached in (settings, keys.keyring, session.engine):
        cached.cache_clear()


def _lost(number: int) -> Appointment:
    start = clock.now().replace(microsecond=0) + timedelta(days=3)
    return Appointment(
        id=str(number),
        status=Status.BOOKED,
        starts_at=start,
        ends_at=start + timedelta(minutes=30),
        zone="Pacific/Honolulu",
        person=Person(given_name=f"Test{number}", phone=f"+1808555012{number}"),
        calendar="chair",
    )


def _case(db: Session, number: int) -> str:
    booked = _lost(number)
    intake.observe(db, "acuity", booked)
    _, case_id = intake.observe(db, "acuity", replace(booked, status=Status.CANCELLED))
    assert case_id is not None
    return case_id


def test_the_ledger_keeps_its_promises_on_postgresql_15(named_server: dict[str, str]) -> None:
    with ledger() as db:
        configuration.store(db, "policy", Policy())
        configuration.store(db, "topology", Topology(record="acuity"))
        first, second = _case(db, 1), _case(db, 2)
    start = clock.now() + timedelta(days=1)
    wanted = [Slot(start, start + timedelta(minutes=30), "chair")]
    with ledger() as db:
        assert offers.make(db, cases.load(db, first), wanted) is not None
    with ledger() as db:
        assert offers.make(db, cases.load(db, second), wanted) is None
    with ledger() as db:
        audit.seal(db)
    with ledger() as db:
        assert audit.verify(db).holds


def test_the_gateways_role_can_do_no_more_there_than_here(named_server: dict[str, str]) -> None:
    gateway = named_server["rebook"].replace("rebook@", "rebook_gateway@")
    with psycopg.connect(gateway, autocommit=True) as door:
        door.execute("SELECT id, slug FROM door")
        for forbidden in ("SELECT * FROM inbox", "SELECT * FROM person", "DELETE FROM client_page"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                door.execute(forbidden)
