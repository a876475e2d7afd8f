"""What the tests share: one PostgreSQL a session, a fresh ledger in it for each test that asks."""

import os
import secrets
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings as property_tests

from rebook import keyring as keys
from rebook.db import migrate, session
from rebook.settings import settings
from runtime.postgres import Postgres
from runtime.postgres_roles import ensure_roles_and_databases

property_tests.register_profile("ours", deadline=None)
property_tests.load_profile("ours")
"""A rule holds or does not; how long one example took says how busy the machine was."""

FORBIDDEN = "skipped although this run forbids skips"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where REBOOK_FORBID_SKIPS is set a skip is a failure: the machine should have had it all."""
    report = yield
    if report.skipped and os.environ.get("REBOOK_FORBID_SKIPS") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{FORBIDDEN}: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if report.skipped and os.environ.get("REBOOK_FORBID_SKIPS"):
        report.outcome = "failed"
        report.longrepr = f"{FORBIDDEN}: {report.longrepr}"
    return report


@dataclass(frozen=True)
class Cluster:
    postgres: Postgres
    keyring: keys.Keyring
    folder: Path


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """One embedded PostgreSQL with the house's roles."""
    folder = tmp_path_factory.mktemp("cluster")
    postgres = Postgres(folder / "postgres")
    keyring = keys.create(folder)
    postgres.start()
    try:
        ensure_roles_and_databases(postgres.admin_url(), keyring.passwords)
        yield Cluster(postgres, keyring, folder)
    finally:
        postgres.stop()


@pytest.fixture(scope="session")
def migrated(cluster: Cluster) -> str:
    """The name of a migrated database, the template of every test's own."""
    with Pointed(cluster, "rebook"):
        migrate.upgrade()
        session.engine().dispose()
    return "rebook"


@pytest.fixture
def ledger_db(cluster: Cluster, migrated: str) -> Iterator[str]:
    """A fresh ledger of this test's own; the process's settings point at it. Yields its URL."""
    name = f"test_{secrets.token_hex(6)}"
    with psycopg.connect(cluster.postgres.admin_url(), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {migrated} OWNER rebook")
        admin.execute(f"GRANT CONNECT ON DATABASE {name} TO rebook_gateway, rebook_office")
    with Pointed(cluster, name) as url:
        yield url
        session.engine().dispose()
    with psycopg.connect(cluster.postgres.admin_url(), autocommit=True) as admin:
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


class Pointed:
    """The settings of this process, pointed at one database for a while."""

    def __init__(self, cluster: Cluster, database: str) -> None:
        self._url = cluster.postgres.url(database, "rebook", cluster.keyring.passwords["rebook"])
        self._values = {"REBOOK_DATA_DIR": str(cluster.folder), "REBOOK_DATABASE_URL": self._url}
        self._before: dict[str, str | None] = {}

    def __enter__(self) -> str:
        self._before = {name: os.environ.get(name) for name in self._values}
        os.environ.update(self._values)
        _forget()
        return self._url

    def __exit__(self, *_: object) -> None:
        for name, value in self._before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})
        _forget()


def _forget() -> None:
    settings.cache_clear()
    keys.keyring.cache_clear()
    session.engine.cache_clear()
