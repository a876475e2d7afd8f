"""A word from the ledger is heard at once, silence costs nothing, and an ended connection is an error."""

import asyncio
import time
from collections.abc import Iterator

import psycopg
import pytest

from rebook.db.session import ledger_url
from runtime.hearing import hear, hear_on

pytestmark = pytest.mark.usefixtures("ledger_db")


@pytest.fixture
def ears() -> Iterator[psycopg.Connection]:
    with _connect() as connection:
        connection.execute("LISTEN something")
        yield connection


def _connect() -> psycopg.Connection:
    return psycopg.connect(_url(), autocommit=True)


def _url() -> str:
    return ledger_url().set(drivername="postgresql").render_as_string(hide_password=False)


def say(connection: psycopg.Connection, *words: str) -> None:
    for word in words:
        connection.execute("SELECT pg_notify('something', %s)", [word])


def test_what_was_said_is_heard_once(ears: psycopg.Connection) -> None:
    with _connect() as mouth:
        say(mouth, "one", "two")
    assert hear(ears, 10)
    while hear(ears, 0.2):
        pass
    assert not hear(ears, 0)


def test_silence_ends_with_its_time(ears: psycopg.Connection) -> None:
    began = time.monotonic()
    assert not hear(ears, 0.1)
    assert time.monotonic() - began >= 0.1


def test_an_ended_connection_is_an_error(ears: psycopg.Connection) -> None:
    with _connect() as other:
        other.execute("SELECT pg_terminate_backend(%s)", [ears.info.backend_pid])
    with pytest.raises(psycopg.OperationalError):
        _hear_to_the_end(ears)


def _hear_to_the_end(ears: psycopg.Connection) -> None:
    while hear(ears, 10):
        pass


def test_every_word_is_handed_on_although_the_connection_ended_before_anyone_listened() -> None:
    async def heard() -> list[str]:
        words: list[str] = []
        ears = await psycopg.AsyncConnection.connect(_url(), autocommit=True)
        await ears.execute("LISTEN something")
        _say_and_end(ears.info.backend_pid)
        await asyncio.wait_for(hear_on(ears, words.append), 30)
        await ears.close()
        return words

    assert asyncio.run(heard()) == ["one", "two"]


def _say_and_end(backend: int) -> None:
    with _connect() as mouth:
        say(mouth, "one", "two")
        mouth.execute("SELECT pg_terminate_backend(%s)", [backend])
