"""The ledger goes into one file and comes back, and what was under way is not done twice."""

import os
import stat
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlmodel import select

from rebook import keyring as keys
from rebook.db import session as db
from rebook.db.session import ledger
from rebook.db.tables import Case, Intent, Mark
from rebook.services import anchors, audit, restoring
from rebook.settings import settings
from runtime.folder_lock import FolderLock
from runtime.state import LOCK
from tests.conftest import Cluster
from tests.runtime import desk
from tests.runtime.desk import rebook


@pytest.fixture
def case_id(ledger_db: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An offered case, in a data folder of the test's own that has the cluster's keys."""
    own = Path(os.environ["REBOOK_DATA_DIR"]) / keys.FILE
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / keys.FILE).write_bytes(own.read_bytes())
    monkeypatch.setenv("REBOOK_DATA_DIR", str(folder))
    settings.cache_clear()
    desk.plant_business()
    planted = desk.plant_case()
    desk.offer(planted)
    seal()
    return planted


@pytest.fixture
def archive(case_id: str, tmp_path: Path) -> Path:
    path = tmp_path / "ledger.backup"
    done = rebook("backup", str(path))
    assert done.code == 0, done.err
    return path


def seal() -> None:
    with ledger() as session:
        head = audit.seal(session)
    if head:
        anchors.append(*head)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_backup_is_for_our_eyes_only_and_says_where_the_keys_are(
    case_id: str, tmp_path: Path
) -> None:
    path = tmp_path / "one"
    said = rebook("backup", str(path))
    assert (said.code, mode(path)) == (0, 0o600)
    assert "keys are not in it" in said.err
    assert str(settings().data_dir / keys.FILE) in said.err.replace("\n", "")
    assert not (tmp_path / "one.keys").exists()


def test_a_backup_holds_no_key_and_no_name_in_clear(archive: Path, tmp_path: Path) -> None:
    ring = keys.load(settings().data_dir)
    whole = archive.read_bytes()
    for secret in (*ring.data_keys, ring.index_key, ring.seal_private, ring.door_key):
        assert secret.encode() not in whole
    for word in ("Leilani", desk.PHONE, desk.MAIL):
        assert word.encode() not in whole


def test_keys_lie_beside_a_backup_only_on_demand(case_id: str, tmp_path: Path) -> None:
    rebook("backup", str(tmp_path / "one"), "--with-keys")
    beside = tmp_path / "one.keys"
    assert beside.read_bytes() == (settings().data_dir / keys.FILE).read_bytes()
    assert mode(beside) == 0o600


def test_a_backup_over_an_open_file_closes_it_to_others(case_id: str, tmp_path: Path) -> None:
    path = tmp_path / "one"
    path.write_text("old")
    path.chmod(0o644)
    rebook("backup", str(path))
    assert mode(path) == 0o600


def test_a_backup_into_no_folder_is_a_plain_error(case_id: str, tmp_path: Path) -> None:
    said = rebook("backup", str(tmp_path / "no" / "where"))
    assert (said.code, "no folder" in said.err) == (1, True)


def test_a_ledger_with_cases_is_not_overwritten_unasked(archive: Path, case_id: str) -> None:
    said = rebook("restore", str(archive))
    assert (said.code, "--replace" in said.err) == (1, True)
    assert desk.case_now(case_id).run_id == desk.RUN


def test_a_ledger_comes_back_as_it_was_and_doubts_what_was_under_way(
    archive: Path, case_id: str
) -> None:
    desk.plant_case(2, phone="+18085550143", email="kai@example.com")
    said = rebook("restore", str(archive), "--replace")
    assert said.code == 0, said.err
    with ledger() as session:
        assert session.exec(select(Case.id)).all() == [case_id]
        assert {one.state for one in session.exec(select(Intent))} == {"unknown"}
        assert session.get(Mark, restoring.RESTORED) is not None
    assert rebook("case", "show", case_id).code == 0


def test_the_gateways_role_may_still_bring_what_comes_in(
    archive: Path, cluster: Cluster, ledger_db: str
) -> None:
    assert rebook("restore", str(archive), "--replace").code == 0
    name = psycopg.conninfo.conninfo_to_dict(ledger_db)["dbname"]
    password = cluster.keyring.passwords["rebook_gateway"]
    url = cluster.postgres.url(str(name), "rebook_gateway", password)
    with psycopg.connect(url) as gateway:
        row = gateway.execute("SELECT count(*) FROM door").fetchone()
        assert row == (4,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            gateway.execute("SELECT * FROM person")


def test_the_chain_holds_after_a_restore_and_the_lost_end_is_on_record(archive: Path) -> None:
    with ledger() as session:
        audit.record(session, "made_after_the_backup")
    seal()
    lost = max(anchors.read())
    assert rebook("restore", str(archive), "--replace").code == 0
    seal()
    said = rebook("audit", "verify", "--json")
    assert (said.code, said.value["holds"]) == (0, True)
    with ledger() as session:
        entries = [
            entry for entry in audit.entries(session) if entry.action == "later_entries_lost"
        ]
    assert [entry.detail["seq"] for entry in entries] == [lost]
    assert list(settings().data_dir.glob("audit.anchors.before-*")) != []


def test_a_backup_that_was_tampered_with_is_noticed(archive: Path, tmp_path: Path) -> None:
    """Somebody edits an entry, backs up, and brings that back."""
    with ledger() as session:
        session.connection().execute(text("UPDATE audit SET actor = 'other' WHERE seq = 2"))
    rebook("backup", str(tmp_path / "two"))
    said = rebook("restore", str(tmp_path / "two"), "--replace")
    assert (said.code, "entry 2" in said.err) == (1, True)


def test_tables_of_a_newer_release_do_not_stay_behind(archive: Path) -> None:
    with ledger() as session:
        session.connection().execute(text("CREATE TABLE of_tomorrow (id int)"))
    assert rebook("restore", str(archive), "--replace").code == 0
    with ledger() as session:
        found = session.connection().scalar(text("SELECT to_regclass('of_tomorrow')"))
    assert found is None


@pytest.mark.parametrize("content", [b"", b"not a backup", b"PGDMP\x01\x10broken"])
def test_a_file_that_is_no_backup_changes_nothing(
    case_id: str, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "file").write_bytes(content)
    said = rebook("restore", str(tmp_path / "file"), "--replace")
    assert (said.code, "not a backup" in said.err) == (1, True)
    assert desk.case_now(case_id).run_id == desk.RUN


def test_half_a_backup_changes_nothing(archive: Path, case_id: str) -> None:
    whole = archive.read_bytes()
    archive.write_bytes(whole[: len(whole) * 3 // 5])
    said = rebook("restore", str(archive), "--replace")
    assert said.code == 1
    assert desk.case_now(case_id).run_id == desk.RUN
    assert list(settings().data_dir.glob("restore-*")) == []


def test_a_backup_made_under_other_keys_changes_nothing(archive: Path, case_id: str) -> None:
    mine = settings().data_dir / keys.FILE
    kept = mine.read_bytes()
    mine.unlink()
    keys.create(settings().data_dir)
    keys.keyring.cache_clear()
    said = rebook("restore", str(archive), "--replace")
    mine.write_bytes(kept)
    keys.keyring.cache_clear()
    assert (said.code, "another keyring" in said.err) == (1, True)
    assert desk.case_now(case_id).run_id == desk.RUN


def test_nothing_is_restored_under_a_running_house(archive: Path, case_id: str) -> None:
    lock = FolderLock(settings().data_dir / LOCK)
    lock.acquire()
    try:
        said = rebook("restore", str(archive), "--replace")
    finally:
        lock.release()
    assert (said.code, "rebook down" in said.err) == (1, True)
    assert desk.case_now(case_id).run_id == desk.RUN


def test_nothing_is_restored_under_a_dispatcher_on_another_machine(
    archive: Path, case_id: str, ledger_db: str
) -> None:
    from rebook.db.locks import Lock

    with psycopg.connect(ledger_db) as elsewhere:
        elsewhere.execute("SELECT pg_advisory_lock(%s)", [Lock.LEADER])
        said = rebook("restore", str(archive), "--replace")
    assert (said.code, "another machine" in said.err) == (1, True)
    assert desk.case_now(case_id).run_id == desk.RUN


def test_an_own_embedded_ledger_is_made_on_a_new_machine_and_closed_again(
    case_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The keys lie beside the backup; PostgreSQL runs for as long as the command."""
    path = tmp_path / "moved"
    rebook("backup", str(path), "--with-keys")
    db.engine().dispose()
    monkeypatch.setenv("REBOOK_DATA_DIR", str(tmp_path / "new"))
    monkeypatch.delenv("REBOOK_DATABASE_URL")
    for cached in (settings, keys.keyring, db.engine):
        cached.cache_clear()
    said = rebook("restore", str(path))
    assert said.code == 0, said.err
    assert not (tmp_path / "new" / db.SOCKET_FILE).exists()
    assert not (tmp_path / "new" / "postgres" / "data" / "postmaster.pid").exists()
    shown = rebook("case", "show", case_id)
    assert (shown.code, "Leilani" in shown.out) == (0, True)
    assert mode(tmp_path / "new" / keys.FILE) == 0o600
