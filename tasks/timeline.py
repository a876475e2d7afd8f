"""The case's story as an artifact beside its run: ids, times and fixed words only."""

from collections.abc import Mapping

from prefect.artifacts import create_markdown_artifact
from sqlmodel import Session

from rebook.db.session import ledger
from rebook.db.tables import Audit
from rebook.domain import wording
from rebook.domain.cases import Cause
from rebook.services import audit, cases, offers

WORDS = {
    "opened": "the appointment was lost: a case was opened",
    "seen_again": "another platform showed the same loss",
    "run_started": "a run began to act",
    "offered": "times were held and offered",
    "message_done": "a message was accepted by its vendor",
    "message_delivered": "a message was delivered",
    "message_unknown": "a message's outcome is in doubt: waiting for evidence",
    "message_refused": "a vendor refused a message",
    "staff_done": "the office was told",
    "replied": "the client answered",
    "reply_taken": "the answer was taken up",
    "decision": "a member of staff decided",
    "slot_chosen": "a slot was chosen",
    "slot_lost": "the slot was taken by somebody faster",
    "new_times_wanted": "new times are sought",
    "booking_done": "the record system accepted the booking",
    "booking_confirmed": "the case is rebooked",
    "synced": "a platform shows the outcome",
    "sync_failed": "a platform could not be told yet",
    "handed_to_staff": "the case was handed over to staff",
    "contact_refused": "the client asked for no more messages",
    "client_declined": "the client wants no other time",
    "client_withdrew": "the client no longer wants the appointment",
    "never_lost": "the appointment stands after all",
    "booked_elsewhere": "it was booked another way",
    "time_ran_out": "the case ran out of time",
    "visit_reported": "the technician reported from the visit",
    "deferred": "a message waits for contact hours",
    "step_failed": "a step failed and will be tried again",
}
"""Audit actions worth a line; the rest is in `rebook case show`."""


SHOWN = {
    "kind": "{}",
    "connection": "{}",
    "offer": "{}",
    "slots": "{} times",
    "channel": "by {}",
    "meaning": "{}",
    "outcome": "{}",
    "choice": "{}",
    "slot": "{}",
    "reason": "{}",
    "why": "{}",
    "owner": "for {}",
    "failures": "failure {}",
}
"""Details an operator can use, in words; ids and numbers for machines stay in the audit trail."""

MESSAGES = {
    "outreach-1": "the offer",
    "outreach-2": "the e-mail after no answer",
    "outreach-3": "the last text",
    "taken": "the news that the slot was taken",
    "booked": "the confirmation",
    "too-late": "the news that it was booked already",
    "late": "the news that the technician is running late",
}
"""What a message was about, by the beginning of its step."""

CAUSES = {
    Cause.CLIENT_CANCELLED: "the client cancelled",
    Cause.NOSHOW: "the client did not come",
    Cause.FAILED_ACCESS: "nobody could get in",
    Cause.OUR_FAULT: "we had to cancel",
    Cause.WEATHER: "the weather",
    Cause.CANCELLED: "it was cancelled; the platform does not say by whom",
    Cause.STANDS: "it was not: the technician has word for the office",
}


def publish(case_id: str) -> None:
    """Write the artifact anew; Prefect keeps the former versions."""
    with ledger() as session:
        markdown = render(session, case_id)
    create_markdown_artifact(
        markdown, key=f"timeline-{case_id}", description=f"The story of {case_id} so far"
    )


def render(session: Session, case_id: str) -> str:
    case = cases.load(session, case_id)
    zone = offers.zone_of(session, case)
    lines = [
        f"## {case_id}: {case.state}",
        f"Why it was lost: {CAUSES[Cause(case.cause)]}"
        + (f" · how it stands: {case.reason}" if case.reason else ""),
        "",
        f"| when ({zone}) | what | details |",
        "| --- | --- | --- |",
    ]
    story = audit.story(session, case_id)
    about = {e.detail["intent"]: _about(e) for e in story if e.action == "planned"}
    lines += [_line(entry, zone, about) for entry in story if entry.action in WORDS]
    return "\n".join(lines)


def _about(planned: Audit) -> str:
    """Nothing for a booking: the entry's own words say it."""
    step, parts = planned.detail["step"], planned.detail.get("segments", 0)
    words = next((words for start, words in MESSAGES.items() if step.startswith(start)), "")
    return f"{words} ({parts} segments)" if words and parts > 1 else words


def _line(entry: Audit, zone: str, about: Mapping[str, str]) -> str:
    found = [(words, entry.detail.get(name)) for name, words in SHOWN.items()]
    details = [words.format(value) for words, value in found if value]
    who = "" if entry.actor == audit.SYSTEM else f" ({entry.actor})"
    shown = ", ".join(filter(None, [about.get(str(entry.detail.get("intent"))), *details]))
    return f"| {wording.short(entry.at, zone)} | {WORDS[entry.action]}{who} | {shown} |"
