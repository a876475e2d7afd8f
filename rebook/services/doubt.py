"""What a message may decide: anyone can write a mail in another's name, and a yes may suit two."""

from collections.abc import Sequence

from sqlmodel import Session, col, func, select

from rebook.db.tables import Case, Intent
from rebook.domain.cases import CaseState
from rebook.domain.messages import Channel, InboundMessage
from rebook.domain.replies import Meaning, Understood
from rebook.services import people
from rebook.services.intents import Stage

ONLY_YES = "a yes to the only slot"
"""The rule of `rebook.domain.replies` by which words that name no time choose one."""
NO_ADDRESS = Understood(
    Meaning.QUESTION, "a mail that was not sent to its own reply address", confidence=0.5
)
TWO_OFFERS = Understood(Meaning.UNCLEAR, "a yes while two offers are out", confidence=0.5)


def weigh(
    session: Session,
    message: InboundMessage,
    writers: Sequence[str],
    understood: Understood,
    *,
    by_token: bool,
) -> Understood:
    """`understood`, or what goes to a person in its place. A wish for silence is always heard."""
    if understood.meaning is Meaning.OPT_OUT:
        return understood
    if message.channel is Channel.EMAIL and not by_token:
        return NO_ADDRESS
    if understood.rule == ONLY_YES and not by_token and _offers_out(session, message, writers) > 1:
        return TWO_OFFERS
    return understood


def _offers_out(session: Session, message: InboundMessage, writers: Sequence[str]) -> int:
    """Cases that wait for an answer from this number or address."""
    return session.exec(
        select(func.count(func.distinct(Case.id)))
        .join(Intent, col(Intent.case_id) == col(Case.id))
        .where(
            col(Case.person_id).in_(writers),
            Case.state == CaseState.OFFERED,
            Intent.to_key == people.contact_key(message.sender),
            col(Intent.claimed_at).is_not(None),
            Intent.state != Stage.REFUSED,
        )
    ).one()
