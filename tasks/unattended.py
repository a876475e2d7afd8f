"""Cases that no run attends, since an operator cancelled or deleted it: the office is told all the same."""

from contextlib import suppress

from prefect.exceptions import Abort
from prefect.logging import get_run_logger

from rebook.db.session import ledger
from rebook.domain.plan import Step
from rebook.services import answers, attention, leases
from rebook.services.leases import NotOurs
from tasks.acting import end, next_step
from tasks.retry import through_restarts
from tasks.step import step
from tasks.steps import do

NOBODY = "nobody"
"""What a case's run is called when an operator took its run away."""

RESTS = (Step.WAIT, Step.DONE)


@through_restarts
def somebody_waits() -> bool:
    """Is there a case without a run that owes something, or for which something was said?"""
    with ledger() as session:
        return bool(attention.unattended_due(session, NOBODY))


@step("attend to cases that have no run")
def attend_to_unattended() -> list[str]:
    """Take what was said about them, settle doubts, tell the office. Returns the cases."""
    with ledger() as session:
        due = attention.unattended_due(session, NOBODY)
    for case_id in due:
        with suppress(NotOurs, Abort):
            attend(case_id)
    get_run_logger().info("attended to %d cases that have no run", len(due))
    return list(due)


def attend(case_id: str) -> None:
    """No offer and no booking is made: a case that staff set going again gets a run."""
    with ledger() as session:
        actor = leases.take(session, case_id, NOBODY)
        answers.take_unattended(session, actor)
        case = leases.check(session, actor)
        attention.back_to_work(session, case, NOBODY)
    while (due := next_step(actor)) not in RESTS:
        do(due, actor)
    if due is Step.DONE:
        end(actor)
        return
    with ledger() as session:
        leases.release(leases.check(session, actor))
