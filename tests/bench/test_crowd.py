"""The crowd of the bench: cases as our services leave them, and the same rows under other names."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from sqlmodel import col, select

from rebook.db.session import ledger, ledger_url
from rebook.db.tables import Case, Hold, Wait
from rebook.services import attention
from tests.bench import crowd, multiples
from tests.bench.copies import Made, Pattern, copied
from tests.services.office import ZONE, case_of, rows

FEW, ROUNDS = 4, 3


@pytest.fixture
def made(business: str) -> list[Made]:
    assert business
    with ledger() as session:
        return [crowd.wait(session, number, ZONE) for number in range(FEW)]


@pytest.fixture
def own() -> Iterator[psycopg.Connection[Any]]:
    url = ledger_url().set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def test_a_case_of_the_crowd_waits_for_its_client_and_nobody_acts_for_it(made: list[Made]) -> None:
    case = case_of(made[0].case_id)
    assert (case.state, case.run_id, case.lease_until) == ("offered", made[0].run_id, None)
    assert [wait.key for wait in rows(Wait, case_id=case.id, closed_at=None)] == [made[0].wait]
    assert len(rows(Hold, case_id=case.id, state="held")) == 3


def test_each_round_is_the_same_cases_under_the_names_their_runs_have(
    made: list[Made], own: psycopg.Connection[Any]
) -> None:
    multiples.begin(own)
    for number in range(1, ROUNDS + 1):
        multiples.insert(own, number)
    wanted = [*made, *(one for n in range(1, ROUNDS + 1) for one in multiples.named(made, n))]
    with ledger() as session:
        bound = session.exec(
            select(Case.id, Case.run_id, Wait.key)
            .join(Wait, col(Wait.case_id) == col(Case.id))
            .where(Case.state == "offered", col(Wait.closed_at).is_(None))
        ).all()
        assert attention.parked_number(session, "nobody") == FEW * (ROUNDS + 1)
        assert attention.to_wake(session, "nobody") == []
    assert {Made(*row) for row in bound} == set(wanted)
    assert len(rows(Hold, state="held")) == 3 * FEW * (ROUNDS + 1)


def test_a_copy_of_a_run_names_its_own_case_and_rows_and_keeps_what_is_not_its_own() -> None:
    like = Made("case-1", "run-1", "wait-1")
    found: dict[str, list[dict[str, Any]]] = {
        "flow_run": [{"id": "run-1", "name": "case-1", "state_id": "s-1", "flow_id": "f-1"}],
        "flow_run_state": [{"id": "s-1", "flow_run_id": "run-1", "key": "suspended-wait-1"}],
    }
    copy = copied(Pattern.of(like, found), Made("case-2", "run-2", "wait-2"))
    run, state = copy["flow_run"][0], copy["flow_run_state"][0]
    assert (run["id"], run["name"], run["flow_id"]) == ("run-2", "case-2", "f-1")
    assert run["state_id"] == state["id"] != "s-1"
    assert (state["flow_run_id"], state["key"]) == ("run-2", "suspended-wait-2")
