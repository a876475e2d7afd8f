"""A fresh ledger with a business in it, and a clock that says Monday noon in Honolulu."""

from pathlib import Path

import pytest

from tests.services import office
from tests.services.office import NOON, Clock


@pytest.fixture
def at_noon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clock:
    monkeypatch.setenv("REBOOK_CLOCK_FILE", str(tmp_path / "clock.json"))
    clock = Clock(tmp_path / "clock.json")
    clock.set(NOON)
    return clock


@pytest.fixture
def business(ledger_db: str, at_noon: Clock) -> str:
    """Its ledger's address."""
    office.configure()
    return ledger_db
