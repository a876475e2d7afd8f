"""The roles and databases of the house, on the embedded server."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from runtime.postgres import Postgres
from runtime.postgres_roles import ROLES, ensure_roles_and_databases

PASSWORDS = {role: f"secret of {role}: @/?%" for role in ROLES}


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    made = Postgres(tmp_path_factory.mktemp("roles") / "postgres")
    made.start()
    ensure_roles_and_databases(made.admin_url(), PASSWORDS)
    yield made
    made.stop()


def connect(postgres: Postgres, database: str, role: str) -> psycopg.Connection:
    return psycopg.connect(postgres.url(database, role, PASSWORDS[role]), autocommit=True)


@pytest.mark.parametrize("role", ["rebook", "prefect"])
def test_an_owner_may_make_tables_in_its_own_database(postgres: Postgres, role: str) -> None:
    with connect(postgres, role, role) as connection:
        connection.execute("CREATE TABLE own (id int)")
        connection.execute("DROP TABLE own")


@pytest.mark.parametrize(
    ("role", "database"),
    [
        ("rebook", "prefect"),
        ("prefect", "rebook"),
        ("rebook_gateway", "prefect"),
    ],
)
def test_nobody_reaches_anothers_database(postgres: Postgres, role: str, database: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        connect(postgres, database, role)


def test_the_gateway_may_sign_in_and_do_nothing_until_it_is_granted_more(
    postgres: Postgres,
) -> None:
    with connect(postgres, "rebook", "rebook") as owner:
        owner.execute("CREATE TABLE IF NOT EXISTS private (id int)")
    with connect(postgres, "rebook", "rebook_gateway") as gateway:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            gateway.execute("SELECT * FROM private")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            gateway.execute("CREATE TABLE own (id int)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            gateway.execute("CREATE TEMPORARY TABLE own (id int)")


def test_no_role_of_ours_is_an_administrator(postgres: Postgres) -> None:
    query = "SELECT rolname FROM pg_roles WHERE rolname = ANY(%s) AND (rolsuper OR rolcreaterole)"
    with psycopg.connect(postgres.admin_url()) as connection:
        assert connection.execute(query, [list(ROLES)]).fetchall() == []


def test_it_may_be_run_again_and_brings_a_changed_password(postgres: Postgres) -> None:
    changed = PASSWORDS | {"prefect": "another"}
    ensure_roles_and_databases(postgres.admin_url(), changed)
    with psycopg.connect(postgres.url("prefect", "prefect", "another")) as connection:
        assert connection.info.user == "prefect"
    ensure_roles_and_databases(postgres.admin_url(), PASSWORDS)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(postgres.url("prefect", "prefect", "another"))


def test_two_holds_of_one_seat_cannot_overlap(postgres: Postgres) -> None:
    with connect(postgres, "rebook", "rebook") as connection:
        connection.execute(
            "CREATE TABLE seat (calendar text, during tstzrange,"
            " EXCLUDE USING gist (calendar WITH =, during WITH &&))"
        )
        insert = "INSERT INTO seat VALUES (%s, tstzrange(%s::timestamptz, %s::timestamptz))"
        connection.execute(insert, ["ana", "2026-12-01 09:00Z", "2026-12-01 10:00Z"])
        connection.execute(insert, ["ben", "2026-12-01 09:00Z", "2026-12-01 10:00Z"])
        with pytest.raises(psycopg.errors.ExclusionViolation):
            connection.execute(insert, ["ana", "2026-12-01 09:59Z", "2026-12-01 11:00Z"])


def test_no_password_is_written_to_the_log(postgres: Postgres) -> None:
    log = Path(postgres.log).read_text()
    assert "starting PostgreSQL" in log
    assert [role for role, password in PASSWORDS.items() if password in log] == []
