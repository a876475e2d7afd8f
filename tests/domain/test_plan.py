"""The next step and the deadline of a case, over all the facts there can be."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebook.domain.cases import CLOSED_STATES, CaseState
from rebook.domain.plan import Facts, Step, deadline, next_step

NOW = datetime(2027, 3, 1, 22, tzinfo=UTC)
INSTANTS = st.integers(-600, 600).map(lambda minutes: NOW + timedelta(minutes=minutes))
MAYBE = st.none() | INSTANTS
FACTS = st.builds(
    Facts,
    now=st.just(NOW),
    state=st.sampled_from(CaseState),
    grace_until=INSTANTS,
    send_at=MAYBE,
    evidence_at=MAYBE,
    sync_at=MAYBE,
    booking_at=MAYBE,
    follow_up_at=MAYBE,
    retry_at=MAYBE,
)
BEFORE, LATER = NOW - timedelta(minutes=1), NOW + timedelta(minutes=1)


def facts(state: CaseState = CaseState.OFFERED, **changes: datetime) -> Facts:
    return Facts(now=NOW, state=state, **{"grace_until": BEFORE, **changes})


@given(FACTS)
def test_a_case_acts_exactly_when_its_deadline_has_come(facts: Facts) -> None:
    due = deadline(facts)
    acts = next_step(facts) not in (Step.WAIT, Step.DONE)
    assert acts == (due is not None and due <= NOW)


@given(FACTS)
def test_only_a_closed_case_that_owes_nothing_is_done(facts: Facts) -> None:
    owes_nothing = deadline(facts) is None
    assert (next_step(facts) is Step.DONE) == (facts.state in CLOSED_STATES and owes_nothing)


@given(FACTS)
def test_a_case_that_is_open_and_lost_always_has_a_deadline(facts: Facts) -> None:
    if facts.state is CaseState.OPEN:
        assert deadline(facts) is not None


@given(FACTS)
def test_a_case_does_only_what_its_state_allows(facts: Facts) -> None:
    step = next_step(facts)
    if step is Step.OFFER:
        assert facts.state is CaseState.OPEN
    if step is Step.BOOK:
        assert facts.state is CaseState.BOOKING


@given(FACTS)
def test_doubt_is_settled_before_anything_new_is_done(facts: Facts) -> None:
    if facts.due(facts.evidence_at) and (facts.retry_at is None or facts.due(facts.retry_at)):
        assert next_step(facts) is Step.SETTLE


@given(FACTS)
def test_nothing_due_is_waiting(facts: Facts) -> None:
    times = (facts.send_at, facts.evidence_at, facts.sync_at, facts.booking_at, facts.follow_up_at)
    if facts.state is not CaseState.OPEN and not any(facts.due(instant) for instant in times):
        assert next_step(facts) in (Step.WAIT, Step.DONE)


@pytest.mark.parametrize(
    ("state", "known", "step"),
    [
        (CaseState.OPEN, {"grace_until": LATER}, Step.WAIT),
        (CaseState.OPEN, {}, Step.OFFER),
        (CaseState.OPEN, {"retry_at": LATER}, Step.WAIT),
        (CaseState.OFFERED, {"send_at": BEFORE}, Step.SEND),
        (CaseState.OFFERED, {"send_at": LATER}, Step.WAIT),
        (CaseState.OFFERED, {"follow_up_at": BEFORE}, Step.FOLLOW_UP),
        (CaseState.OFFERED, {"booking_at": BEFORE}, Step.WAIT),
        (CaseState.BOOKING, {"booking_at": BEFORE, "send_at": BEFORE}, Step.BOOK),
        (CaseState.BOOKING, {"booking_at": LATER}, Step.WAIT),
        (CaseState.REBOOKED, {"sync_at": BEFORE}, Step.SYNC_BACK),
        (CaseState.REBOOKED, {"sync_at": LATER}, Step.WAIT),
        (CaseState.REBOOKED, {}, Step.DONE),
        (CaseState.HANDED_OVER, {"follow_up_at": LATER}, Step.WAIT),
    ],
)
def test_the_step_of_a_plain_case(state: CaseState, known: dict[str, datetime], step: Step) -> None:
    assert next_step(facts(state, **known)) is step


def test_a_search_for_evidence_that_failed_is_not_repeated_at_once() -> None:
    assert next_step(facts(evidence_at=BEFORE, retry_at=LATER)) is Step.WAIT
    assert deadline(facts(evidence_at=BEFORE, retry_at=LATER)) == LATER
