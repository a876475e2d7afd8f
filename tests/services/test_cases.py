"""One state change at a time, one run at a time, and no open case without a deadline."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from sqlmodel import Session

from rebook.db.session import engine, ledger
from rebook.db.tables import Appointment, Audit
from rebook.domain.cases import CaseEvent, CaseState, IllegalTransition
from rebook.domain.decisions import Choice
from rebook.services import attention, cases, leases, opening, story, waits
from rebook.services.cases import CaseChanged, NoSuchCase
from rebook.services.leases import Actor, NotOurs
from tests.services import office
from tests.services.office import Clock, appointment, see

pytestmark = pytest.mark.usefixtures("business")


def test_of_ten_threads_that_hand_a_case_over_one_does() -> None:
    case_id = office.lose()

    def try_it(_: int) -> str:
        try:
            with ledger() as session:
                case = cases.load(session, case_id)
                return cases.move(session, case, CaseEvent.HANDED_TO_STAFF)
        except IllegalTransition:
            return "refused"

    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(try_it, range(10)))
    assert sorted(outcomes) == ["handed_over"] + ["refused"] * 9
    assert office.case_of(case_id).version == 1
    assert office.actions(case_id).count("handed_to_staff") == 1


def test_a_change_based_on_an_old_reading_is_refused() -> None:
    case_id = office.lose()
    with Session(engine(), expire_on_commit=False) as old:
        stale = office.case_of(case_id)
        old.add(stale)
        with ledger() as session:
            cases.move(session, cases.load(session, case_id), CaseEvent.OFFER_MADE)
        with pytest.raises(CaseChanged):
            cases.move(old, stale, CaseEvent.HANDED_TO_STAFF)
    assert office.case_of(case_id).state == "offered"


def test_locking_a_case_reads_it_afresh() -> None:
    case_id = office.lose()
    with ledger() as session:
        cases.load(session, case_id)
        session.commit()
        with ledger() as other:
            cases.move(other, cases.load(other, case_id), CaseEvent.OFFER_MADE)
        assert cases.load(session, case_id).state == "offered"


def test_what_was_set_beside_a_state_change_is_not_lost() -> None:
    case_id = office.lose()
    with ledger() as session:
        case = cases.load(session, case_id)
        case.failures = 3
        cases.move(session, case, CaseEvent.OFFER_MADE, reason="why")
        cases.move(session, case, CaseEvent.NEW_TIMES_WANTED)
        assert (case.failures, case.reason) == (3, "why")
        cases.move(session, case, CaseEvent.OFFER_MADE, reason="")
    assert (office.case_of(case_id).failures, office.case_of(case_id).reason) == (3, "")


def test_every_change_has_its_audit_entry_in_the_same_transaction() -> None:
    case_id = office.lose()
    before = len(office.rows(Audit))
    session = Session(engine())
    cases.move(session, cases.load(session, case_id), CaseEvent.HANDED_TO_STAFF, reason="x")
    session.rollback()
    session.close()
    assert len(office.rows(Audit)) == before
    assert office.case_of(case_id).state == "open"


def test_a_case_there_is_not_is_named() -> None:
    with ledger() as session, pytest.raises(NoSuchCase, match="there is no case case-none"):
        cases.load(session, "case-none")


@pytest.mark.parametrize("state", ["open", "offered", "booking", "handed_over"])
def test_the_database_refuses_an_open_case_without_a_deadline(business: str, state: str) -> None:
    case_id = office.lose()
    with (
        psycopg.connect(business) as owner,
        pytest.raises(psycopg.errors.CheckViolation) as refused,
    ):
        owner.execute(
            "UPDATE cases SET state = %s, next_action_at = NULL WHERE id = %s", [state, case_id]
        )
    assert refused.value.diag.constraint_name == "open_case_has_deadline"


def test_the_database_refuses_a_second_open_case_for_a_visit(business: str) -> None:
    case_id = office.lose()
    with psycopg.connect(business) as owner:
        owner.execute("CREATE TEMP TABLE twin AS SELECT * FROM cases WHERE id = %s", [case_id])
        owner.execute("UPDATE twin SET id = 'case-twin'")
        with pytest.raises(psycopg.errors.UniqueViolation):
            owner.execute("INSERT INTO cases SELECT * FROM twin")


def test_opening_by_hand_twice_at_once_is_one_case() -> None:
    see(appointment())

    def open_it(_: int) -> bool:
        with ledger() as session:
            row = session.get_one(Appointment, office.rows(Appointment)[0].id)
            return opening.open_case(session, row, actor="staff:kim", at_once=True)[1]

    with ThreadPoolExecutor(8) as threads:
        assert sorted(threads.map(open_it, range(10))) == [False] * 9 + [True]


def test_only_the_run_a_case_is_bound_to_may_act() -> None:
    case_id = office.lose()
    office.act(case_id, "run-1")
    with pytest.raises(NotOurs):
        office.act(case_id, "run-2")


def test_a_run_that_was_started_anew_fences_off_its_former_self() -> None:
    case_id = office.lose()
    first, second = office.act(case_id), office.act(case_id)
    assert second.fence == first.fence + 1
    with pytest.raises(NotOurs):
        office.next_step(first)
    office.next_step(second)


def test_of_many_starts_of_one_run_only_the_last_may_act() -> None:
    case_id = office.lose()
    with ThreadPoolExecutor(8) as threads:
        actors = list(threads.map(lambda _: office.act(case_id), range(10)))
    assert sorted(actor.fence for actor in actors) == list(range(1, 11))
    assert sum(may_act(actor) for actor in actors) == 1


def may_act(actor: Actor) -> bool:
    try:
        office.next_step(actor)
    except NotOurs:
        return False
    return True


def test_each_step_keeps_the_lease_alive_and_the_end_lets_go(at_noon: Clock) -> None:
    case_id, actor = office.offered()
    first = office.case_of(case_id).lease_until
    at_noon.forward(seconds=30)
    office.next_step(actor)
    later = office.case_of(case_id).lease_until
    assert first is not None
    assert later is not None
    assert later > first
    with ledger() as session:
        assert story.finish(session, actor) is CaseState.OFFERED
    assert office.case_of(case_id).lease_until is None


def test_a_lease_that_was_extended_a_moment_ago_is_left_alone(at_noon: Clock) -> None:
    case_id, actor = office.offered()
    office.next_step(actor)
    first = office.case_of(case_id).lease_until
    office.next_step(actor)
    assert office.case_of(case_id).lease_until == first
    at_noon.forward(seconds=2)
    office.next_step(actor)
    assert office.case_of(case_id).lease_until != first


def test_a_lease_that_ran_out_is_noticed(at_noon: Clock) -> None:
    case_id = office.lose()
    office.act(case_id)
    with ledger() as session:
        assert attention.lapsed(session, "nobody") == []
    at_noon.forward(minutes=2)
    with ledger() as session:
        assert attention.lapsed(session, "nobody") == [(case_id, "run-1")]


def test_a_case_without_a_run_is_started_after_its_opener_had_the_chance(at_noon: Clock) -> None:
    case_id = office.lose()
    with ledger() as session:
        assert attention.without_run(session) == []
    at_noon.forward(seconds=4)
    with ledger() as session:
        assert attention.without_run(session) == [case_id]
    office.act(case_id)
    with ledger() as session:
        assert attention.without_run(session) == []


def test_a_reply_or_a_due_time_wakes_a_case_that_waits_and_only_once(at_noon: Clock) -> None:
    case_id, actor = office.offered()
    office.Run(actor, []).until_it_waits()
    office.say("1")
    assert to_wake() == []
    with ledger() as session:
        waits.ensure_open(session, actor)
        attention.parked(session, case_id, "run-1")
    assert to_wake() == [(case_id, "run-1")]
    with ledger() as session:
        attention.woken(session, case_id)
    assert to_wake() == []


def to_wake() -> list[tuple[str, str]]:
    with ledger() as session:
        return attention.to_wake(session, "nobody")


def test_a_closed_case_that_owes_nothing_is_left_alone(at_noon: Clock) -> None:
    case_id, actor = office.offered()
    office.wake(actor, office.decision(Choice.CLOSE_DECLINED))
    office.Run(actor, []).until_it_waits()
    with ledger() as session:
        story.finish(session, actor)
    assert office.case_of(case_id).next_action_at is None
    at_noon.forward(hours=1)
    assert to_wake() == []


@pytest.mark.parametrize("run", ["run-1", "run-9"])
def test_a_run_an_operator_took_away_leaves_its_case_to_staff(run: str) -> None:
    case_id, actor = office.offered()
    with ledger() as session:
        attention.taken_away(session, case_id, run, "nobody", "an operator cancelled its run")
    case = office.case_of(case_id)
    expected = ("handed_over", "nobody") if run == "run-1" else ("offered", "run-1")
    assert (case.state, case.run_id) == expected
    assert may_act(actor) == (run != "run-1")


def test_a_step_that_keeps_failing_is_tried_later_each_time_and_then_given_to_a_person(
    at_noon: Clock,
) -> None:
    actor = office.act(office.lose())
    tried = []
    for _ in range(4):
        fail(actor)
        case = office.case_of(actor.case_id)
        assert case.retry_at is not None
        at_noon.set(case.retry_at)
        tried.append(case.failures)
        office.next_step(actor)
    fail(actor)
    case = office.case_of(actor.case_id)
    assert (tried, case.state, case.failures) == ([1, 2, 3, 4], "handed_over", 0)


def fail(actor: Actor, after: float | None = None) -> None:
    with ledger() as session:
        story.step_failed(session, actor, "VendorFault", after)


def test_a_platform_that_asks_for_years_of_patience_gets_hours() -> None:
    actor = office.act(office.lose())
    fail(actor, 1e9)
    case = office.case_of(actor.case_id)
    assert case.retry_at is not None
    assert (case.retry_at - case.opened_at).total_seconds() < 7 * 3600


def test_a_closed_case_whose_step_keeps_failing_stays_closed_and_tries_on() -> None:
    case_id, actor = office.offered()
    office.wake(actor, office.decision(Choice.CLOSE_DECLINED))
    for _ in range(12):
        fail(actor)
    assert office.case_of(case_id).state == "declined"


def test_leases_are_released_by_name() -> None:
    case_id, _ = office.offered()
    with ledger() as session:
        case = cases.load(session, case_id)
        leases.release(case)
        session.add(case)
    assert office.case_of(case_id).lease_until is None
