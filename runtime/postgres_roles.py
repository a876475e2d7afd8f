"""The roles and databases the house needs on a PostgreSQL server, made or brought up to date.

Each role reaches its own database only; those of the web doors may sign in and, until the
ledger's migrations grant them more, do nothing.
"""

from collections.abc import Mapping

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

ROLES = ("rebook", "rebook_gateway", "rebook_office", "prefect")
OWNERS = {"rebook": "rebook", "prefect": "prefect"}


def ensure_roles_and_databases(admin_dsn: str, passwords: Mapping[str, str]) -> None:
    """`passwords` has one for each of ROLES. May be run at every start."""
    with psycopg.connect(admin_dsn, autocommit=True) as connection:
        for role in ROLES:
            _ensure_role(connection, role, passwords[role])
        for database, owner in OWNERS.items():
            _ensure_database(connection, database, owner)
        connection.execute("GRANT CONNECT ON DATABASE rebook TO rebook_gateway, rebook_office")
    with psycopg.connect(make_conninfo(admin_dsn, dbname="rebook"), autocommit=True) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")


def _ensure_role(connection: psycopg.Connection, role: str, password: str) -> None:
    """The server is given the password's SCRAM form, so that it never stands in a statement."""
    known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    verb = "ALTER" if known else "CREATE"
    form = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
    statement = sql.SQL("{} ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD {}")
    connection.execute(
        statement.format(sql.SQL(verb), sql.Identifier(role), sql.Literal(form.decode()))
    )


def _ensure_database(connection: psycopg.Connection, database: str, owner: str) -> None:
    asked = "SELECT 1 FROM pg_database WHERE datname = %s"
    names = (sql.Identifier(database), sql.Identifier(owner))
    if not connection.execute(asked, [database]).fetchone():
        made = sql.SQL("CREATE DATABASE {} OWNER {} ENCODING 'UTF8' TEMPLATE template0")
        connection.execute(made.format(*names))
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(names[0]))
