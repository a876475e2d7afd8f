"""One lost appointment from opened to closed. The run suspends while it waits for the client.

It starts from the top each time it wakes: the ledger says what is done and what is next.
"""

from prefect import flow

from rebook.domain.plan import Step
from tasks.acting import begin, end, next_step
from tasks.steps import do
from tasks.timeline import publish


@flow(name="reschedule_case")
def reschedule_case(case_id: str) -> str:
    """Work one case until it is closed and everybody has been told. Returns how it ended."""
    actor = begin(case_id)
    if actor is None:
        return "not this run's case"
    while (step := next_step(actor)) is not Step.DONE:
        do(step, actor)
    publish(case_id)
    return end(actor)
