"""PostgreSQL's own programs (`pg_dump`, `pg_restore`, `psql`) run against the ledger.

They learn where it is from their environment, so that no password stands in a command line.
"""

import re
import shutil
import subprocess
from pathlib import Path

import psycopg
from psycopg.pq import Conninfo

from rebook.db.session import ledger_url
from rebook.settings import settings
from runtime.postgres import binary, environment

OPTIONS = "-c lock_timeout=10s -c client_min_messages=error"


class ToolFailed(Exception):
    """A program of PostgreSQL did not do it, or is not there. Says what to do."""


def dsn() -> str:
    return ledger_url().set(drivername="postgresql").render_as_string(hide_password=False)


def run(name: str, *arguments: str) -> str:
    """What it printed. Raises `ToolFailed`."""
    done = subprocess.run(
        [str(program(name)), *arguments],
        env=environment() | _place() | {"PGOPTIONS": OPTIONS},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        first = next(iter(done.stderr.strip().splitlines()), f"code {done.returncode}")
        raise ToolFailed(f"{name} failed: {first}")
    return done.stdout


def _place() -> dict[str, str]:
    """The ledger's URL as the variables that PostgreSQL's programs read."""
    return {
        option.envvar.decode(): option.val.decode()
        for option in Conninfo.parse(dsn().encode())
        if option.val is not None and option.envvar
    }


def program(name: str) -> Path:
    """Of the server's own major release: a newer one writes what an older server cannot read."""
    if not settings().database_url:
        return binary(name)
    wanted = _server_release()
    on_path = shutil.which(name)
    for candidate in (Path(on_path) if on_path else None, binary(name)):
        if candidate and candidate.exists() and _release(candidate) == wanted:
            return candidate
    raise ToolFailed(
        f"the ledger's server is PostgreSQL {wanted}, and no {name} of that release was found:"
        f" install postgresql-client-{wanted} and put its programs first on PATH"
    )


def _server_release() -> int:
    with psycopg.connect(dsn()) as connection:
        return connection.info.server_version // 10000


def _release(path: Path) -> int:
    said = subprocess.run([str(path), "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"\) (\d+)", said.stdout)
    return int(found[1]) if found else 0
