"""The case's story as an artifact beside its run: ids, times and fixed words only."""

from prefect.artifacts import create_markdown_artifact
from sqlmodel import Session

from rebook.db.session import ledger
from rebook.db.tables import Audit
from rebook.domain import wording
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
    "deferred": "a message waits for contact hours",
    "step_failed": "a step failed and will be tried again",
}
"""Audit actions worth a line; the rest is in `rebook case show`."""


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
        f"# {case_id}: {case.state}",
        f"Cause: {case.cause}" + (f" · {case.reason}" if case.reason else ""),
        "",
        f"| when ({zone}) | what | details |",
        "| --- | --- | --- |",
    ]
    lines += [
        _line(entry, zone) for entry in audit.story(session, case_id) if entry.action in WORDS
    ]
    return "\n".join(lines)


def _line(entry: Audit, zone: str) -> str:
    shown = {name: value for name, value in entry.detail.items() if value not in ("", None)}
    details = ", ".join(f"{name} {value}" for name, value in shown.items() if name != "before")
    who = "" if entry.actor == audit.SYSTEM else f" ({entry.actor})"
    return f"| {wording.short(entry.at, zone)} | {WORDS[entry.action]}{who} | {details} |"
