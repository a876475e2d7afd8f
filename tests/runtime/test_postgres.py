"""The embedded PostgreSQL, on real clusters in real folders."""

import os
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from runtime.folder_lock import AlreadyRunning
from runtime.launch import launcher
from runtime.postgres import Postgres, PostgresFailed, binary, owner
from tests.runtime.waiting import is_running, until

ROOT = Path(__file__).resolve().parents[2]
OWN = [sys.executable, "-m", "tests.runtime.own_postgres"]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    made = Postgres(tmp_path_factory.mktemp("cluster") / "postgres")
    yield made
    made.stop()


@pytest.fixture
def postgres(shared: Postgres) -> Postgres:
    """Running, whatever the test before did to it, and empty."""
    if not shared.alive():
        shared.start()
    with psycopg.connect(shared.admin_url()) as connection:
        connection.execute("DROP TABLE IF EXISTS note")
    return shared


def postmaster(postgres: Postgres) -> int:
    return int((postgres.data / "postmaster.pid").read_text().split("\n")[0])


def note(postgres: Postgres, text: str) -> None:
    with psycopg.connect(postgres.admin_url()) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS note (text text UNIQUE)")
        connection.execute("INSERT INTO note VALUES (%s)", [text])


def notes(postgres: Postgres) -> list[str]:
    with psycopg.connect(postgres.admin_url()) as connection:
        return [row[0] for row in connection.execute("SELECT text FROM note")]


def setting(postgres: Postgres, name: str) -> str:
    with psycopg.connect(postgres.admin_url()) as connection:
        row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
    assert row is not None
    return str(row[0])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("listen_addresses", ""),
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("full_page_writes", "on"),
        ("data_checksums", "on"),
        ("max_connections", "100"),
    ],
)
def test_it_listens_on_no_network_and_keeps_what_it_committed(
    postgres: Postgres, name: str, value: str
) -> None:
    assert setting(postgres, name) == value


def test_a_wrong_password_is_refused(postgres: Postgres) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(postgres.url("postgres", "postgres", "guess"))


def test_a_missing_password_is_refused(postgres: Postgres) -> None:
    with pytest.raises(psycopg.OperationalError, match="no password supplied"):
        psycopg.connect(host=str(postgres.socket_dir()), user="postgres", dbname="postgres")


def test_data_survives_a_restart(postgres: Postgres) -> None:
    note(postgres, "kept")
    postgres.stop()
    assert not postgres.alive()
    postgres.start()
    assert notes(postgres) == ["kept"]


def test_stop_leaves_no_process(postgres: Postgres) -> None:
    server = postmaster(postgres)
    postgres.stop()
    assert not is_running(server)


def test_a_second_start_on_the_same_folder_is_refused_and_says_who_owns_it(
    postgres: Postgres,
) -> None:
    with pytest.raises(AlreadyRunning, match=f"pid {os.getpid()}.*rebook down.*REBOOK_DATA_DIR"):
        Postgres(postgres.folder).start()
    note(postgres, "the first one still answers")


def test_it_starts_again_after_its_postmaster_was_killed_and_nobody_reaped_it(
    postgres: Postgres,
) -> None:
    note(postgres, "kept")
    killed = postmaster(postgres)
    os.kill(killed, signal.SIGKILL)
    postgres.start()
    assert postmaster(postgres) != killed
    assert notes(postgres) == ["kept"]


def test_a_lock_file_that_names_a_living_stranger_does_not_stop_it(postgres: Postgres) -> None:
    postgres.stop()
    stranger = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        claim = f"{stranger.pid}\n{postgres.data}\n0\n5432\n{postgres.socket_dir()}\n\n"
        (postgres.data / "postmaster.pid").write_text(claim)
        (postgres.socket_dir() / ".s.PGSQL.5432.lock").write_text(claim)
        postgres.start()
        note(postgres, "it answers")
        assert stranger.poll() is None
    finally:
        stranger.communicate()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_server_whose_owner_was_killed_ends_and_its_folder_can_be_taken_over(
    tmp_path: Path, number: signal.Signals
) -> None:
    """Stopped first, the server cannot hear that its owner died: the next one ends it."""
    folder = tmp_path / "postgres"
    with subprocess.Popen(
        [*OWN, str(folder)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout is not None
        server = int(owner.stdout.readline())
        if number is signal.SIGSTOP:
            os.kill(server, number)
        owner.kill()
    if number is signal.SIGKILL:
        until(lambda: not is_running(server), "the server to follow its owner")
    heir = Postgres(folder)
    heir.start()
    assert notes(heir) == ["kept"]
    assert not is_running(server)
    heir.stop()


def test_a_cluster_that_was_left_half_made_is_made_anew(tmp_path: Path) -> None:
    half = tmp_path / "postgres" / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    made = Postgres(tmp_path / "postgres")
    made.start()
    note(made, "it answers")
    made.stop()
    assert not half.exists()


def test_a_folder_too_deep_for_a_socket_gets_a_short_private_one_until_it_stops(
    tmp_path: Path,
) -> None:
    deep = Postgres(tmp_path / ("deep" * 25) / "postgres")
    deep.start()
    short = deep.socket_dir()
    note(deep, "it answers")
    assert short.parent == Path(tempfile.gettempdir())
    assert stat.S_IMODE(short.stat().st_mode) == 0o700
    deep.stop()
    assert not short.exists()


def test_a_damaged_cluster_is_reported_with_its_log_and_given_up(tmp_path: Path) -> None:
    damaged = Postgres(tmp_path / "postgres")
    damaged.data.mkdir(parents=True)
    with pytest.raises(PostgresFailed, match=str(damaged.log)):
        damaged.start()
    assert not damaged.alive()
    Postgres(damaged.folder).clear_leftovers()


def test_nothing_anybody_stored_is_written_to_its_log(postgres: Postgres) -> None:
    note(postgres, "canary-4711")
    with pytest.raises(psycopg.errors.UniqueViolation):
        note(postgres, "canary-4711")
    with (
        psycopg.connect(postgres.admin_url()) as connection,
        pytest.raises(psycopg.errors.InvalidTextRepresentation),
    ):
        connection.execute("SELECT text::int FROM note")
    assert "starting PostgreSQL" in postgres.log.read_text()
    assert "canary-4711" not in postgres.log.read_text()


def test_its_files_are_closed_to_others(postgres: Postgres) -> None:
    closed = [postgres.folder, postgres.data, postgres.folder / "admin.password", postgres.log]
    assert [path.name for path in closed if path.stat().st_mode & 0o077] == []


def test_it_never_runs_as_root(postgres: Postgres) -> None:
    status = Path(f"/proc/{postmaster(postgres)}/status").read_text()
    assert status.split("Uid:")[1].split()[0] != "0"


def test_a_plain_user_can_run_it(tmp_path: Path) -> None:
    """As root the test becomes `nobody`; a plain user tries it as himself."""
    user = "nobody" if os.geteuid() == 0 else None
    folder = tmp_path / "plain"
    folder.mkdir()
    if user:
        os.chown(folder, *owner(user))
    ran = subprocess.run(
        [*launcher(signal.SIGKILL, user), *OWN, str(folder / "postgres"), "once"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    assert (folder / "postgres" / "data").stat().st_uid == folder.stat().st_uid


def test_the_tools_of_the_same_release_are_there(postgres: Postgres) -> None:
    dump = [str(binary("pg_dump")), postgres.admin_url()]
    note(postgres, "dumped")
    assert "dumped" in subprocess.run(dump, capture_output=True, text=True, check=True).stdout
