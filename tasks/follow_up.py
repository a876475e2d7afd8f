"""The next turn of the default story, when the client has not answered."""

from rebook.db.session import ledger
from rebook.services import story
from rebook.services.leases import Actor
from tasks.step import step


@step("follow up")
def follow_up(actor: Actor) -> str:
    """Plan the mail or the last text, hand the case over, or remind staff. Returns the case's state."""
    with ledger() as session:
        return story.take_turn(session, actor)
