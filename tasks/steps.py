"""The steps of a case by name: what each word of the plan does."""

from collections.abc import Callable
from typing import Any

from rebook.domain.plan import Step
from rebook.services.leases import Actor
from tasks.acting import perform
from tasks.bookings import book_what_was_chosen, look_for_booking
from tasks.campaigns import begin_what_is_due, look_for_sequence
from tasks.follow_up import follow_up
from tasks.offers import offer_new_times
from tasks.outreach import look_for_evidence, send_what_is_due
from tasks.sync_back import tell_other_systems
from tasks.waiting import wait_for_answer


def settle_doubts(actor: Actor) -> None:
    """Evidence for messages, for a platform's own sequence, and for a booking."""
    look_for_evidence(actor)
    look_for_sequence(actor)
    look_for_booking(actor)


def send(actor: Actor) -> None:
    """Our messages; or the platform's own sequence is begun, which speaks in their place."""
    begin_what_is_due(actor)
    send_what_is_due(actor)


STEPS: dict[Step, Callable[[Actor], Any]] = {
    Step.SETTLE: settle_doubts,
    Step.SEND: send,
    Step.BOOK: book_what_was_chosen,
    Step.SYNC_BACK: tell_other_systems,
    Step.OFFER: offer_new_times,
    Step.FOLLOW_UP: follow_up,
    Step.WAIT: wait_for_answer,
}


def do(step: Step, actor: Actor) -> None:
    perform(STEPS[step], actor)
