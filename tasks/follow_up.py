"""The next turn of the default story, when the client has not answered."""

from prefect import task

from rebook.db.session import ledger
from rebook.services import story
from rebook.services.leases import Actor


@task(task_run_name="follow up", persist_result=False)
def follow_up(actor: Actor) -> str:
    """Plan the mail or the last text, hand the case over, or remind staff. Returns the case's state."""
    with ledger() as session:
        return story.take_turn(session, actor)
