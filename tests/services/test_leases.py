"""Leases: who was held up for too long begins nothing, and a frozen holder of a case's lock loses it."""

import pytest
from sqlalchemy.exc import DBAPIError

from rebook.db.session import engine, ledger
from rebook.domain import clock
from rebook.services import cases, leases
from rebook.services.leases import CALL_SECONDS, NotOurs
from rebook.settings import settings
from tests.services import office

pytestmark = pytest.mark.usefixtures("business")


def test_a_run_begins_a_call_while_its_lease_outlasts_the_answer() -> None:
    ample = settings().lease_seconds - CALL_SECONDS - 5
    leases.fence(clock.steady() - ample)


def test_a_run_that_was_held_up_begins_no_call() -> None:
    with pytest.raises(NotOurs, match="held up"):
        leases.fence(clock.steady() - settings().lease_seconds + CALL_SECONDS)


def test_the_later_start_of_a_run_shuts_out_the_earlier() -> None:
    case_id = office.lose()
    earlier, later = office.act(case_id), office.act(case_id)
    with ledger() as session, pytest.raises(NotOurs):
        leases.check(session, earlier)
    with ledger() as session:
        assert leases.still_bound(session, earlier)
        assert leases.check(session, later).id == case_id


def test_a_frozen_holder_of_a_cases_lock_loses_it(monkeypatch: pytest.MonkeyPatch) -> None:
    case_id = office.lose()
    monkeypatch.setattr(settings(), "lease_seconds", 1.0)
    with pytest.raises(DBAPIError):
        _freeze_with_the_lock(case_id)
    engine().dispose()
    assert office.case_of(case_id).reason == "stored"


def _freeze_with_the_lock(case_id: str) -> None:
    with ledger() as frozen:
        cases.load(frozen, case_id).reason = "never stored"
        with ledger() as other:
            cases.load(other, case_id).reason = "stored"
        frozen.flush()
