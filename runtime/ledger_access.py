"""The ledger for one command: the running house's, the server named, or ours started for the while.

Only PostgreSQL is started here; nothing is sent and nothing is woken.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rebook.db.session import SOCKET_FILE, LedgerMissing, engine
from rebook.keyring import keyring
from rebook.settings import settings
from runtime.folder_lock import is_locked
from runtime.postgres import Postgres
from runtime.postgres_roles import ensure_roles_and_databases
from runtime.processes import CLOCK_FILE
from runtime.state import LOCK, State, read_state


def data_folder() -> Path:
    return settings().data_dir.resolve()


def house_is_up() -> bool:
    """Does a supervisor run in this data folder? Also while it is still starting."""
    return is_locked(data_folder() / LOCK)


def house_state() -> State | None:
    """What the running house says of itself; nothing where none runs."""
    return read_state(data_folder()) if house_is_up() else None


def follow_house() -> None:
    """Work by the running house's public address and, with a sandbox, by its clock."""
    state = house_state()
    if state is None:
        return
    os.environ.setdefault("REBOOK_PUBLIC_URL", state.addresses["gateway"])
    if "sandbox" in state.addresses:
        os.environ.setdefault("REBOOK_CLOCK_FILE", str(data_folder() / CLOCK_FILE))
    settings.cache_clear()


@contextmanager
def ledger_at_hand(*, make: bool = False) -> Iterator[None]:
    """Raises `LedgerMissing`. `make` a cluster where there is none (to restore into)."""
    follow_house()
    if settings().database_url or house_is_up():
        yield
        return
    folder = data_folder() / "postgres"
    if not make and not (folder / "data").exists():
        raise LedgerMissing(
            f"there is no ledger in {data_folder()}: run `rebook up` once, set REBOOK_DATA_DIR to"
            " your data folder, or name a server in REBOOK_DATABASE_URL"
        )
    with _own_postgres(Postgres(folder), data_folder() / SOCKET_FILE):
        yield


@contextmanager
def _own_postgres(postgres: Postgres, note: Path) -> Iterator[None]:
    postgres.start()
    try:
        ensure_roles_and_databases(postgres.admin_url(), keyring().passwords)
        note.write_text(str(postgres.socket_dir()))
        engine.cache_clear()
        yield
        engine().dispose()
    finally:
        note.unlink(missing_ok=True)
        postgres.stop()
