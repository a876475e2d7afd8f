"""Marking a visit as missed or cancelled at the system of record, where it can be marked."""

from connectors.contract import Capability, Connector
from connectors.errors import ConnectorError, NotFound
from rebook.db.session import ledger
from rebook.db.tables import SyncTarget
from rebook.domain.appointments import Appointment, Status
from rebook.services import visit_status
from rebook.services.sync_back import Target

NO_WORD = "the platform has no word for it"
CHANGED = "the visit has changed since"
WHY = "nobody could get in"


class NotMarked(ConnectorError):
    """What was read back is not what was written."""

    retryable = True


def mark(connector: Connector, target: Target) -> str:
    """Empty when the platform shows the status; else why the visit is left as it is."""
    assert target.status is not None
    needed = Capability.MARK_NOSHOW if target.status is Status.NOSHOW else Capability.CANCEL
    if needed not in connector.capabilities():
        return NO_WORD
    found = _read(connector, target.external_id)
    if found is None or found.starts_at != target.was:
        return CHANGED
    if found.status is not Status.BOOKED:
        return "" if found.status is target.status else CHANGED
    _expect(target, found, target.status)
    if target.status is Status.NOSHOW:
        connector.mark_noshow(target.external_id)
    else:
        connector.cancel(target.external_id, WHY)
    after = _read(connector, target.external_id)
    if after is not None and after.status is Status.BOOKED:
        raise NotMarked("it still shows the visit as booked")
    return ""


def _read(connector: Connector, external_id: str) -> Appointment | None:
    try:
        return connector.fetch_appointment(external_id)
    except NotFound:
        return None


def _expect(target: Target, found: Appointment, status: Status) -> None:
    with ledger() as session:
        row = session.get_one(SyncTarget, target.id)
        visit_status.expect(session, row, status, found.starts_at, found.ends_at)
