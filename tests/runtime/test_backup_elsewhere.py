"""Backups of a ledger on the operator's own server are made by that server's own release."""

from pathlib import Path

import psycopg
import pytest

from rebook.settings import settings
from runtime import postgres_tools
from runtime.postgres_tools import ToolFailed
from tests.runtime import desk
from tests.runtime.desk import rebook
from tests.runtime.test_other_postgres import PROGRAMS, named_server, server

__all__ = ["named_server", "server"]

pytestmark = pytest.mark.skipif(
    not PROGRAMS.exists(), reason="the distribution's PostgreSQL 15 is not installed"
)


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{PROGRAMS}:/usr/bin:/bin")


def test_a_ledger_on_postgresql_15_goes_out_and_comes_back(
    named_server: dict[str, str], programs: None, tmp_path: Path
) -> None:
    desk.plant_business()
    case_id = desk.plant_case()
    assert rebook("backup", str(tmp_path / "one")).code == 0
    rebook("case", "close", case_id, "--as", "declined", "--by", "kai")
    done = rebook("restore", str(tmp_path / "one"), "--replace")
    assert done.code == 0, done.err
    assert desk.case_now(case_id).state == "handed_over"


def test_without_programs_of_that_release_it_says_which_to_install(
    named_server: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolFailed, match="postgresql-client-15"):
        postgres_tools.program("pg_dump")
    said = rebook("backup", str(tmp_path / "one"))
    assert (said.code, "postgresql-client-15" in said.err) == (1, True)
    assert list(tmp_path.glob("one*")) == []


def test_no_password_stands_in_a_command_line(
    named_server: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that writes down how it was started stands in for `pg_dump`."""
    spy = tmp_path / "pg_dump"
    spy.write_text(
        '#!/bin/sh\n[ "$1" = --version ] && echo "pg_dump (PostgreSQL) 15.1" && exit\n'
        f'echo "$@" > {tmp_path}/line; echo "$PGPASSWORD" > {tmp_path}/environment\n'
    )
    spy.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    place = psycopg.conninfo.conninfo_to_dict(named_server["rebook"])
    with_password = f"postgresql://rebook:Xq7secret@/rebook?host={place['host']}"
    monkeypatch.setenv("REBOOK_DATABASE_URL", with_password)
    settings.cache_clear()
    postgres_tools.run("pg_dump", "--format=custom")
    assert "Xq7secret" not in (tmp_path / "line").read_text()
    assert (tmp_path / "environment").read_text() == "Xq7secret\n"
