"""What users of other products complain of, each as it goes here; docs/handbook/complaints.md lists all."""

from datetime import timedelta

import pytest

from rebook.db.tables import Appointment, Case, Intent, Reply
from rebook.domain.appointments import Person, Status
from rebook.domain.decisions import Choice
from rebook.domain.verdicts import Verdict
from tests.services import office
from tests.services.office import LEILANI, NOON, Clock, Run, appointment, decision, see

pytestmark = pytest.mark.usefixtures("business")


def planned() -> tuple[str, Run]:
    """A case whose first text is written and has not left."""
    case_id = office.lose()
    run = Run(office.act(case_id), office.times())
    office.offer(run.actor)
    return case_id, run


def test_reminders_of_a_visit_that_was_rebooked_by_hand_are_never_sent(at_noon: Clock) -> None:
    """cal.com 6905, 7232: texts already given to the sender still went out."""
    case_id, run = planned()
    see(appointment(starts_at=NOON + timedelta(days=9)))
    at_noon.forward(days=5)
    run.until_it_waits()
    assert office.case_of(case_id).state == "rebooked"
    assert [one.text for one in run.sent if "New times" in one.text] == []
    assert set(office.messages(case_id).values()) <= {"dropped", "done"}


def test_a_visit_that_is_saved_again_at_the_time_it_had_writes_to_nobody() -> None:
    """cal.com 17507: people were mailed about a move to the same time."""
    see(appointment())
    assert see(appointment(version="2", place="Room 4")) == (Verdict.SAME, None)
    assert (office.rows(Case), office.rows(Intent)) == ([], [])


def test_a_client_with_a_mail_address_alone_hears_of_the_offer_and_of_the_booking(
    at_noon: Clock,
) -> None:
    """cal.com 7635, 5145: no mail at all."""
    case_id = office.lose(person=Person("Ana", "Example", "", "ana@example.com"))
    run = Run(office.act(case_id), office.times())
    run.until_it_waits()
    office.wake(run.actor, decision(Choice.BOOK_SLOT, "o1-1"))
    run.until_it_waits()
    assert [one.to for one in run.sent] == ["ana@example.com"] * 2
    assert run.sent[-1].subject.startswith("Booked:")


def test_a_move_is_never_told_as_a_cancellation() -> None:
    """cal.com 28543: asking for another time fired the event of a cancellation."""
    see(appointment())
    later = appointment(starts_at=NOON + timedelta(days=3))
    assert see(later) == (Verdict.UPDATED, None)
    assert office.rows(Case) == []


def test_the_old_time_stands_until_the_client_has_a_new_one() -> None:
    """cal.com 28543: asking for another time cancelled the old one first."""
    see(appointment())
    see(appointment("g1", same_as="acuity:1"), "google")
    _, case_id = see(appointment("g1", status=Status.CANCELLED, same_as="acuity:1"), "google")
    assert case_id
    run = Run(office.act(case_id), office.times())
    run.until_it_waits()
    assert office.case_of(case_id).old_stands
    record = office.rows(Appointment, connection="acuity")
    assert [row.status for row in record] == [Status.BOOKED]


def test_a_client_hears_the_time_that_staff_chose_and_can_object() -> None:
    """Easy!Appointments 1655: the customer should confirm what an admin changed."""
    case_id, actor = office.offered()
    office.wake(actor, decision(Choice.BOOK_SLOT, "o1-2"))
    office.book(actor)
    [told] = office.send(actor)
    assert told.to == LEILANI.phone
    office.say("that does not work for me")
    notes = [intent.step for intent in office.rows(Intent, case_id=case_id, kind="staff")]
    assert any(step.startswith("staff-words") for step in notes)


def test_a_wait_that_fell_due_while_everything_was_down_is_made_up_once(at_noon: Clock) -> None:
    """n8n 23906: what was missed waited for up to a year."""
    case_id, actor = office.offered()
    at_noon.forward(days=3, hours=1)
    run = Run(actor, office.times(30))
    run.until_it_waits()
    made_up = [one.intent_id for one in run.sent]
    run.until_it_waits()
    assert [one.intent_id for one in run.sent] == made_up
    assert len(set(made_up)) == len(made_up) > 0
    due = office.case_of(case_id).next_action_at
    assert due is not None
    assert due > NOON


def test_one_message_delivered_three_times_at_once_is_read_once() -> None:
    """n8n 30607: one webhook ran two or three times, 22 ms apart."""
    case_id, _ = office.offered()
    verdicts = [office.say("1", source="twilio:SM1")[0] for _ in range(3)]
    assert verdicts == ["accept", "seen before", "seen before"]
    assert len(office.rows(Reply, case_id=case_id)) == 1


@pytest.mark.parametrize("words", ["works for me", "whatever", "?", "call the plumber"])
def test_people_do_not_answer_yes_or_no_and_no_word_of_theirs_is_lost(words: str) -> None:
    """UX Stack Exchange 51426: people do not answer what they are told to answer."""
    case_id, actor = office.offered()
    office.say(words)
    office.wake(actor)
    [reply] = office.rows(Reply, case_id=case_id)
    assert (reply.said, reply.slot_id, bool(reply.outcome)) == (words, None, True)
