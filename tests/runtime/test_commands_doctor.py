"""The doctor says what is wrong and what to do, and never falls ill itself."""

import base64
import os
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from rebook import keyring as keys
from rebook.db.session import ledger
from rebook.db.tables import Connection, Inbox
from rebook.domain import clock
from rebook.services import audit, connections
from rebook.services.connections import Account
from rebook.settings import settings
from runtime.checks import prefect as prefect_checks
from runtime.checks.prefect import locked
from tests.conftest import Cluster
from tests.runtime import desk
from tests.runtime.answering import answering
from tests.runtime.desk import rebook


@pytest.fixture
def folder(ledger_db: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of the test's own, under the cluster's keys; no Prefect anywhere."""
    own = Path(os.environ["REBOOK_DATA_DIR"]) / keys.FILE
    (tmp_path / keys.FILE).write_bytes(own.read_bytes())
    (tmp_path / keys.FILE).chmod(0o600)
    monkeypatch.setenv("REBOOK_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.delenv("PREFECT_API_AUTH_STRING", raising=False)
    settings.cache_clear()
    return tmp_path


def findings() -> dict[str, dict[str, str]]:
    return {one["about"]: one for one in rebook("doctor", "--json").value}


def level(about: str) -> str:
    return findings()[about]["level"]


def test_every_finding_that_is_not_fine_says_what_to_do(folder: Path) -> None:
    found = findings().values()
    assert {one["level"] for one in found} >= {"ok", "warn"}
    assert [one["about"] for one in found if (one["level"] == "ok") == bool(one["todo"])] == []


def test_a_proxy_that_does_not_say_whom_it_asks_for_is_a_warning(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REBOOK_PUBLIC_URL", "https://book.example.com")
    settings.cache_clear()
    assert level("visitors") == "warn"
    monkeypatch.setenv("REBOOK_GATEWAY_ADDRESS_HEADER", "X-Real-IP")
    settings.cache_clear()
    assert level("visitors") == "ok"


def test_a_person_reads_the_same_as_a_script(folder: Path) -> None:
    shown = rebook("doctor")
    for about in findings():
        assert about in shown.out


def test_one_failure_makes_the_exit_code_1(folder: Path) -> None:
    desk.plant_business()
    with ledger() as session:
        for name in connections.all_ids(session):
            session.delete(session.get_one(Connection, name))
    well = rebook("doctor")
    assert (well.code, well.out.count("\nfail")) == (0, 0)
    (folder / keys.FILE).chmod(0o644)
    ill = rebook("doctor")
    assert (ill.code, f"chmod 600 {folder / keys.FILE}" in ill.out) == (1, True)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"data_keys": []}', '{"data_keys": ["x"]}'])
def test_a_damaged_keyring_is_found(folder: Path, content: str) -> None:
    (folder / keys.FILE).write_text(content)
    keys.keyring.cache_clear()
    assert level("keys") == "fail"
    (folder / keys.FILE).unlink()
    assert level("keys") == "fail"


def test_a_ledger_that_is_away_is_a_finding(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from rebook.db import session as db

    monkeypatch.setenv("REBOOK_DATABASE_URL", "postgresql://rebook@127.0.0.1:9/rebook")
    settings.cache_clear()
    db.engine.cache_clear()
    assert level("ledger") == "fail"
    db.engine.cache_clear()


def test_tables_of_another_release_are_found(folder: Path) -> None:
    with ledger() as session:
        session.connection().execute(text("UPDATE alembic_version SET version_num = '0000'"))
    found = findings()
    assert (found["tables"]["level"], "rebook up" in found["tables"]["todo"]) == ("fail", True)


def test_missing_settings_are_found(folder: Path) -> None:
    assert level("settings") == "fail"
    desk.plant_business()
    assert level("settings") == "ok"


def test_inbox_rows_nobody_could_read_are_shown(folder: Path) -> None:
    assert level("set aside") == "ok"
    with ledger() as session:
        row = Inbox(connection="acuity", sealed=b"", received_at=clock.now(), fault="ValueError")
        row.handled_at = clock.now()
        session.add(row)
    assert level("set aside") == "warn"


def test_a_row_that_waits_too_long_is_shown(folder: Path) -> None:
    with ledger() as session:
        session.add(
            Inbox(connection="acuity", sealed=b"", received_at=clock.now() - timedelta(minutes=5))
        )
    assert level("inbox") == "warn"


def test_an_open_case_without_a_deadline_is_found(folder: Path) -> None:
    """The database forbids it; somebody took the constraint away."""
    desk.plant_business()
    desk.plant_case()
    with ledger() as session:
        for statement in (
            "ALTER TABLE cases DROP CONSTRAINT open_case_has_deadline",
            "UPDATE cases SET next_action_at = NULL",
        ):
            session.connection().execute(text(statement))
    assert level("deadlines") == "fail"


def test_entries_left_unsealed_are_found(folder: Path) -> None:
    with ledger() as session:
        audit.record(session, "made")
    assert level("audit") == "ok"
    with ledger() as session:
        session.connection().execute(text("UPDATE audit SET at = at - interval '5 minutes'"))
    assert level("audit") == "warn"


def connect_acuity(url: str) -> None:
    with ledger() as session:
        account = Account("acuity", "acuity", url, {}, {"user_id": "1", "api_key": "k"})
        connections.store(session, account, door_secrets=[])


def test_a_connection_that_answers_is_fine_and_its_name_is_not_shown(folder: Path) -> None:
    with answering(answer=(200, '{"id": 1, "name": "Leilani Sample"}')) as url:
        connect_acuity(url)
        shown = rebook("doctor", "--json")
    found = {one["about"]: one for one in shown.value}
    assert found["connection acuity"]["level"] == "ok"
    assert "Leilani" not in shown.out


@pytest.mark.parametrize(
    ("answer", "fault"),
    [((401, "{}"), "NotAllowed"), ((500, "oops"), "VendorFault"), ((200, "<html>"), "VendorFault")],
)
def test_a_connection_that_does_not_serve_is_found(
    folder: Path, answer: tuple[int, str], fault: str
) -> None:
    with answering(answer=answer) as url:
        connect_acuity(url)
        assert fault in findings()["connection acuity"]["found"]


def test_a_paused_connection_is_found_and_not_called(folder: Path) -> None:
    connect_acuity("http://127.0.0.1:9")
    with ledger() as session:
        connections.pause(session, "acuity", "NotAllowed")
    assert "paused" in findings()["connection acuity"]["found"]


def test_a_silent_source_is_found(folder: Path) -> None:
    connect_acuity("http://127.0.0.1:9")
    with ledger() as session:
        session.get_one(Connection, "acuity").heard_at = clock.now() - timedelta(days=3)
    assert findings()["hearing from acuity"]["found"] == "silent for 3 days"


def test_a_connection_that_hangs_holds_up_nobody(folder: Path) -> None:
    from runtime.checks import platforms

    with answering(answer=(0, "{}")) as slow, ledger() as session:
        connect_acuity(slow)
        (account,) = [connections.load(session, "acuity")]
        (found,) = platforms.asked([account], 0.5)
    assert (found.level, found.found) == ("fail", "no answer within 0 s")


def prefect_at(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", f"{url}/api")


def test_prefect_of_the_locked_release_is_fine(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with answering(answer=(200, f'"{locked()}"')) as url:
        prefect_at(url, monkeypatch)
        found = findings()
    assert (found["Prefect"]["level"], found["exposure"]["level"]) == ("ok", "ok")
    assert found["Prefect's clock"]["level"] == "ok"


@pytest.mark.parametrize("says", ['"3.0.1"', "<html>", ""])
def test_another_release_or_another_server_is_found(
    folder: Path, monkeypatch: pytest.MonkeyPatch, says: str
) -> None:
    with answering(answer=(200, says)) as url:
        prefect_at(url, monkeypatch)
        assert level("Prefect") == "fail"


def test_prefect_that_does_not_answer_is_found(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prefect_at("http://127.0.0.1:9", monkeypatch)
    assert level("Prefect") == "fail"


def test_a_clock_that_runs_wild_is_found(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    late = format_datetime(datetime.now(UTC) - timedelta(minutes=10), usegmt=True)
    with answering(answer=(200, f'"{locked()}"'), headers_too={"Date": late}) as url:
        prefect_at(url, monkeypatch)
        assert level("Prefect's clock") == "fail"


needs_network = pytest.mark.skipif(
    not prefect_checks.own_addresses(), reason="this machine has no address but loopback"
)


@needs_network
def test_prefect_open_to_the_network_is_found(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with answering("0.0.0.0", answer=(200, f'"{locked()}"')) as url:
        prefect_at(url, monkeypatch)
        assert level("exposure") == "fail"


@needs_network
def test_prefect_open_to_the_network_behind_a_password_is_fine(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = "Basic " + base64.b64encode(b"kai:pass").decode()
    with answering("0.0.0.0", answer=(200, f'"{locked()}"'), wanted=wanted) as url:
        prefect_at(url, monkeypatch)
        assert "refuses us" in findings()["Prefect"]["found"]
        monkeypatch.setenv("PREFECT_API_AUTH_STRING", "kai:pass")
        assert level("exposure") == "ok"


def test_a_key_that_prefect_keeps_beside_the_secrets_is_found(
    folder: Path, ledger_db: str, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This database stands for Prefect's: it has the table that matters."""
    named = ledger_db.replace("postgresql:", "postgresql+asyncpg:", 1)
    monkeypatch.setenv("REBOOK_PREFECT_DATABASE_URL", named)
    settings.cache_clear()
    with psycopg.connect(ledger_db, autocommit=True) as database:
        database.execute("CREATE TABLE configuration (key text, value json)")
        with answering(answer=(200, f'"{locked()}"')) as url:
            prefect_at(url, monkeypatch)
            assert level("encryption") == "ok"
            database.execute("INSERT INTO configuration VALUES ('ENCRYPTION_KEY', '{}')")
            assert level("encryption") == "fail"
