"""A ledger that came back from a backup sends nothing twice: evidence first, or a person."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from rebook.db.session import ledger
from rebook.db.tables import Appointment, Audit, Case, Intent, Mark, OfferSlot, Wait
from rebook.domain import clock
from rebook.domain.plan import Step
from rebook.services import (
    bookings,
    cases,
    installation,
    intents,
    leases,
    outreach,
    restoring,
    waits,
)
from rebook.services import story as course
from rebook.services.intents import Stage
from rebook.services.restoring import Restored
from tests.runtime import desk

NOBODY = "nobody"


@pytest.fixture
def case_id(ledger_db: str) -> str:
    """Offered three times; the first text is planned."""
    desk.plant_business()
    planted = desk.plant_case()
    desk.offer(planted)
    return planted


@pytest.fixture
def session(ledger_db: str) -> Iterator[Session]:
    with ledger() as opened:
        yield opened


def restored(*, cannot_prove: tuple[str, ...] = ()) -> Restored:
    with ledger() as session:
        return restoring.after_restore(session, cannot_prove=cannot_prove, nobody=NOBODY)


def text_to(session: Session, case_id: str) -> Intent:
    return session.exec(
        select(Intent).where(Intent.case_id == case_id, Intent.step == "outreach-1")
    ).one()


def put(case_id: str, **changes: object) -> None:
    with ledger() as session:
        case = session.get_one(Case, case_id)
        for name, value in changes.items():
            setattr(case, name, value)
        session.add(case)


def put_text(case_id: str, **changes: object) -> None:
    with ledger() as session:
        intent = text_to(session, case_id)
        for name, value in changes.items():
            setattr(intent, name, value)
        session.add(intent)


@pytest.mark.parametrize("stage", [Stage.PLANNED, Stage.SENDING, Stage.UNKNOWN])
def test_whatever_was_not_settled_waits_for_evidence_at_once(case_id: str, stage: Stage) -> None:
    put_text(case_id, state=stage, due_at=clock.now() + timedelta(hours=9))
    restored()
    with ledger() as session:
        intent = text_to(session, case_id)
        assert (intent.state, intent.due_at <= clock.now()) == (Stage.UNKNOWN, True)


@pytest.mark.parametrize("stage", [Stage.DONE, Stage.REFUSED, Stage.DROPPED, Stage.GIVEN_UP])
def test_what_was_settled_stays_settled(case_id: str, stage: Stage) -> None:
    put_text(case_id, state=stage)
    restored()
    with ledger() as session:
        assert text_to(session, case_id).state == stage


def test_the_new_run_looks_for_evidence_before_anything_else(case_id: str) -> None:
    restored()
    with ledger() as session:
        actor = leases.take(session, case_id, "a-new-run")
        assert course.decide(session, actor) is Step.SETTLE
        assert intents.due(session, case_id, ("message", "staff"), Stage.PLANNED) == []


def test_a_text_that_left_after_the_backup_is_not_sent_again(case_id: str) -> None:
    restored()
    with ledger() as session:
        actor = leases.take(session, case_id, "a-new-run")
        intent = text_to(session, case_id)
        outreach.judge(session, actor, intent.id, ["SM-sent-since"])
        assert (intent.state, intent.vendor_id) == (Stage.DONE, "SM-sent-since")
        assert outreach.claim(session, actor, intent.id) is None


def test_a_text_that_never_left_goes_out_once(case_id: str) -> None:
    restored()
    with ledger() as session:
        actor = leases.take(session, case_id, "a-new-run")
        intent = text_to(session, case_id)
        outreach.judge(session, actor, intent.id, [])
        assert (intent.state, intent.attempts) == (Stage.PLANNED, 0)


def test_an_old_answer_no_longer_excuses_writing_at_night(case_id: str) -> None:
    put_text(case_id, direct_answer=True)
    restored()
    with ledger() as session:
        assert text_to(session, case_id).direct_answer is False


def test_a_mail_nobody_can_prove_is_given_to_staff_rather_than_sent_twice(case_id: str) -> None:
    put_text(case_id, connection="sendgrid")
    found = restored(cannot_prove=("sendgrid",))
    with ledger() as session:
        case, intent = session.get_one(Case, case_id), text_to(session, case_id)
        assert (intent.state, intent.reason) == (Stage.GIVEN_UP, restoring.UNPROVABLE)
        assert (case.state, case.owner) == ("handed_over", "office")
    assert found.given_to_staff == 1


def test_a_note_to_the_office_is_looked_up_even_where_mail_cannot_be(case_id: str) -> None:
    restored(cannot_prove=("slack",))
    with ledger() as session:
        notes = session.exec(select(Intent).where(Intent.kind == "staff")).all()
        assert {note.state for note in notes} == {Stage.UNKNOWN}


def test_a_booking_under_way_is_looked_up_and_not_made_again(case_id: str) -> None:
    with ledger() as session:
        case, slot = cases.load(session, case_id), session.exec(select(OfferSlot)).first()
        assert slot is not None
        bookings.choose(session, case, slot, actor="client")
    restored()
    with ledger() as session:
        booking = session.exec(select(Intent).where(Intent.kind == "booking")).one()
        actor = leases.take(session, case_id, "a-new-run")
        assert (booking.state, session.get_one(Case, case_id).state) == (Stage.UNKNOWN, "booking")
        assert course.decide(session, actor) is Step.SETTLE
        assert bookings.claim(session, actor, booking.id) is None


def test_each_working_case_gets_a_new_run_and_the_old_one_is_refused(case_id: str) -> None:
    with ledger() as session:
        before = session.get_one(Case, case_id)
        old = leases.Actor(case_id, desk.RUN, before.lease_fence)
    restored()
    with ledger() as session:
        case = session.get_one(Case, case_id)
        assert case.epoch > before.epoch
        assert (case.run_id, case.lease_until) == (None, None)
        with pytest.raises(leases.NotOurs):
            leases.check(session, old)


def test_the_new_epoch_is_none_that_a_run_of_the_lost_time_can_have(case_id: str) -> None:
    """Prefect would hand back that old run for the same key."""
    put(case_id, epoch=7)
    restored()
    with ledger() as session:
        assert session.get_one(Case, case_id).epoch > 500_000


def test_a_case_an_operator_took_from_its_run_gets_none(case_id: str) -> None:
    put(case_id, run_id=NOBODY)
    restored()
    with ledger() as session:
        assert session.get_one(Case, case_id).run_id == NOBODY


def test_open_waits_are_closed(case_id: str) -> None:
    with ledger() as session:
        actor = leases.take(session, case_id, desk.RUN)
        waits.ensure_open(session, actor)
    restored()
    with ledger() as session:
        wait = session.exec(select(Wait)).one()
        assert (wait.outcome, wait.closed_at is not None) == ("restored", True)


def past(hours: float) -> datetime:
    return clock.now() - timedelta(hours=hours)


def test_a_case_whose_next_word_fell_due_since_goes_to_staff(case_id: str) -> None:
    put(case_id, follow_up_at=past(0.5))
    found = restored()
    with ledger() as session:
        case = session.get_one(Case, case_id)
        assert (case.state, case.reason) == ("handed_over", restoring.MAYBE_WRITTEN)
    assert found.given_to_staff == 1


def test_a_case_that_had_not_been_offered_anything_yet_goes_to_staff(ledger_db: str) -> None:
    desk.plant_business()
    planted = desk.plant_case()
    restored()
    assert desk.case_now(planted).state == "handed_over"


def test_a_case_still_in_grace_goes_on_as_it_was(ledger_db: str) -> None:
    desk.plant_business()
    planted = desk.plant_case()
    put(planted, grace_until=clock.now() + timedelta(minutes=5))
    restored()
    assert desk.case_now(planted).state == "open"


def test_every_working_case_keeps_a_deadline(case_id: str) -> None:
    desk.plant_case(2, phone="+18085550143", email="kai@example.com")
    restored()
    with ledger() as session:
        deadlines = session.exec(select(Case.next_action_at)).all()
    assert len(deadlines) == 2
    assert None not in deadlines


def test_a_case_that_is_closed_and_owes_nothing_is_left_alone(case_id: str) -> None:
    put(case_id, state="declined", next_action_at=None)
    before = desk.case_now(case_id)
    restored()
    after = desk.case_now(case_id)
    assert (after.state, after.epoch, after.run_id) == ("declined", before.epoch, before.run_id)


def test_the_ledger_remembers_when_it_was_restored_and_from_when(session: Session) -> None:
    restoring.mark_backup(session)
    session.commit()
    found = restored()
    mark = session.get_one(Mark, restoring.RESTORED)
    assert abs((datetime.fromisoformat(mark.value) - clock.now()).total_seconds()) < 60
    made = installation.recall(session, restoring.BACKED_UP)
    assert made is not None
    assert found.backed_up_at == made.value
    actions = session.exec(select(Audit.action).order_by(col(Audit.id))).all()
    assert (actions[0], actions[-1]) == ("backed_up", "restored")


def test_each_doubt_is_on_record(case_id: str) -> None:
    found = restored()
    with ledger() as session:
        doubts = session.exec(select(Audit).where(Audit.action == "doubted_by_restore")).all()
        assert len(doubts) == found.doubtful == len(session.exec(select(Intent)).all())
        assert session.exec(select(Appointment)).one().status == "cancelled"
