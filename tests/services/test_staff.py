"""The office's message of a case: who is named in it, its buttons, and what came of a press."""

import pytest
from sqlmodel import select

from rebook.db.session import ledger
from rebook.db.tables import Audit, Intent, Reply, SyncTarget
from rebook.domain.decisions import Choice
from rebook.domain.messages import StaffAction
from rebook.services import cases, staff, staff_accounts, staff_actions
from rebook.services.intents import Stage
from tasks import staff_message
from tests.services import office
from tests.services.office import decision, offered, wake

pytestmark = pytest.mark.usefixtures("business")


def press(action: str, value: str, user: str = "U7", press_id: str = "1") -> str:
    pressed = StaffAction(action, value, user, vendor_id=press_id)
    with ledger() as session:
        return staff_actions.receive(session, pressed, "slack:1")[0]


def words(case_id: str) -> str:
    with ledger() as session:
        return staff.wording_of(session, cases.load(session, case_id))


def buttons(case_id: str) -> dict[str, str]:
    """Action to label, as the case's message has them now."""
    with ledger() as session:
        case = cases.load(session, case_id)
        intent = office.rows(Intent, case_id=case_id, kind="staff")[0]
        message = staff_message.compose(session, case, intent, "text")
    return {button.action: button.label for button in message.buttons}


def test_the_message_of_an_offer_has_a_button_for_each_time() -> None:
    case_id, _ = offered()
    found = buttons(case_id)
    assert list(found)[:3] == ["book:o1-1", "book:o1-2", "book:o1-3"]
    assert list(found)[3:] == ["take", "called", "new_times", "close"]
    assert all(label.startswith("Book ") for label in list(found.values())[:3])


def test_a_time_no_longer_held_has_no_button() -> None:
    case_id, _ = offered()
    with ledger() as session:
        cases.release_holds(session, cases.load(session, case_id))
    assert "book:o1-1" not in buttons(case_id)


def test_a_button_books_its_time_and_the_message_says_who_did() -> None:
    case_id, actor = offered()
    assert press("book:o1-2", case_id) == "button"
    assert wake(actor) == "operator: the slot was chosen"
    assert "U7: book this time o1-2 → the slot was chosen" in words(case_id)
    assert set(buttons(case_id)) == {"take", "called"}
    office.book(actor)
    assert office.held(case_id, "booked") == [office.slot_times(case_id)[1]]
    assert buttons(case_id) == {}
    assert "New time: " in words(case_id)


@pytest.mark.parametrize(
    ("choice", "ends"),
    [
        (Choice.CLOSE_DECLINED, "declined"),
        (Choice.CLOSE_WITHDRAWN, "withdrawn"),
        (Choice.CLOSE_BOOKED_ELSEWHERE, "rebooked"),
        (Choice.CLOSE_NEVER_LOST, "voided"),
    ],
)
def test_the_menu_closes_with_the_reason_that_was_picked(choice: Choice, ends: str) -> None:
    case_id, actor = offered()
    assert press("close", f"{case_id} {choice}") == "button"
    wake(actor)
    assert office.case_of(case_id).state == ends


@pytest.mark.parametrize("picked", ["burn_it", "book_slot", "read_ledger"])
def test_a_menu_has_no_other_entries(picked: str) -> None:
    case_id, _ = offered()
    assert press("close", f"{case_id} {picked}") == "not a button of ours"
    assert office.rows(Reply, case_id=case_id) == []


def test_a_press_for_a_closed_case_is_refused_at_once_and_the_message_says_so() -> None:
    case_id, actor = offered()
    _posted(case_id)
    wake(actor, decision(Choice.CLOSE_DECLINED))
    assert press("book:o1-1", case_id) == "button"
    (reply,) = office.rows(Reply, case_id=case_id)
    assert (reply.taken_at is not None, reply.outcome) == (
        True,
        "operator: refused: the case is declined",
    )
    assert "U7: book this time o1-1 → refused: the case is declined" in words(case_id)
    (target,) = office.rows(SyncTarget, case_id=case_id, external_id=staff.STATUS)
    assert target.state == "wanted"
    assert office.case_of(case_id).next_action_at is not None


def _posted(case_id: str) -> None:
    with ledger() as session:
        found = select(Intent).where(Intent.case_id == case_id, Intent.kind == "staff")
        for intent in session.exec(found):
            intent.state, intent.vendor_id = Stage.DONE, f"C0:{intent.step}"


def test_every_posted_message_of_the_case_is_brought_up_to_date() -> None:
    case_id, actor = offered()
    wake(actor, decision(Choice.HAND_OVER))
    with ledger() as session:
        staff.remind(session, cases.load(session, case_id))
    _posted(case_id)
    with ledger() as session:
        found = staff_message.posted(session, case_id)
    assert len(found) == 2
    assert len({message.text for _, message in found}) == 1


def test_a_press_is_the_staff_members_where_their_slack_user_is_known() -> None:
    case_id, actor = offered()
    with ledger() as session:
        staff_accounts.add(session, "maria", password="three blue kettles", slack_id="U7")
    press("take", case_id)
    wake(actor)
    assert office.case_of(case_id).owner == "maria"
    taken = office.rows(Audit, case_id=case_id, action="reply_taken")
    assert [entry.actor for entry in taken] == ["staff:maria"]


def test_a_call_made_on_a_closed_case_is_refused() -> None:
    _, actor = offered()
    wake(actor, decision(Choice.CLOSE_DECLINED))
    assert wake(actor, decision(Choice.CALL_MADE)) == "operator: refused: the case is declined"


def test_a_decision_with_a_note_keeps_who_slot_and_words_apart() -> None:
    case_id, _ = offered()
    given = decision(Choice.CALL_MADE)
    noted = type(given)(given.choice, given.by, "", "two lines\nof o1-2 words")
    with ledger() as session:
        kept = staff_actions.keep(session, case_id, noted, source="x", rule="test")
        assert staff_actions.decision_of(kept) == noted
