"""Thousands of cases that wait, made through the services; their runs are copies of one that our flow left.

Prefect's server takes about a tenth of a second for each run it makes, so the rows of a run that our
own flow has brought to its wait are copied into its database, with states, steps, form and artifact.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

from sqlmodel import Session

from rebook.db.session import ledger
from rebook.domain import clock
from rebook.domain.appointments import Appointment, Person, Slot, Status
from rebook.domain.plan import Step
from rebook.domain.policy import Policy
from rebook.services import (
    attention,
    configuration,
    intake,
    intents,
    leases,
    outreach,
    story,
    sync_back,
    waits,
)
from rebook.services.intents import Stage
from rebook.services.leases import Actor
from tests.bench import copies, multiples
from tests.bench.ground import Ground

BATCH, BASE = 50, 200
"""So many in one transaction, and so many by the services; the others are those once more."""
CHAIRS = 100
"""Visits stand on so many calendars, each offered three hours of its own."""
MOST = 10**6


def begin(there: Ground, zone: str, like: str) -> list[copies.Made]:
    """The first of them, by the services. `like`: a case of the house that waits."""
    _no_limits()
    made: list[copies.Made] = []
    with copies.database(there, "prefect") as prefect:
        pattern = copies.pattern(prefect, like)
        for first in range(0, BASE, BATCH):
            with ledger() as session:
                some = [wait(session, number, zone) for number in range(first, first + BATCH)]
                copies.insert(prefect, pattern, some)
            made += some
    return made


def multiply(there: Ground, like: str, made: Sequence[copies.Made], rounds: range) -> None:
    """All of `made` once more for each round; a run is there before its case is."""
    with copies.database(there, "prefect") as prefect, copies.database(there, "rebook") as own:
        pattern = copies.pattern(prefect, like)
        multiples.begin(own)
        for number in rounds:
            copies.insert(prefect, pattern, multiples.named(made, number))
            with own.transaction():
                multiples.insert(own, number)


def _no_limits() -> None:
    """Nobody has so many texts a day; here they are all said to leave at once."""
    with ledger() as session:
        known = Policy(**configuration.policy_version(session).body)
        unlimited = replace(known, texts_a_day=MOST, texts_a_day_to_a_block=MOST)
        configuration.store(session, "policy", unlimited)


def wait(session: Session, number: int, zone: str) -> copies.Made:
    """One case from its cancellation to its wait, by the services that its run calls."""
    visit = _visit(number, zone, Status.BOOKED)
    intake.observe(session, "acuity", visit)
    _, case_id = intake.observe(session, "acuity", _visit(number, zone, Status.CANCELLED))
    assert case_id is not None
    run_id = str(uuid4())
    actor = leases.take(session, case_id, run_id)
    while (step := story.decide(session, actor)) is not Step.WAIT:
        _do(session, actor, step, visit, number)
    key = waits.ensure_open(session, actor)
    attention.parked(session, case_id, run_id)
    return copies.Made(case_id, run_id, key)


def _visit(number: int, zone: str, status: Status) -> Appointment:
    starts = _hour(number, days=3)
    who = Person("Ana", f"Client{number}", f"+1808{2000000 + number}", f"c{number}@example.com")
    return Appointment(
        id=f"crowd-{number}",
        status=status,
        starts_at=starts,
        ends_at=starts + timedelta(hours=1),
        zone=zone,
        person=who,
        service="Cleaning",
        service_id="1",
        calendar=f"crowd-{number % CHAIRS}",
        by_client=status is Status.CANCELLED,
    )


def _hour(number: int, *, days: int) -> datetime:
    """Each visit of a calendar has its own hours."""
    day = clock.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=days)
    return day + timedelta(hours=4 * (number // CHAIRS))


def _times(number: int) -> Iterator[Slot]:
    first = _hour(number, days=4)
    for hour in range(1, 4):
        starts = first + timedelta(hours=hour)
        yield Slot(starts, starts + timedelta(hours=1), f"crowd-{number % CHAIRS}")


def _do(session: Session, actor: Actor, step: Step, visit: Appointment, number: int) -> None:
    match step:
        case Step.OFFER:
            story.make_offer(session, actor, list(_times(number)))
        case Step.SEND:
            _send(session, actor)
        case Step.SYNC_BACK:
            for target in sync_back.due(session, actor):
                sync_back.done(session, actor, target, target.external_id)
        case _:
            raise AssertionError(f"{visit.id} was not to {step}")


def _send(session: Session, actor: Actor) -> None:
    """As if Twilio and Slack had taken them."""
    for intent_id in intents.due(session, actor.case_id, ("message",), Stage.PLANNED):
        outgoing = outreach.claim(session, actor, intent_id)
        assert outgoing is not None, "nobody may be written to now"
        outreach.settle(session, intent_id, outgoing.fence, Stage.DONE, vendor_id=f"SM{intent_id}")
    for intent_id in intents.due(session, actor.case_id, ("staff",), Stage.PLANNED):
        intent = intents.lock(session, intent_id)
        intents.claim(intent)
        intents.settle(session, intent, Stage.DONE, vendor_id=f"posted-{intent_id}")
