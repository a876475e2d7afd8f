"""What each process of the house is given, and what it is not."""

import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from rebook.keyring import Keyring, create, from_part, load, part_for_reading
from rebook.settings import Settings
from runtime import worker
from runtime.ports import Ports, choose
from runtime.process import ProcessSpec
from runtime.processes import SettingMissing, processes

PORTS = Ports(gateway=4001, prefect=4002, sandbox=4003, office=4004)


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    return create(tmp_path)


def house(tmp_path: Path, keyring: Keyring, **more: str) -> dict[str, ProcessSpec]:
    settings = Settings(data_dir=tmp_path, **more)  # type: ignore[arg-type]  # all are strings here
    made = processes(settings, keyring, sandbox=True, ports=PORTS)
    return {spec.name: spec for spec in made}


def secrets_of(keyring: Keyring) -> set[str]:
    singles = {keyring.index_key, keyring.link_key, keyring.door_key, keyring.seal_private}
    return singles | {keyring.prefect_key, *keyring.data_keys, *keyring.passwords.values()}


def test_no_secret_stands_in_a_command_line(tmp_path: Path, keyring: Keyring) -> None:
    words = [word for spec in house(tmp_path, keyring).values() for word in spec.command]
    assert len(words) > 20
    assert [word for word in words if any(s in word for s in secrets_of(keyring))] == []


def test_the_gateway_learns_only_its_own_password_and_the_door_key(
    tmp_path: Path, keyring: Keyring
) -> None:
    env = house(tmp_path, keyring)["gateway"].env
    known = {s for s in secrets_of(keyring) if any(s in value for value in env.values())}
    assert known == {keyring.passwords["rebook_gateway"], keyring.door_key}


