"""A step that fails: a pause before the next try, and after several tries a person."""

import pytest

from rebook.db.session import ledger
from rebook.domain.plan import Step
from rebook.services import staff, story
from rebook.services.leases import Actor
from tests.services import office
from tests.services.office import Clock

pytestmark = pytest.mark.usefixtures("business")


def fails(actor: Actor) -> None:
    with ledger() as session:
        story.step_failed(session, actor, "OperationalError")


def test_a_failing_step_is_not_repeated_without_a_pause(at_noon: Clock) -> None:
    actor = office.act(office.lose())
    office.offer(actor)
    for pause in story.RETRY:
        assert office.next_step(actor) is Step.SEND
        fails(actor)
        assert office.next_step(actor) is Step.WAIT
        assert office.wake(actor) == "nothing new"
        at_noon.forward(seconds=pause - 5)
        assert office.next_step(actor) is Step.WAIT
        at_noon.forward(seconds=5)
    fails(actor)
    case = office.case_of(actor.case_id)
    assert (case.state, case.reason) == ("handed_over", "OperationalError")


def test_what_succeeds_at_last_forgets_the_failures(at_noon: Clock) -> None:
    actor = office.act(office.lose())
    office.offer(actor)
    fails(actor)
    at_noon.forward(seconds=story.RETRY[0])
    assert office.Run(actor, office.times()).until_it_waits() is Step.WAIT
    case = office.case_of(actor.case_id)
    assert (case.failures, case.retry_at) == (0, None)


def test_a_clients_answer_does_not_wait_for_the_pause() -> None:
    _, actor = office.offered()
    fails(actor)
    assert office.next_step(actor) is Step.WAIT
    office.say("1")
    office.wake(actor)
    assert office.next_step(actor) is Step.BOOK


def test_the_office_reads_of_a_case_that_is_still_open() -> None:
    case_id, _ = office.offered()
    with ledger() as session:
        text = staff.wording_of(session, office.case_of(case_id))
    assert text.startswith("*Leilani K* was offered new times")
