"""The transition table, whole: every state with every event, and a way from each open state to each end."""

import itertools

import pytest

from rebook.domain.cases import (
    CLOSED_STATES,
    OPEN_STATES,
    TRANSITIONS,
    CaseEvent,
    CaseState,
    IllegalTransition,
    next_state,
)

EVERYTHING = list(itertools.product(CaseState, CaseEvent))


@pytest.mark.parametrize(("state", "event"), EVERYTHING, ids=lambda value: str(value))
def test_every_event_leads_where_the_table_says_or_is_refused(
    state: CaseState, event: CaseEvent
) -> None:
    if (state, event) in TRANSITIONS:
        assert next_state(state, event) is TRANSITIONS[state, event]
    else:
        with pytest.raises(IllegalTransition) as refused:
            next_state(state, event)
        assert (refused.value.state, refused.value.event) == (state, event)
        assert str(refused.value) == f"a case that is {state} cannot take {event}"


def test_a_closed_case_takes_no_event_at_all() -> None:
    assert {state for state, _ in TRANSITIONS} == OPEN_STATES


def test_open_and_closed_are_all_there_is() -> None:
    assert set(CaseState) == OPEN_STATES | CLOSED_STATES
    assert not OPEN_STATES & CLOSED_STATES


def test_every_event_can_happen_to_some_case() -> None:
    assert {event for _, event in TRANSITIONS} == set(CaseEvent)


def reachable(start: CaseState) -> set[CaseState]:
    found, ahead = {start}, [start]
    while ahead:
        state = ahead.pop()
        new = {after for (before, _), after in TRANSITIONS.items() if before is state} - found
        found |= new
        ahead += new
    return found


@pytest.mark.parametrize("state", sorted(OPEN_STATES))
def test_every_open_state_can_reach_every_ending(state: CaseState) -> None:
    assert reachable(state) >= CLOSED_STATES


@pytest.mark.parametrize("state", sorted(OPEN_STATES - {CaseState.HANDED_OVER}))
def test_every_case_a_machine_works_on_can_be_handed_to_a_person(state: CaseState) -> None:
    assert next_state(state, CaseEvent.HANDED_TO_STAFF) is CaseState.HANDED_OVER


def test_a_case_is_rebooked_only_by_a_booking() -> None:
    into = {event for (_, event), after in TRANSITIONS.items() if after is CaseState.REBOOKED}
    assert into == {CaseEvent.BOOKING_CONFIRMED, CaseEvent.BOOKED_ELSEWHERE}


def test_a_case_that_is_booking_ends_in_no_other_way_than_booked() -> None:
    after = {
        after for (before, _), after in TRANSITIONS.items() if before is CaseState.BOOKING
    } & CLOSED_STATES
    assert after == {CaseState.REBOOKED}


def test_the_table_can_be_printed_for_the_handbook() -> None:
    rows = [f"| {before} | {event} | {after} |" for (before, event), after in TRANSITIONS.items()]
    assert "| offered | slot_chosen | booking |" in rows
    assert len(rows) == len(set(rows)) == len(TRANSITIONS)
