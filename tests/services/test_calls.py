"""A caller is known by number and by something they must know; what they want reaches the case."""

from datetime import timedelta

import pytest

from rebook.db.session import ledger
from rebook.db.tables import Case, Reply, Suppression
from rebook.domain.appointments import Person
from rebook.domain.calls import Heard, Unanswered
from rebook.services import call_backs, calls
from tests.services import office
from tests.services.caller import OURS, Caller
from tests.services.office import LEILANI, NOON, Clock, rows

pytestmark = pytest.mark.usefixtures("business")


def booked() -> None:
    """Tuesday noon in Honolulu."""
    office.see(office.appointment())


def test_a_caller_chooses_a_language_says_a_name_and_hears_of_their_visit() -> None:
    booked()
    caller = Caller()
    assert "For English, press 1" in caller.hears()
    assert "oprima 2" in caller.last.lines[1].text
    assert "first name" in caller.hears("1")
    assert "Leilani" in caller.last.hints
    menu = caller.hears(speech="uh Leilany")
    assert "Your Cleaning is on Tuesday, March 2 at 12 in the afternoon" in menu
    assert all(f"press {key}" in menu for key in (1, 2, 3, 0))


def test_spanish_is_spoken_to_the_end() -> None:
    booked()
    caller = Caller()
    caller.hears()
    assert "diga su nombre" in caller.hears(speech="en español por favor")
    assert "martes 2 de marzo a las 12 de la tarde" in caller.hears("02")
    assert "sigue en pie" in caller.hears("2")
    assert caller.hung_up


def test_the_day_of_the_visit_is_proof_as_well_and_another_day_is_none() -> None:
    booked()
    right, wrong = Caller(), Caller()
    for caller in (right, wrong):
        caller.hears()
        caller.hears("1")
    assert "Your Cleaning" in right.hears("02")
    assert "did not get that" in wrong.hears("03")
    assert "Cleaning" not in wrong.hears(speech="Robert")


def test_nothing_is_told_to_a_number_we_do_not_know() -> None:
    booked()
    caller = Caller("+18085559999")
    caller.hears()
    said = caller.hears("1")
    assert "do not know the number" in said
    assert "call you back" in said
    assert caller.hung_up
    with ledger() as session:
        (waiting,) = call_backs.waiting(session)
    assert (waiting.number, waiting.known) == ("+18085559999", False)


def test_a_hidden_number_is_told_that_nobody_can_call_back() -> None:
    caller = Caller("")
    caller.hears()
    assert "cannot call you back" in caller.hears("1")
    assert caller.row.for_staff == ""


def test_silence_and_wrong_keys_are_asked_again_twice_and_then_a_person_takes_over() -> None:
    booked()
    caller = Caller()
    caller.at_the_menu()
    first = caller.last.lines
    assert caller.hears() == first[0].text
    assert "did not get that" in caller.hears("7")
    assert len(caller.last.lines) == 2
    assert "call you back" in caller.hears(speech="blah blah")
    assert caller.row.for_staff == "wanted"


def test_a_person_is_connected_where_the_office_takes_calls() -> None:
    booked()
    reached, missed = Caller(office="+18085550111"), Caller(office="+18085550111")
    for caller in (reached, missed):
        caller.at_the_menu()
        caller.hears(speech="can I talk to a person")
        assert caller.last.dial == "+18085550111"
    assert reached.hears(reached=True) == ""
    assert "call you back" in missed.hears()
    assert [caller.row.for_staff for caller in (reached, missed)] == ["", "wanted"]


def test_our_own_number_is_never_dialled() -> None:
    caller = Caller("+18085559999", office=OURS)
    caller.hears()
    caller.hears("1")
    assert caller.last.dial == ""


def test_new_times_open_a_case_while_the_visit_stands_and_a_key_books() -> None:
    booked()
    caller = Caller()
    caller.at_the_menu()
    assert "looking for times" in caller.hears("1")
    (case,) = rows(Case)
    assert (case.cause, case.old_stands, case.state) == ("client_cancelled", True, "open")
    assert "One moment" in caller.hears()
    actor = office.act(case.id)
    office.offer(actor)
    said = caller.hears()
    assert "For Wednesday, March 3 at 12 in the afternoon, press 1." in said
    assert "We are booking Wednesday, March 3" in caller.hears("1")
    assert caller.hung_up
    (reply,) = rows(Reply)
    assert (reply.channel, reply.intent, reply.rule) == ("phone", "accept", "chosen by key")
    office.wake(actor)
    assert office.case_of(case.id).state == "booking"


def test_spoken_words_are_said_back_before_anything_is_booked() -> None:
    case_id, actor = office.offered()
    caller = Caller()
    assert "no longer booked" in caller.at_the_menu()
    caller.hears("1")
    assert "Did we hear you right: Thursday" in caller.hears(speech="the Thursday one please")
    assert rows(Reply) == []
    assert "press 1" in caller.hears(speech="no, wrong")
    caller.hears(speech="Thursday")
    assert "We are booking Thursday" in caller.hears(speech="yes")
    (reply,) = rows(Reply)
    assert (reply.intent, reply.said) == ("accept", "yes")
    office.wake(actor)
    assert office.case_of(case_id).state == "booking"


