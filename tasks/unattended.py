"""Cases that no run attends, since an operator cancelled or deleted it: the office is told all the same."""

from prefect.logging import get_run_logger
from sqlmodel import col, select

from rebook.db.session import ledger
from rebook.db.tables import Case
from rebook.domain import clock
from rebook.services import leases
from rebook.services.leases import Actor
from tasks.outreach import send_what_is_due
from tasks.step import step
from tasks.sync_back import tell_other_systems

NOBODY = "nobody"
"""What a case's run is called when an operator took its run away."""


@step("tell the office of cases nobody attends")
def tell_office_of_unattended() -> list[str]:
    """Send the staff notes of such cases. Clients are not written to. Returns the cases."""
    told = []
    for case_id in _due():
        with ledger() as session:
            actor = leases.take(session, case_id, NOBODY)
        _tell(actor)
        with ledger() as session:
            case = leases.check(session, actor)
            leases.release(case)
        told.append(case_id)
    get_run_logger().info("told the office of %d cases", len(told))
    return told


def _due() -> list[str]:
    with ledger() as session:
        return list(
            session.exec(
                select(Case.id).where(
                    Case.run_id == NOBODY, col(Case.next_action_at) <= clock.now()
                )
            )
        )


def _tell(actor: Actor) -> None:
    send_what_is_due(actor)
    tell_other_systems(actor)
