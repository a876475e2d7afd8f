"""One staff page a module, on a ledger of the module's own with a business in it."""

import secrets
from collections.abc import Iterator

import psycopg
import pytest

from rebook.db import session
from rebook.db.session import ledger
from rebook.db.staff_tables import StaffMember
from rebook.services import staff_accounts, staff_sessions
from tests.conftest import Cluster, Pointed
from tests.office.page import Office, Visitor
from tests.services import office as business
from tests.services.office import NOON, Clock

PASSWORD = "three blue kettles"


@pytest.fixture(scope="module")
def staff_page(
    cluster: Cluster, migrated: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("office")
    name = f"office_{secrets.token_hex(6)}"
    with psycopg.connect(cluster.postgres.admin_url(), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {migrated} OWNER rebook")
        admin.execute(f"GRANT CONNECT ON DATABASE {name} TO rebook_office")
    page = Office(cluster, name, folder / "clock.json", folder / "office.log")
    with pytest.MonkeyPatch.context() as patch, Pointed(cluster, name):
        patch.setenv("REBOOK_CLOCK_FILE", str(page.clock))
        Clock(page.clock).set(NOON)
        business.configure()
        try:
            page.start()
            yield page
        finally:
            page.stop()
            session.engine().dispose()
    with psycopg.connect(cluster.postgres.admin_url(), autocommit=True) as admin:
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def clock(staff_page: Office) -> Iterator[Clock]:
    """Put back to noon when the test is over."""
    moved = Clock(staff_page.clock)
    yield moved
    moved.set(NOON)


def add(name: str, password: str = PASSWORD) -> str:
    with ledger() as db:
        return staff_accounts.add(db, name, password=password)


@pytest.fixture
def maria(staff_page: Office) -> Iterator[Visitor]:
    """Maria, signed in; the doors' own tests are the ones that type passwords."""
    with ledger() as db:
        known = db.get(StaffMember, "maria") is not None
    if not known:
        add("maria")
    with ledger() as db:
        token = staff_sessions.begin(db, "maria")
    visitor = staff_page.visitor()
    visitor.http.cookies.set("office", token)
    yield visitor
    visitor.http.close()
