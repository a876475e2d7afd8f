"""Who decides: opt-out first, then the operator, then the client; whoever loses hears of it."""

from datetime import timedelta

import pytest

from rebook.db.session import ledger
from rebook.db.tables import Audit, Intent, Reply, Suppression, Wait
from rebook.domain import clock
from rebook.domain.cases import CaseState
from rebook.domain.decisions import Choice
from rebook.domain.messages import StaffAction
from rebook.domain.plan import Step
from rebook.services import answers, pages, people, replies, staff, staff_actions, waits
from tests.services import office
from tests.services.office import LEILANI, NOON, Clock, decision, offered, say, wake

pytestmark = pytest.mark.usefixtures("business")


def state(case_id: str) -> str:
    return office.case_of(case_id).state


def outcomes(case_id: str) -> list[str]:
    return [reply.outcome for reply in office.rows(Reply, case_id=case_id)]


def choose_on_page(case_id: str, offer: int, code: int, source: str = "page:1") -> str:
    with ledger() as session:
        return replies.choose_on_page(
            session, pages.token(case_id), offer, code, source, clock.now()
        )[0]


def test_a_number_chooses_the_slot_the_client_was_shown() -> None:
    case_id, actor = offered()
    assert say("2") == ("accept", case_id)
    assert wake(actor) == "client: the slot was chosen"
    office.book(actor)
    assert office.held(case_id, "booked") == [office.slot_times(case_id)[1]]
    assert state(case_id) == "rebooked"


def test_the_same_message_delivered_twice_is_one_answer() -> None:
    case_id, _ = offered()
    assert say("2", source="twilio:SM7") == ("accept", case_id)
    assert say("2", source="twilio:SM7") == ("seen before", None)
    assert len(office.rows(Reply)) == 1


def test_accepting_by_text_and_by_page_at_once_is_one_booking() -> None:
    case_id, actor = offered()
    say("2")
    choose_on_page(case_id, 1, 2)
    assert wake(actor) == "client: the slot was chosen; client: already chosen"
    assert len(office.book(actor)) == 1


def test_an_opt_out_beats_everything_else() -> None:
    case_id, actor = offered()
    say("1")
    say("STOP")
    assert wake(actor, decision(Choice.BOOK_SLOT, "o1-2")) == "the client opted out"
    case = office.case_of(case_id)
    assert (case.state, case.reason) == ("refused_contact", "the client opted out")
    assert office.held(case_id) == []
    assert all(reply.taken_at for reply in office.rows(Reply))


def test_an_opt_out_after_choosing_keeps_the_booking_and_ends_the_messages() -> None:
    case_id, actor = offered()
    say("1")
    wake(actor)
    say("stop")
    assert wake(actor) == "client: no more messages"
    assert state(case_id) == "booking"
    office.book(actor)
    assert state(case_id) == "rebooked"
    assert "booked-sms" not in office.messages(case_id)


def test_the_operator_beats_the_client_and_the_client_hears_what_was_booked() -> None:
    case_id, actor = offered()
    say("1")
    outcome = wake(actor, decision(Choice.BOOK_SLOT, "o1-3"))
    assert outcome == "operator: the slot was chosen; client: too late: the case is booking"
    office.book(actor)
    assert office.held(case_id, "booked") == [office.slot_times(case_id)[2]]
    assert "booked-sms" in office.messages(case_id)


def test_a_client_who_chooses_another_time_after_the_booking_is_told_what_holds() -> None:
    case_id, actor = offered()
    wake(actor, decision(Choice.BOOK_SLOT, "o1-1"))
    office.book(actor)
    office.send(actor)
    assert office.next_step(actor) is not Step.WAIT
    say("2")
    assert [text for text in office.messages(case_id) if text.startswith("too-late")]
    assert outcomes(case_id) == ["too late: the case is rebooked"]
    assert office.case_of(case_id).next_action_at is not None
    sent = office.send(actor)
    assert "is booked for" in sent[-1].text


def test_words_after_the_case_was_closed_reach_the_office() -> None:
    case_id, actor = offered()
    wake(actor, decision(Choice.CLOSE_DECLINED))
    say("can I have another look?")
    notes = [intent.step for intent in office.rows(Intent, case_id=case_id, kind="staff")]
    assert any(step.startswith("staff-words") for step in notes)
    with ledger() as session:
        assert "has written since" in staff.wording_of(session, office.case_of(case_id))
    assert office.next_step(actor) is Step.SEND