def test_the_gateway_is_told_neither_where_prefect_nor_where_the_keys_are(
    tmp_path: Path, keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_KEY", "an operator's own")
    env = house(tmp_path, keyring)["gateway"].env
    assert [name for name in env if name.startswith("PREFECT")] == []
    assert "REBOOK_DATA_DIR" not in env
    assert str(PORTS.prefect) not in " ".join(env.values())


def test_the_office_learns_its_own_password_and_the_key_that_opens_personal_data(
    tmp_path: Path, keyring: Keyring
) -> None:
    env = house(tmp_path, keyring)["office"].env
    known = {s for s in secrets_of(keyring) if any(s in value for value in env.values())}
    assert known == {keyring.passwords["rebook_office"], *keyring.data_keys}
    assert [name for name in env if name.startswith("PREFECT")] == []
    assert "REBOOK_DATA_DIR" not in env


def test_an_older_keyring_has_a_password_for_the_office_all_the_same(tmp_path: Path) -> None:
    create(tmp_path)
    file = tmp_path / "keyring.json"
    stored = json.loads(file.read_text())
    del stored["passwords"]["rebook_office"]
    file.write_text(json.dumps(stored))
    first, second = load(tmp_path), load(tmp_path)
    assert first.passwords["rebook_office"] == second.passwords["rebook_office"] != ""
    assert first.passwords["rebook"] == stored["passwords"]["rebook"]


def test_the_part_of_a_keyring_reads_and_does_nothing_else(tmp_path: Path) -> None:
    whole = create(tmp_path)
    part = from_part(part_for_reading(whole))
    assert part.decrypt(whole.encrypt("Leilani")) == "Leilani"
    assert {part.link_key, part.index_key, part.door_key, part.seal_private} == {""}
    assert part.passwords == {}


@pytest.mark.parametrize(
    "name", ["prefect", "worker", "dispatcher", "gateway", "office", "sandbox"]
)
def test_an_operators_own_prefect_and_database_settings_do_not_steer_ours(
    tmp_path: Path, keyring: Keyring, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for foreign in ("PREFECT_PROFILE", "PGPORT", "PGHOST", "PYTHONDONTWRITEBYTECODE"):
        monkeypatch.setenv(foreign, "1")
    env = house(tmp_path, keyring)[name].env
    assert {"PREFECT_PROFILE", "PGPORT", "PGHOST", "PYTHONDONTWRITEBYTECODE"} & set(env) == set()


def test_prefect_encrypts_with_a_key_from_outside_its_database(
    tmp_path: Path, keyring: Keyring
) -> None:
    env = house(tmp_path, keyring)["prefect"].env
    assert env["PREFECT_SERVER_ENCRYPTION_KEY"] == keyring.prefect_key
    assert [name for name in env if name.startswith("REBOOK_")] == []


def test_the_sandbox_is_told_nothing_of_the_house(tmp_path: Path, keyring: Keyring) -> None:
    env = house(tmp_path, keyring)["sandbox"].env
    assert [name for name in env if name.startswith(("REBOOK_", "PREFECT_"))] == []


def test_what_prefects_runner_leaves_lying_about_lies_in_our_folder(
    tmp_path: Path, keyring: Keyring
) -> None:
    worker = house(tmp_path, keyring)["worker"]
    worker.prepare()
    assert Path(worker.env["TMPDIR"]).parent == tmp_path
    assert stat.S_IMODE(Path(worker.env["TMPDIR"]).stat().st_mode) == 0o700
    worker.after_end()
    assert not Path(worker.env["TMPDIR"]).exists()


def test_named_servers_are_used_and_none_is_started(tmp_path: Path, keyring: Keyring) -> None:
    named = house(
        tmp_path,
        keyring,
        database_url="postgresql://rebook@db.test/rebook",
        gateway_database_url="postgresql://rebook_gateway@db.test/rebook",
        office_database_url="postgresql://rebook_office@db.test/rebook",
        prefect_database_url="postgresql+asyncpg://prefect@db.test/prefect",
    )
    assert "postgres" not in named
    assert named["migrations"].env["REBOOK_DATABASE_URL"].endswith("db.test/rebook")
    assert named["gateway"].env["REBOOK_GATEWAY_DATABASE_URL"].endswith("db.test/rebook")
    assert named["office"].env["REBOOK_DATABASE_URL"].startswith("postgresql://rebook_office@")
    connection = named["prefect"].env["PREFECT_SERVER_DATABASE_CONNECTION_URL"]
    assert connection.endswith("db.test/prefect")


def test_a_named_ledger_needs_the_roles_of_the_doors_named_too(
    tmp_path: Path, keyring: Keyring
) -> None:
    named = {"database_url": "postgresql://rebook@db.test/rebook"}
    with pytest.raises(SettingMissing, match="REBOOK_GATEWAY_DATABASE_URL"):
        house(tmp_path, keyring, **named)
    named["gateway_database_url"] = "postgresql://rebook_gateway@db.test/rebook"
    with pytest.raises(SettingMissing, match="REBOOK_OFFICE_DATABASE_URL"):
        house(tmp_path, keyring, **named)


def test_everything_a_process_waits_for_is_started_before_it(
    tmp_path: Path, keyring: Keyring
) -> None:
    seen: set[str] = set()
    for spec in house(tmp_path, keyring).values():
        assert set(spec.after) <= seen, spec.name
        seen.add(spec.name)
    assert {"postgres", "prefect", "gateway", "dispatcher", "worker", "sandbox"} <= seen


def test_ports_that_are_not_named_are_free_and_differ() -> None:
    chosen = choose(prefect=4200)
    assert chosen.prefect == 4200
    assert len({chosen.gateway, chosen.prefect, chosen.sandbox}) == 3


def test_the_database_folder_is_closed_before_anything_is_in_it(
    tmp_path: Path, keyring: Keyring
) -> None:
    house(tmp_path, keyring)
    assert stat.S_IMODE((tmp_path / "postgres").stat().st_mode) == 0o700


TOLD = """
import json
from prefect.settings import get_current_settings
services = get_current_settings().server.services
database = get_current_settings().server.database
print(json.dumps({
    "kept": services.db_vacuum.retention_period.total_seconds(),
    "cleaned": sorted(services.db_vacuum.enabled_vacuum_types),
    "steps": services.task_run_recorder.batch_size,
    "events": services.event_persister.batch_size,
    "pauses": services.pause_expirations.loop_seconds,
    "prepared": database.sqlalchemy.connect_args.prepared_statement_cache_size,
    "late": services.late_runs.after_seconds.total_seconds(),
    "loops": [
        services.late_runs.loop_seconds,
        services.foreman.loop_seconds,
        services.repossessor.loop_seconds,
        services.cleanup_reconciler.loop_seconds,
    ],
}))
"""


def test_prefect_understands_what_its_services_are_told(tmp_path: Path, keyring: Keyring) -> None:
    env = house(tmp_path, keyring, keep_runs_days="30")["prefect"].env
    said = subprocess.run(
        [sys.executable, "-c", TOLD], env=env, capture_output=True, text=True, check=True
    )
    assert json.loads(said.stdout) == {
        "kept": 30 * 24 * 3600,
        "cleaned": ["events", "flow_runs", "orphans"],
        "steps": 200,
        "events": 500,
        "pauses": 600,
        "prepared": 500,
        "late": 60,
        "loops": [15, 30, 60, 60],
    }


def test_a_worker_is_given_longer_to_stop_than_it_takes_to_hand_its_runs_back(
    tmp_path: Path, keyring: Keyring
) -> None:
    needed = worker.PATIENCE_SECONDS + worker.LAST_SECONDS
    workers = [s for name, s in house(tmp_path, keyring).items() if name.startswith("worker")]
    assert workers
    assert all(spec.stop_seconds > needed for spec in workers)
