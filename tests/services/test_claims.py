"""A run is known to be dead when its worker holds its lock no more, and not before."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from rebook.db.session import ledger, ledger_url
from rebook.services import claims

pytestmark = pytest.mark.usefixtures("business")
LARGEST = 2**62 - 1


@contextmanager
def worker(number: int) -> Iterator[None]:
    url = ledger_url().set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(claims.HOLD, [number])
        yield
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(claims.HOLD, [number])  # waits until the server has noticed the end
        connection.execute("SELECT pg_advisory_unlock(%s)", [number])


def take(run_id: str, number: int) -> bool:
    with ledger() as session:
        return claims.take(session, run_id, number)


def others(run_ids: list[str], number: int) -> set[str]:
    with ledger() as session:
        return claims.of_others(session, run_ids, number)


def dead() -> set[str]:
    with ledger() as session:
        return claims.dead(session)


@pytest.mark.parametrize("number", [1, 2**32 - 1, 2**32, 2**32 + 7, LARGEST])
def test_a_workers_runs_are_dead_when_it_is_gone(number: int) -> None:
    with worker(number):
        take("run-1", number)
        take("run-2", number)
        assert dead() == set()
    assert dead() == {"run-1", "run-2"}


def test_the_runs_of_a_worker_that_lives_outlive_another_worker() -> None:
    with worker(7):
        take("run-1", 7)
        with worker(8):
            take("run-2", 8)
        assert dead() == {"run-2"}


def test_a_run_that_ended_is_not_dead() -> None:
    take("run-1", 7)
    with ledger() as session:
        claims.drop(session, "run-1")
    assert dead() == set()


def test_a_run_taken_again_is_its_new_workers() -> None:
    take("run-1", 7)
    with worker(8):
        take("run-1", 8)
        assert dead() == set()


def test_a_run_that_a_living_worker_has_is_no_other_workers() -> None:
    with worker(8):
        assert take("run-1", 8)
        assert not take("run-1", 9)
        assert take("run-1", 8)
        assert others(["run-1", "run-2"], 9) == {"run-1"}
        assert others(["run-1", "run-2"], 8) == set()
    assert others(["run-1"], 9) == set()
    assert take("run-1", 9)


def test_a_worker_that_was_slower_lets_go_of_its_own_claim_only() -> None:
    with worker(8):
        take("run-1", 8)
        take("run-1", 9)
        with ledger() as session:
            claims.let_go(session, "run-1", 9)
        assert dead() == set()
    assert dead() == {"run-1"}
