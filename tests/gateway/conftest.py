"""One gateway for all tests of this folder, and new ones for tests that break theirs."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Cluster
from tests.gateway.house import House, drop, new_house


@pytest.fixture(scope="session")
def house(
    cluster: Cluster, migrated: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    made = new_house(cluster, migrated, tmp_path_factory.mktemp("gateway"))
    try:
        made.start()
        yield made
    finally:
        drop(made)


@pytest.fixture
def another(cluster: Cluster, migrated: str, tmp_path: Path) -> Iterator[Callable[..., House]]:
    """Makes houses with other settings; each is gone after the test."""
    with ExitStack() as houses:

        def make(**options: Any) -> House:
            made = new_house(cluster, migrated, tmp_path, **options)
            houses.callback(drop, made)
            return made

        yield make
