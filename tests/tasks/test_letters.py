"""A cancellation that comes too early: before anybody said which platform is the record system."""

import pytest
from sqlalchemy import delete

from rebook.db.session import ledger
from rebook.db.tables import Case, Inbox, SettingVersion
from tasks.letters import handle
from tasks.reconciling import whole
from tests.connectors.vendor import Vendor
from tests.services import office
from tests.services.test_reading import cancellation
from tests.tasks.acuity import Acuity

pytestmark = pytest.mark.usefixtures("business", "at_noon")


def test_a_cancellation_before_the_house_is_set_up_waits_and_is_not_set_aside(
    vendor: Vendor,
) -> None:
    acuity = Acuity(vendor)
    acuity.put(1)
    whole("acuity")
    acuity.listed[1]["canceled"] = True
    with ledger() as session:
        session.connection().execute(delete(SettingVersion))
    number = cancellation()
    assert handle(number, in_a_run=True) == (None, None)
    row = office.rows(Inbox, id=number)[0]
    assert (row.fault, row.handled_at) == ("NotConfigured", None)
    office.configure()
    Acuity(vendor, acuity.listed)
    opened, _ = handle(number, in_a_run=True)
    assert [case.id for case in office.rows(Case)] == [opened]
