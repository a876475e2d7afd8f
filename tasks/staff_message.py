"""A case's message in the staff channel: its words, and the buttons that fit how the case stands."""

from sqlmodel import Session, col, select

from connectors.contract import Button, OutgoingMessage
from rebook.db.tables import Case, Intent
from rebook.domain.cases import CaseState
from rebook.domain.decisions import LABELS, Choice
from rebook.services import cases, staff
from rebook.services.intents import Stage
from rebook.services.staff_actions import BOOK

CLOSINGS = (
    Choice.CLOSE_DECLINED,
    Choice.CLOSE_WITHDRAWN,
    Choice.CLOSE_BOOKED_ELSEWHERE,
    Choice.CLOSE_NEVER_LOST,
)
NEWEST = 5
"""Older reminders of a case are left as they are."""


def compose(session: Session, case: Case, intent: Intent, text: str) -> OutgoingMessage:
    """A closed case has no buttons; one that is being booked can only be taken."""
    return OutgoingMessage(
        to=intent.payload["to"],
        text=text,
        our_ref=intent.id,
        buttons=_buttons(session, case) if cases.is_open(case) else (),
    )


def _buttons(session: Session, case: Case) -> list[Button]:
    at_hand = [
        Button("Take the case", "take", case.id),
        Button("Call made", "called", case.id),
    ]
    if CaseState(case.state) is CaseState.BOOKING:
        return at_hand
    times = [
        Button(f"Book {slot.shown}", f"{BOOK}{name}", case.id, "primary")
        for name, slot in staff.bookable(session, case)
    ]
    return [*times, *at_hand, *_further(case)]


def _further(case: Case) -> list[Button]:
    endings = [
        (LABELS[choice].removeprefix("close: ").capitalize(), f"{case.id} {choice}")
        for choice in CLOSINGS
    ]
    anew = [Button("Offer new times", "new_times", case.id)]
    wanted = [] if CaseState(case.state) is CaseState.OPEN else anew
    return [*wanted, Button("Close because …", "close", case.id, options=endings)]


def posted(session: Session, case_id: str) -> list[tuple[str, OutgoingMessage]]:
    """What stands in the channel about this case, each with what it should say now."""
    rows = session.exec(
        select(Intent)
        .where(Intent.case_id == case_id, Intent.kind == "staff", Intent.state == Stage.DONE)
        .where(Intent.vendor_id != "")
        .order_by(col(Intent.sent_at).desc())
        .limit(NEWEST)
    ).all()
    case = cases.load(session, case_id)
    text = staff.wording_of(session, case)
    return [(row.vendor_id, compose(session, case, row, text)) for row in rows]
