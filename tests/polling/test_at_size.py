"""Accounts with very many appointments are read page by page: nothing is lost, little is held."""

import json
import os
from dataclasses import asdict
from pathlib import Path

import pytest
from sqlmodel import func, select

from rebook.db.session import ledger
from rebook.db.tables import Appointment, Case
from rebook.domain import clock
from tests.polling.big import ACCOUNTS
from tests.polling.measure import Reading, connected, killed, reading
from tests.services import office

pytestmark = pytest.mark.usefixtures("ledger_db")
FEW, MANY = (
    int(os.environ.get("REBOOK_POLLED_FEW") or 150),
    int(os.environ.get("REBOOK_POLLED") or 50_000),
)
MOST_STATEMENTS = 16
"""A row that is new, with its person and their contacts."""
MOST_MIB = 400
"""Of the whole process, with the account it reads in it."""
ROWS = {"google_calendar": 250, "salesforce": 200, "hubspot": 25, "google_sheets": 1000}
"""What a request brings; a sheet is read whole each time."""
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


def interrupted(slug: str, count: int, first: int, second: int) -> None:
    """Both readings are killed after so many requests, and done again."""
    made = ACCOUNTS[slug](count, clock.now())
    with connected(made):
        killed(made, first)
        before = stored(slug)
        rest = reading(made)
        keep(slug, f"the rest, killed after {before}", count, rest)
        assert (stored(slug), rest.opened) == (count, 0)
        lost = range(0, count, 100)
        made.lose(lost)
        killed(made, second)
        reading(made)
        assert (stored(slug), cases()) == (count, len(lost))
        assert reading(made).opened == 0


def cases() -> int:
    with ledger() as session:
        return session.exec(select(func.count()).select_from(Case)).one()


def test_a_reading_that_is_killed_goes_on_where_it_was() -> None:
    """Three pages; then one of what was lost, of which the killed reading stored nothing."""
    interrupted("google_calendar", 600, 2, 0)


@pytest.mark.full
@pytest.mark.timeout(4 * 3600)
@pytest.mark.parametrize("slug", ACCOUNTS)
def test_fifty_thousand_appointments_are_read_although_the_reading_is_killed_half_way(
    slug: str,
) -> None:
    again = MANY if slug == "google_sheets" else MANY // 100
    interrupted(slug, MANY, MANY // ROWS[slug] // 2, again // ROWS[slug] // 2)


@pytest.mark.full
@pytest.mark.timeout(4 * 3600)
@pytest.mark.parametrize("slug", ACCOUNTS)
def test_fifty_thousand_appointments_are_read_and_a_hundredth_found_lost(slug: str) -> None:
    first, later = twice(slug, MANY)
    assert first.statements / MANY < MOST_STATEMENTS
    assert later.seconds < first.seconds
    assert later.peak_mib < MOST_MIB
    assert first.requests < 1.1 * MANY / ROWS[slug] + 10