def test_another_day_is_a_wish_and_the_caller_waits_for_its_times() -> None:
    _, actor = office.offered()
    caller = Caller()
    caller.at_the_menu()
    caller.hears("1")
    assert "looking for times" in caller.hears(speech="do you have anything next Friday morning")
    (reply,) = rows(Reply)
    assert reply.intent == "prefer"
    assert reply.wish_from is not None
    assert "One moment" in caller.hears()
    assert actor.case_id == caller.row.case_id


def test_who_waits_too_long_is_told_that_a_message_follows() -> None:
    booked()
    caller = Caller()
    caller.at_the_menu()
    caller.hears("1")
    for _ in range(6):
        caller.hears()
    assert "send you the times in a message" in caller.hears()
    assert caller.hung_up


def test_cancelling_for_good_is_asked_twice_and_kept_as_the_clients_word() -> None:
    booked()
    caller = Caller()
    caller.at_the_menu()
    assert "for good, press 1" in caller.hears("3")
    assert rows(Case) == []
    assert "Your Cleaning is on" in caller.hears("2")
    caller.hears(speech="I want to cancel it")
    assert "no longer need it" in caller.hears("1")
    (reply,) = rows(Reply)
    assert (reply.intent, reply.channel) == ("withdraw", "phone")


def test_keeping_the_visit_ends_the_case_that_asked_to_move_it() -> None:
    booked()
    first = Caller()
    first.at_the_menu()
    first.hears("1")
    second = Caller()
    assert "Your Cleaning is on" in second.at_the_menu()
    assert "stands" in second.hears("2")
    (case,) = rows(Case)
    assert (case.state, case.reason) == ("voided", "the client keeps the appointment")


def test_none_of_these_and_the_same_again() -> None:
    office.offered()
    caller = Caller()
    caller.at_the_menu()
    times = caller.hears("1")
    assert caller.hears("9") == times
    assert "noted" in caller.hears("8")
    (reply,) = rows(Reply)
    assert reply.intent == "decline"


def test_who_asks_for_silence_on_the_phone_gets_it() -> None:
    office.offered()
    caller = Caller()
    caller.at_the_menu()
    assert "no more messages" in caller.hears(speech="stop sending me messages")
    assert [reply.intent for reply in rows(Reply)] == ["opt_out"]
    assert rows(Suppression)


def test_a_turn_heard_twice_is_answered_alike_and_acts_once() -> None:
    office.offered()
    caller = Caller()
    caller.at_the_menu()
    caller.hears("1")
    said = caller.hears("2")
    caller.turn -= 1
    assert caller.hears("2") == said
    assert len(rows(Reply)) == 1


def test_two_people_at_one_number_are_told_apart_by_name() -> None:
    booked()
    kai = Person("Kai", "Kahale", LEILANI.phone, "")
    office.see(
        office.appointment("2", person=kai, service="Checkup", starts_at=NOON + timedelta(days=3))
    )
    caller = Caller()
    caller.hears()
    caller.hears("1")
    assert "Your Checkup" in caller.hears(speech="this is Kai")


def test_a_known_person_without_a_visit_gets_a_person() -> None:
    office.see(office.appointment(starts_at=NOON - timedelta(days=2)))
    caller = Caller()
    assert "no appointment of yours" in caller.at_the_menu()
    assert caller.row.for_staff == "wanted"


def test_a_case_being_booked_is_said_to_be_so() -> None:
    _, actor = office.offered()
    office.say("1")
    office.wake(actor)
    assert "is being booked" in Caller().at_the_menu()


def test_what_no_worker_answered_in_time_becomes_a_call_back() -> None:
    booked()
    heard = Heard("CA1", LEILANI.phone, OURS, 0)
    with ledger() as session:
        assert calls.unanswered(session, "twilio", Unanswered(heard))[0] == "a person calls back"
        assert calls.unanswered(session, "twilio", Unanswered(heard))[0] == "the call had ended"
        assert len(call_backs.waiting(session)) == 1


def test_a_call_that_asks_for_a_person_about_a_case_is_the_cases_matter() -> None:
    case_id, _ = office.offered()
    caller = Caller()
    caller.at_the_menu()
    caller.hears("0")
    (reply,) = rows(Reply)
    assert (reply.case_id, reply.intent) == (case_id, "call_me")
    assert caller.row.for_staff == ""


def test_the_office_is_told_once_and_marks_it_done(at_noon: Clock) -> None:
    caller = Caller("+18085559999")
    caller.hears()
    caller.hears("1")
    with ledger() as session:
        (due,) = call_backs.due(session)
        wanted = call_backs.claim(session, due)
    assert wanted is not None
    assert "+18085559999" not in wanted.text
    with ledger() as session:
        assert call_backs.claim(session, due) is None
        call_backs.settle(session, due, "told", None)
        assert call_backs.due(session) == []
        assert call_backs.done(session, due, "kim")
        assert not call_backs.done(session, due, "kim")
        assert call_backs.waiting(session) == []
