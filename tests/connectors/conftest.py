"""Each test has a vendor of its own: a real server that it tells what to answer."""

from collections.abc import Iterator

import pytest

from tests.connectors.vendor import Vendor


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    server = Vendor()
    yield server
    server.close()
