"""The default story over four days, with the clock moved: text, mail, last text, a person."""

from datetime import datetime, timedelta

import pytest

from rebook.db.session import ledger
from rebook.db.tables import Audit, Intent
from rebook.domain import clock
from rebook.domain.appointments import Status
from rebook.domain.cases import CaseEvent
from rebook.domain.decisions import Choice
from rebook.domain.plan import Step
from rebook.domain.policy import Policy
from rebook.services import cases
from tests.services import office
from tests.services.office import NOON, Clock, Run

pytestmark = pytest.mark.usefixtures("business")


def sleep(at_noon: Clock, run: Run) -> datetime:
    """The case rests until its own deadline, as the dispatcher would wake it."""
    assert run.until_it_waits() is Step.WAIT
    due = office.case_of(run.actor.case_id).next_action_at
    assert due is not None
    assert due > clock.now()
    at_noon.set(due + timedelta(seconds=1))
    return due


def begin() -> Run:
    return Run(office.act(office.lose()), office.times(60))


def hours(instant: datetime) -> int:
    return round((instant - NOON).total_seconds() / 3600)


def test_a_client_who_never_answers_hears_three_times_in_four_days_and_then_a_person_takes_over(
    at_noon: Clock,
) -> None:
    run = begin()
    woken = [hours(sleep(at_noon, run)) for _ in range(3)]
    run.until_it_waits()
    case = office.case_of(run.actor.case_id)
    assert woken == [24, 72, 96]
    assert [bool(one.subject) for one in run.sent] == [False, True, False]
    assert [one.connection for one in run.sent] == ["twilio", "sendgrid", "twilio"]
    assert (case.state, case.reason, case.owner) == ("handed_over", "no answer", "office")
    assert len({one.token for one in run.sent}) == 1


def test_a_case_that_waits_for_a_person_says_so_again_every_day(at_noon: Clock) -> None:
    run = begin()
    for _ in range(3):
        sleep(at_noon, run)
    for _ in range(2):
        sleep(at_noon, run)
    run.until_it_waits()
    reminders = [one for one in office.rows(Intent, kind="staff") if "reminder" in one.step]
    assert len(reminders) == 2
    assert len(office.rows(Audit, action="reminded_staff")) == 2
    assert office.case_of(run.actor.case_id).state == "handed_over"


def test_every_message_speaks_of_times_that_are_held_and_ahead(at_noon: Clock) -> None:
    run = begin()
    for _ in range(3):
        before = len(run.sent)
        run.until_it_waits()
        assert len(run.sent) == before + 1
        assert max(office.held(run.actor.case_id)) > clock.now()
        sleep(at_noon, run)


def test_times_that_have_all_passed_are_replaced_before_the_client_is_written_to(
    at_noon: Clock,
) -> None:
    case_id = office.lose()
    run = Run(office.act(case_id), office.times(1, NOON + timedelta(hours=3)))
    sleep(at_noon, run)
    run.free = office.times(6, NOON + timedelta(days=4))
    run.until_it_waits()
    assert office.messages(case_id) == {"outreach-1": "done", "outreach-2": "done"}
    assert len(office.slot_times(case_id, 2)) == 3
    assert min(office.slot_times(case_id, 2)) > clock.now()


def test_a_client_who_answers_ends_the_story_and_is_told_once(at_noon: Clock) -> None:
    run = begin()
    sleep(at_noon, run)
    run.until_it_waits()
    office.say("2")
    office.wake(run.actor)
    assert run.until_it_waits() is Step.DONE
    assert run.sent[-1].text.startswith("Windward Dental: booked! Cleaning, ")
    assert len(run.sent) == 3
    assert "dropped" not in office.messages(run.actor.case_id).values()


def test_losing_a_slot_begins_the_story_anew_and_nothing_floods(at_noon: Clock) -> None:
    run = begin()
    sleep(at_noon, run)
    sleep(at_noon, run)
    run.until_it_waits()
    with ledger() as session:
        cases.move(
            session,
            cases.load(session, run.actor.case_id),
            CaseEvent.NEW_TIMES_WANTED,
            reason="slot taken",
        )
    run.until_it_waits()
    assert "has just been taken" in run.sent[-1].text
    due = office.case_of(run.actor.case_id).next_action_at
    assert due is not None
    assert due >= clock.now() + timedelta(hours=23)


def test_grace_passes_before_the_first_word_unless_the_client_acted(at_noon: Clock) -> None:
    _, case_id = office.see(office.appointment("9", status=Status.NOSHOW))
    run = Run(office.act(str(case_id)), office.times())
    assert run.until_it_waits() is Step.WAIT
    assert run.sent == []
    at_noon.forward(minutes=10, seconds=1)
    run.until_it_waits()
    assert len(run.sent) == 1


def test_new_times_by_staff_tell_the_whole_story_again(at_noon: Clock) -> None:
    run = begin()
    for _ in range(3):
        sleep(at_noon, run)
    run.until_it_waits()
    run.free = office.times(60, clock.now() + timedelta(hours=3))
    office.say("not sure yet")
    office.wake(run.actor, office.decision(Choice.OFFER_NEW_TIMES))
    before, start = len(run.sent), clock.now()
    for _ in range(3):
        sleep(at_noon, run)
    run.until_it_waits()
    assert len(run.sent) - before == 3
    assert clock.now() - start > timedelta(hours=95)
    assert office.case_of(run.actor.case_id).state == "handed_over"


def test_a_policy_in_seconds_tells_the_same_story_fast(at_noon: Clock) -> None:
    second = 1 / 3600
    office.configure(
        Policy(
            email_after_hours=10 * second,
            last_sms_after_hours=20 * second,
            hand_over_after_hours=30 * second,
        )
    )
    run = begin()
    for _ in range(3):
        sleep(at_noon, run)
    run.until_it_waits()
    assert clock.now() - NOON < timedelta(minutes=15)
    assert len(run.sent) == 3


def test_at_every_rest_the_case_is_closed_or_knows_when_it_acts_next(at_noon: Clock) -> None:
    run = begin()
    for _ in range(6):
        run.until_it_waits()
        case = office.case_of(run.actor.case_id)
        assert case.next_action_at is not None
        at_noon.set(case.next_action_at + timedelta(seconds=1))
