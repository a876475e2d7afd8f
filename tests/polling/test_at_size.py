"""Accounts with very many appointments are read page by page: nothing is lost, little is held."""

import json
import os
from dataclasses import asdict
from pathlib import Path

import pytest
from sqlmodel import func, select

from rebook.db.session import ledger
from rebook.db.tables import Appointment
from rebook.domain import clock
from tests.polling.big import ACCOUNTS
from tests.polling.measure import Reading, connected, reading
from tests.services import office

pytestmark = pytest.mark.usefixtures("ledger_db")
FEW, MANY = (
    int(os.environ.get("REBOOK_POLLED_FEW") or 150),
    int(os.environ.get("REBOOK_POLLED") or 50_000),
)
MOST_STATEMENTS = 16
"""A row that is new, with its person and their contacts."""
KEPT = Path(os.environ.get("REBOOK_POLLING_FIGURES") or os.devnull)


@pytest.fixture(autouse=True)
def business(ledger_db: str) -> None:
    office.configure()


def stored(slug: str) -> int:
    with ledger() as session:
        count = select(func.count()).select_from(Appointment).where(Appointment.connection == slug)
        return session.exec(count).one()


def keep(slug: str, what: str, count: int, found: Reading) -> None:
    with KEPT.open("a") as file:
        file.write(json.dumps({"slug": slug, "what": what, "count": count, **asdict(found)}) + "\n")


def twice(slug: str, count: int) -> tuple[Reading, Reading]:
    """The first reading, then one after a hundredth was cancelled."""
    made = ACCOUNTS[slug](count, clock.now())
    with connected(made):
        first = reading(made)
        keep(slug, "first", count, first)
        assert (stored(slug), first.opened) == (count, 0)
        lost = range(0, count, 100)
        made.lose(lost)
        later = reading(made)
        keep(slug, "a hundredth cancelled", count, later)
        assert (stored(slug), later.opened) == (count, len(lost))
        assert reading(made).opened == 0
    return first, later


@pytest.mark.parametrize("slug", ACCOUNTS)
def test_a_reading_costs_the_same_for_each_row(slug: str) -> None:
    first, later = twice(slug, FEW)
    assert first.statements / FEW < MOST_STATEMENTS
    assert later.statements < first.statements / 2
    assert first.transactions <= 2 * first.requests + 10, "one a page"


@pytest.mark.full
@pytest.mark.parametrize("slug", ACCOUNTS)
def test_fifty_thousand_appointments_are_read_and_a_hundredth_found_lost(slug: str) -> None:
    first, later = twice(slug, MANY)
    assert first.statements / MANY < MOST_STATEMENTS
    assert later.seconds < first.seconds