@pytest.mark.parametrize(
    ("choice", "ends"),
    [
        (Choice.HAND_OVER, "handed_over"),
        (Choice.TAKE_CASE, "handed_over"),
        (Choice.CALL_MADE, "offered"),
        (Choice.CLOSE_DECLINED, "declined"),
        (Choice.CLOSE_WITHDRAWN, "withdrawn"),
        (Choice.CLOSE_BOOKED_ELSEWHERE, "rebooked"),
        (Choice.CLOSE_NEVER_LOST, "voided"),
        (Choice.OFFER_NEW_TIMES, "open"),
        (Choice.BOOK_SLOT, "booking"),
        (Choice.READ_LEDGER, "offered"),
    ],
)
def test_every_choice_of_the_form_has_its_effect_and_its_author(choice: Choice, ends: str) -> None:
    case_id, actor = offered()
    wake(actor, decision(choice, "o1-1" if choice is Choice.BOOK_SLOT else ""))
    assert state(case_id) == ends
    decided = [entry.actor for entry in office.rows(Audit, action="decision")]
    assert decided == ([] if choice is Choice.READ_LEDGER else ["staff:kim"])


@pytest.mark.parametrize("slot", ["", "o9-1", "o1-9", "nonsense"])
def test_a_slot_that_is_not_there_is_refused(slot: str) -> None:
    case_id, actor = offered()
    outcome = wake(actor, decision(Choice.BOOK_SLOT, slot))
    assert outcome == "operator: refused: this case has no such slot"
    assert state(case_id) == "offered"


def test_an_operators_choice_from_a_superseded_offer_is_refused_with_the_reason() -> None:
    case_id, actor = offered()
    wake(actor, decision(Choice.OFFER_NEW_TIMES))
    office.offer(actor)
    outcome = wake(actor, decision(Choice.BOOK_SLOT, "o1-1"))
    assert outcome == "operator: refused: that offer was replaced by a newer one"
    assert state(case_id) == "offered"


@pytest.mark.parametrize("choice", [one for one in Choice if one is not Choice.READ_LEDGER])
def test_a_decision_for_a_closed_case_is_recorded_and_changes_nothing(choice: Choice) -> None:
    case_id, actor = offered()
    wake(actor, decision(Choice.CLOSE_DECLINED))
    assert "refused: " in wake(actor, decision(choice, "o1-1"))
    assert state(case_id) == "declined"


def test_a_slot_somebody_faster_got_brings_fresh_ones_and_word_of_it(at_noon: Clock) -> None:
    case_id, actor = offered()
    wanted = office.slot_times(case_id)[0]
    at_noon.forward(minutes=121)
    other = office.act(office.lose("2", calendar="chair-1"))
    office.offer(other, [slot for slot in office.times() if slot.starts_at == wanted])
    say("1")
    assert wake(actor) == "client: the slot was taken by somebody faster"
    assert state(case_id) == "open"
    assert office.offer(actor, office.times(6, NOON + timedelta(days=6))) == 2
    sent = office.send(actor)
    assert ["has just been taken" in one.text for one in sent] == [True]
    assert office.case_of(case_id).reason == ""


def test_a_number_means_the_offer_the_client_had_been_sent_when_writing(at_noon: Clock) -> None:
    case_id, actor = offered()
    written = NOON + timedelta(minutes=1)
    at_noon.forward(minutes=2)
    first = office.slot_times(case_id)[0]
    wake(actor, decision(Choice.OFFER_NEW_TIMES))
    office.offer(actor, office.times(6, NOON + timedelta(days=5)))
    office.send(actor)
    say("1", received_at=written)
    wake(actor)
    office.book(actor)
    assert office.held(case_id, "booked") == [first]


def test_new_times_that_staff_asked_for_are_really_sent() -> None:
    case_id, actor = offered()
    wake(actor, decision(Choice.OFFER_NEW_TIMES))
    office.offer(actor, office.times(6, NOON + timedelta(days=5)))
    sent = office.send(actor)
    assert len(sent) == 1
    assert "New times" in sent[0].text
    assert list(office.messages(case_id).values()) == ["done", "done"]
    assert office.case_of(case_id).follow_up_at is not None


def test_words_no_rule_understands_hand_the_case_to_a_person() -> None:
    case_id, actor = offered()
    say("is parking free?")
    assert wake(actor) == "client: given to staff"
    assert (state(case_id), office.case_of(case_id).owner) == ("handed_over", "office")


def test_words_that_need_a_person_do_not_undo_what_a_person_just_decided() -> None:
    case_id, actor = offered()
    say("is parking free?")
    wake(actor, decision(Choice.OFFER_NEW_TIMES))
    assert state(case_id) == "open"
    steps = [intent.step for intent in office.rows(Intent, case_id=case_id, kind="staff")]
    assert any(step.startswith("staff-words") for step in steps)


def test_a_client_may_still_choose_when_the_case_waits_for_a_person() -> None:
    case_id, actor = offered()
    say("is parking free?")
    wake(actor)
    say("2")
    wake(actor)
    assert state(case_id) == "booking"


def press(action: str, case_id: str, vendor_id: str = "T1") -> str:
    with ledger() as session:
        pressed = StaffAction(action, case_id, "U123", vendor_id=vendor_id)
        return staff_actions.receive(session, pressed, "slack:1")[0]


