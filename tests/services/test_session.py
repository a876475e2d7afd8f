"""A session on the ledger reads once what it is asked for often, and begins on a connection that lives."""

from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import NoResultFound
from sqlmodel import Session

from rebook.db.session import LeanCursor, ReadOnly, engine, ledger, ledger_url, reading
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


def test_a_row_that_this_transaction_made_is_found_by_its_id() -> None:
    with ledger() as session:
        session.add(Connection(id="third", slug="square", settings={}))
        assert session.get_one(Connection, "third").slug == "square"


def test_a_row_that_nobody_made_is_none_or_missing() -> None:
    with ledger() as session:
        assert session.get(Connection, "nobody") is None
        with pytest.raises(NoResultFound):
            session.get_one(Connection, "nobody")


def test_a_row_that_this_transaction_deleted_is_not_found() -> None:
    _store()
    with ledger() as session:
        session.delete(session.get_one(Connection, "second"))
        session.flush()
        assert session.get(Connection, "second") is None


def test_a_row_is_read_anew_after_what_was_done_to_it_is_undone() -> None:
    _store()
    with ledger() as session:
        row = session.get_one(Connection, "second")
        row.slug = "square"
        session.add(row)
        session.rollback()
        assert session.get_one(Connection, "second").slug == "acuity"


def test_a_row_can_be_asked_for_anew() -> None:
    _store()
    with ledger() as session:
        row = session.get_one(Connection, "second")
        with ledger() as other:
            other.get_one(Connection, "second").slug = "square"
        assert session.get_one(Connection, "second") is row
        assert session.get_one(Connection, "second", populate_existing=True).slug == "square"


def test_a_session_that_only_reads_leaves_no_transaction_open() -> None:
    _store()
    in_one = text("SELECT state FROM pg_stat_activity WHERE pid = :pid")
    with reading() as session:
        _look(session)
        pid = session.connection().scalar(text("SELECT pg_backend_pid()"))
        with ledger() as other:
            assert other.connection().scalar(in_one, {"pid": pid}) == "idle"


def test_a_session_that_only_reads_says_so_to_who_changes_something() -> None:
    _store()
    with pytest.raises(ReadOnly), reading() as session:
        session.get_one(Connection, "second").slug = "square"
    with ledger() as session:
        _look(session)


def test_a_connection_that_only_read_keeps_a_transaction_together_afterwards() -> None:
    with reading() as session:
        session.get(Connection, "second")
    with ledger() as session:
        session.add(Connection(id="second", slug="acuity", settings={}))
        session.flush()
        session.rollback()
    with ledger() as session:
        assert session.get(Connection, "second") is None


def test_columns_are_named_and_typed_as_the_driver_does() -> None:
    query = "SELECT 1::int AS one, 'b'::text AS \"Ünë\", now() AS at"
    with psycopg.connect(ledger_url().set(drivername="postgresql").render_as_string(False)) as raw:
        ours, theirs = LeanCursor(raw).execute(query), raw.cursor().execute(query)
        assert ours.description is not None
        assert [one[:2] for one in ours.description] == [
            (one.name, one.type_code) for one in theirs.description or ()
        ]
        assert ours.fetchall()[0][:2] == (1, "b")
        assert LeanCursor(raw).execute("SET lock_timeout = 0").description is None
