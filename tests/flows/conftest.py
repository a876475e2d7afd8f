"""The shared house of the flow tests: started once, used by all, stopped at the end."""

import os
from collections.abc import Iterator

import pytest

from rebook import keyring as keys
from rebook.db import session
from rebook.settings import settings
from tests.flows.house import House


@pytest.fixture(scope="session")
def running_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(tmp_path_factory.mktemp("house"))
    house.start()
    yield house
    house.stop()


@pytest.fixture
def house(running_house: House) -> Iterator[House]:
    """The shared house, with this process's ledger pointed at it."""
    yield from pointed_at(running_house)


def pointed_at(running: House) -> Iterator[House]:
    """This process reads the house's ledger for a while."""
    before = {
        name: os.environ.pop(name, None) for name in ("REBOOK_DATA_DIR", "REBOOK_DATABASE_URL")
    }
    os.environ["REBOOK_DATA_DIR"] = str(running.folder)
    _forget()
    yield running
    session.engine().dispose()
    del os.environ["REBOOK_DATA_DIR"]
    os.environ.update({name: value for name, value in before.items() if value is not None})
    _forget()


def _forget() -> None:
    settings.cache_clear()
    keys.keyring.cache_clear()
    session.engine.cache_clear()
