"""Beginning and stopping the platform's own sequence, and looking whether it runs."""

from prefect.logging import get_run_logger

from connectors.errors import (
    ConnectorError,
    NotAllowed,
    NotFound,
    OptedOut,
    Refused,
    TooMany,
    Unreachable,
)
from rebook.db.session import ledger, reading
from rebook.domain import clock
from rebook.failpoints import fp
from rebook.services import campaigns, cases, intents, leases, outreach, story
from rebook.services.campaigns import Entry
from rebook.services.intents import DOUBTFUL, Stage
from rebook.services.leases import Actor
from tasks.accounts import connector_of
from tasks.step import step


class StillRuns(ConnectorError):
    """The platform was told to stop and still has the client in its sequence."""

    retryable = True


def begin_what_is_due(actor: Actor) -> None:
    with reading() as session:
        planned = intents.due(session, actor.case_id, ("campaign",), Stage.PLANNED)
    for intent_id in planned:
        begin_sequence(actor, intent_id)


@step("begin the platform's own sequence", tags=["vendor", "create"])
def begin_sequence(actor: Actor, intent_id: str) -> str:
    """Through the gate, to the platform, once. Returns what became of it."""
    began = clock.steady()
    with ledger() as session:
        entry = campaigns.claim(session, actor, intent_id)
    if entry is None:
        return "not now"
    fp("campaign.claimed")
    try:
        connector = connector_of(entry.connection)
        leases.fence(began)
        vendor_id = connector.start_campaign(entry.person, our_ref=entry.intent_id)
    except ConnectorError as error:
        return _not_begun(actor, entry, error)
    fp("campaign.called")
    with ledger() as session:
        campaigns.begun(session, actor, entry, vendor_id)
    return "begun"


def _not_begun(actor: Actor, entry: Entry, error: ConnectorError) -> str:
    """Refused: our own messages speak. Certainly not acted on: later. In doubt: evidence first."""
    reason = type(error).__name__
    get_run_logger().warning("sequence %s: %s", entry.intent_id, reason)
    with ledger() as session:
        match error:
            case OptedOut():
                campaigns.refused(session, actor, entry, outreach.OPTED_OUT)
            case Refused() | NotFound():
                code = getattr(error, "code", "") or "refused"
                campaigns.refused(session, actor, entry, code)
            case Unreachable() | TooMany() | NotAllowed():
                case_row = cases.load(session, actor.case_id)
                after = error.retry_after
                outreach.put_off(session, case_row, entry.intent_id, entry.fence, reason, after)
            case _:
                outreach.settle(session, entry.intent_id, entry.fence, Stage.UNKNOWN, reason=reason)
    return reason


def look_for_sequence(actor: Actor) -> None:
    with reading() as session:
        doubtful = intents.due(session, actor.case_id, ("campaign",), *DOUBTFUL)
    for intent_id in doubtful:
        find_sequence(actor, intent_id)


@step("look whether the sequence runs", tags=["vendor"])
def find_sequence(actor: Actor, intent_id: str) -> str:
    """Ask the platform whether the client is in it. A person looks where nothing shows it twice."""
    with ledger() as session:
        entry = campaigns.entry_of(session, actor, intent_id)
    connector = connector_of(entry.connection)
    runs = connector.in_campaign(entry.person, our_ref=entry.intent_id)
    with ledger() as session:
        known = campaigns.judge(session, actor, intent_id, runs=runs)
        if not known:
            story.give_to_person(session, actor, "the sequence's outcome is unknown")
    return "runs" if runs else "not seen"


def stop_sequence(actor: Actor, intent_id: str) -> None:
    """Stopped and read back: the platform's own word that the client is in it no more."""
    with ledger() as session:
        entry = campaigns.entry_of(session, actor, intent_id)
    connector = connector_of(entry.connection)
    connector.stop_campaign(entry.person, our_ref=entry.intent_id)
    if connector.in_campaign(entry.person, our_ref=entry.intent_id):
        raise StillRuns("the client is still in the sequence")
