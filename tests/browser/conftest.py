"""A browser, and a gateway on plain http as a demo has it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.chrome import PROGRAM, Chrome
from tests.conftest import Cluster
from tests.gateway.house import House, drop, free_port, new_house


@pytest.fixture
def chrome(tmp_path: Path) -> Iterator[Chrome]:
    if not PROGRAM:
        pytest.skip("Chromium is not installed (Debian: apt-get install chromium)")
    browser = Chrome(tmp_path / "chrome")
    browser.screen(320)
    try:
        yield browser
    finally:
        browser.close()


@pytest.fixture(scope="session")
def plain_house(
    cluster: Cluster, migrated: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    made = new_house(cluster, migrated, tmp_path_factory.mktemp("browser"))
    made.port = free_port()
    made.public_url = made.address
    try:
        made.start(made.port)
        yield made
    finally:
        drop(made)