@pytest.mark.parametrize(
    ("action", "ends"), [("take", "handed_over"), ("new_times", "open"), ("close", "declined")]
)
def test_a_button_is_a_decision_of_the_one_who_pressed_it(action: str, ends: str) -> None:
    case_id, actor = offered()
    assert press(action, case_id) == "button"
    assert press(action, case_id) == "seen before"
    assert wake(actor).startswith("operator: ")
    assert state(case_id) == ends
    taken = office.rows(Audit, case_id=case_id, action="reply_taken")
    assert [entry.actor for entry in taken] == ["staff:U123"]


def test_a_button_that_is_not_ours_is_nothing() -> None:
    case_id, _ = offered()
    assert press("launch", case_id) == press("take", "case-none") == "not a button of ours"


def test_a_wait_is_closed_once_and_a_late_wake_changes_nothing() -> None:
    case_id, actor = offered()
    with ledger() as session:
        key = waits.ensure_open(session, actor)
        assert waits.ensure_open(session, actor) == key
    with ledger() as session:
        answers.take(session, actor, key, decision(Choice.HAND_OVER))
    with ledger() as session:
        late = answers.take(session, actor, key, decision(Choice.CLOSE_DECLINED))
    assert (late, state(case_id)) == ("this wait was closed before", "handed_over")
    assert [wait.outcome for wait in office.rows(Wait)] == ["hand_over"]


def test_a_wake_with_nothing_new_changes_nothing() -> None:
    case_id, actor = offered()
    version = office.case_of(case_id).version
    assert wake(actor) == "nothing new"
    assert office.case_of(case_id).version == version


def test_a_reply_goes_to_the_case_that_was_written_about_last(at_noon: Clock) -> None:
    offered("1")
    at_noon.forward(minutes=5)
    second, _ = offered("2", calendar="chair-2", service="Whitening")
    assert say("1")[1] == second


def test_words_that_come_before_our_first_are_kept_for_the_open_case(at_noon: Clock) -> None:
    case_id = office.lose("1")
    assert say("call me, please") == ("call_me", case_id)
    closed, actor = offered("2", calendar="chair-2")
    wake(actor, decision(Choice.CLOSE_DECLINED))
    at_noon.forward(minutes=5)
    assert state(closed) == "declined"
    assert say("is anybody there?")[1] == case_id


def test_a_stranger_and_a_stranger_who_opts_out() -> None:
    assert say("hello", sender="+18085550177") == ("no open case", None)
    assert say("STOP", sender="+18085550177") == ("opted out", None)
    with ledger() as session:
        assert people.is_suppressed(session, people.contact_key("+18085550177"))


def test_stop_silences_every_contact_of_the_client_at_once() -> None:
    case_id, _ = offered()
    say("STOP")
    with ledger() as session:
        for value in (LEILANI.phone, LEILANI.email, LEILANI.email.upper()):
            assert people.is_suppressed(session, people.contact_key(value))
    assert len(office.rows(Suppression)) == 2
    assert state(case_id) == CaseState.OFFERED


def test_stop_drops_what_was_planned_in_all_cases_of_the_client() -> None:
    offered("1")
    second = office.lose("2", calendar="chair-2")
    office.offer(office.act(second, "run-2"))
    say("STOP")
    assert office.messages(second) == {"outreach-1": "dropped"}


def test_an_opt_out_outlives_the_person_and_the_case() -> None:
    _, actor = offered()
    say("STOP")
    wake(actor)
    again = office.lose("2")
    office.offer(office.act(again, "run-2"), office.times(3, NOON + timedelta(days=7)))
    assert office.messages(again) == {}
    assert state(again) == "handed_over"


@pytest.mark.parametrize(("offer", "code"), [(1, 9), (2, 1), (0, 0)])
def test_the_page_takes_no_slot_it_does_not_show(offer: int, code: int) -> None:
    case_id, _ = offered()
    assert choose_on_page(case_id, offer, code) == "no such slot"
    assert office.rows(Reply) == []


def test_the_page_shows_the_offer_then_the_booking() -> None:
    case_id, actor = offered()
    assert office.page(case_id)["state"] == "choose"
    assert [slot["code"] for slot in office.page(case_id)["slots"]] == [1, 2, 3]
    choose_on_page(case_id, 1, 2)
    wake(actor)
    assert office.page(case_id)["state"] == "working"
    office.book(actor)
    page = office.page(case_id)
    assert page["state"] == "booked"
    assert page["booked"]["shown"] == page["slots"][1]["shown"]
    assert "Kahale" not in str(page)
    assert LEILANI.phone not in str(page)


def test_an_answer_that_comes_while_the_run_books_is_taken_before_the_run_ends() -> None:
    case_id, actor = offered()
    wake(actor, decision(Choice.BOOK_SLOT, "o1-1"))
    say("3")
    office.book(actor)
    with ledger() as session:
        assert answers.take_leftovers(session, actor)
    assert outcomes(case_id) == ["too late: the case is rebooked"]
    assert any(step.startswith("too-late") for step in office.messages(case_id))
    with ledger() as session:
        assert not answers.take_leftovers(session, actor)
