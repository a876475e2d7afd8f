"""A session on the ledger reads once what it is asked for often, and begins on a connection that lives."""

from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import event, text
from sqlmodel import Session

from rebook.db.session import engine, ledger, ledger_url
from rebook.db.tables import Connection
from rebook.services import configuration

pytestmark = pytest.mark.usefixtures("business")


@pytest.fixture
def asked() -> Iterator[list[str]]:
    """The statements sent while the test lasts."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(engine(), "before_cursor_execute", note)
    yield statements
    event.remove(engine(), "before_cursor_execute", note)


def _store() -> None:
    with ledger() as session:
        session.add(Connection(id="second", slug="acuity", settings={"a": "b"}))


def _process() -> int:
    with ledger() as session:
        return int(session.connection().scalar(text("SELECT pg_backend_pid()")) or 0)


def test_a_connection_that_its_server_ended_is_not_given_out() -> None:
    first = _process()
    assert _process() == first
    with psycopg.connect(
        ledger_url().set(drivername="postgresql").render_as_string(False)
    ) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [first])
    assert _process() != first


def test_what_is_asked_for_by_its_id_again_is_read_once(asked: list[str]) -> None:
    _store()
    asked.clear()
    with ledger() as session:
        for _ in range(3):
            _look(session)
    assert len([one for one in asked if "FROM connection" in one]) == 1


def _look(session: Session) -> None:
    assert session.get_one(Connection, "second").slug == "acuity"


def test_a_setting_is_read_once_in_a_transaction(asked: list[str]) -> None:
    with ledger() as session:
        for _ in range(3):
            configuration.topology(session)
    assert len([one for one in asked if "FROM settingversion" in one]) == 1
