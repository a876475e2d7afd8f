"""The words of a case's timeline: for Prefect's artifact and for the staff page. No personal data."""

from rebook.domain.cases import Cause

WORDS = {
    "opened": "the appointment was lost: a case was opened",
    "client_asked": "the client asked to move or cancel what stands",
    "cancel_wanted": "what stands is to be cancelled on a platform",
    "link_asked_for": "the client asked for their link again",
    "seen_again": "another platform showed the same loss",
    "run_started": "a run began to act",
    "offered": "times were held and offered",
    "offer_shown": "a calendar shows the offered times",
    "offer_no_longer_shown": "a calendar shows them no longer",
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
    "campaign_done": "the platform's own sequence was begun: it invites the client, we do not",
    "campaign_refused": "the platform's own sequence was refused: our messages speak",
    "sequence_stop_wanted": "the platform's own sequence is being stopped",
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
    "answer": "an answer to the client's own words",
    "taken": "the news that the slot was taken",
    "booked": "the confirmation",
    "too-late": "the news that it was booked already",
    "late": "the news that the technician is running late",
    "lost-link": "the link that the client asked for",
}
"""What a message was about, by the beginning of its step."""

CAUSES = {
    Cause.CLIENT_CANCELLED: "the client cancelled",
    Cause.NOSHOW: "the client did not come",
    Cause.FAILED_ACCESS: "nobody could get in",
    Cause.OUR_FAULT: "we had to cancel",
    Cause.WEATHER: "the weather",
    Cause.CANCELLED: "it was cancelled; the platform does not say by whom",
    Cause.STANDS: "it was not: the technician has word for the office, or its client lost the link",
}
