"""Waiting for the client: the run suspends and its process ends; the form lets an operator decide."""

from typing import Any, Literal
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.exceptions import ObjectNotFound
from prefect.flow_runs import suspend_flow_run
from prefect.input import RunInput
from prefect.input.actions import read_flow_run_input
from prefect.input.run_input import keyset_from_base_key
from prefect.runtime import flow_run
from pydantic import Field, field_validator
from sqlmodel import Session

from rebook.db.session import ledger, reading
from rebook.domain import decisions, wording
from rebook.domain.cases import CaseState
from rebook.failpoints import fp
from rebook.services import answers, attention, cases, offers, staff, waits
from rebook.services.leases import Actor
from tasks import interrupts
from tasks.case_runs import announce
from tasks.timeline import publish

STAFF_ID = r"^[A-Za-z0-9._-]{1,40}$"


class Decision(RunInput):
    """What should happen to this case? The client's own answers need nobody: they are read by themselves."""

    decision: Literal[
        "book_slot",
        "offer_new_times",
        "take_case",
        "call_made",
        "hand_over",
        "close_declined",
        "close_withdrawn",
        "close_booked_elsewhere",
        "close_never_lost",
        "read_ledger",
    ] = Field(
        description="**book_slot** books the slot named below · **offer_new_times** finds fresh ones ·"
        " **take_case** stops the machine and makes the case yours · **call_made** notes that you"
        " called · **hand_over** gives the case to the office · **close_...** ends it:"
        " the client *declined*, *withdrew*, is *booked elsewhere*, or it was *never lost* ·"
        " **read_ledger** only looks whether something new came in"
    )
    by: str = Field(pattern=STAFF_ID, description="Your staff id: it is kept in the audit trail.")
    slot: str = Field(
        default="",
        pattern=r"^(o\d{1,4}-\d{1,3})?$",
        description="For book_slot: offer and slot as listed above, for example `o1-2`.",
    )

    @field_validator("by", "slot", mode="before")
    @classmethod
    def _as_typed(cls, given: Any) -> Any:
        """The form's fields take line ends, and Prefect's own check lets one at the end pass."""
        return given.strip() if isinstance(given, str) else given


def wait_for_answer(actor: Actor) -> None:
    """Suspend until a reply, a due time or an operator wakes the case; then take what came.

    A run that was woken asks for the answer to its wait, and suspends only where there is none.
    """
    with reading() as session:
        before = waits.open_wait(session, actor.case_id)
    key, decision = before.key if before else "", _answer_to(before.key) if before else None
    if decision is None:
        key, decision = _wait(actor, first=before is None)
    fp("wait.woken")
    with ledger() as session:
        outcome = answers.take(session, actor, key, decision)
        fp("answers.before_commit")
    fp("answers.after_commit")
    if "client" in outcome:
        announce("replied", actor.case_id)


def _wait(actor: Actor, *, first: bool) -> tuple[str, decisions.Decision]:
    """The story so far is published before the run lets go of its process."""
    if first:
        publish(actor.case_id)
    with ledger() as session:
        key = waits.ensure_open(session, actor)
        text = description(session, actor.case_id)
    fp("wait.opened")
    return key, _suspend(key, text)


def _answer_to(key: str) -> decisions.Decision | None:
    """What woke this run from that wait; None where it was not woken, but started anew."""
    entered: Any = read_flow_run_input(keyset_from_base_key(f"suspended-{key}")["response"])
    return _as_decided(Decision(**entered)) if entered else None


def _as_decided(form: Decision) -> decisions.Decision:
    return decisions.Decision(decisions.Choice(form.decision), form.by, form.slot)


def _suspend(key: str, text: str) -> decisions.Decision:
    """A wait that ended without an answer (its run was restarted by hand) is only a look."""
    form = Decision.with_initial_data(description=text)
    run_id = str(flow_run.get_id())
    interrupts.rest(run_id)
    try:
        given = suspend_flow_run(wait_for_input=form, key=key, timeout=None)
    except ObjectNotFound:
        _stop_if_deleted(run_id)
        interrupts.go_on(run_id)
        return decisions.Decision()
    interrupts.go_on(run_id)
    return _as_decided(given)


def _stop_if_deleted(run_id: str) -> None:
    """Prefect answers alike for a form without an answer and for a run an operator deleted meanwhile."""
    try:
        with get_client(sync_client=True) as client:
            client.read_flow_run(UUID(run_id))
    except ObjectNotFound:
        with ledger() as session:
            attention.run_suspended(session, run_id)
        raise interrupts.Interrupted("the run was deleted") from None


def description(session: Session, case_id: str) -> str:
    """The form's heading: state, deadline and offered times. Ids and times only."""
    case = cases.load(session, case_id)
    zone = offers.zone_of(session, case)
    lines = [f"### Case `{case.id}` {staff.HEADLINES[CaseState(case.state)]}"]
    if case.owner and case.state == "handed_over":
        lines.append(f"It waits for **{case.owner}**: {case.reason}.")
    if case.next_action_at:
        lines.append(f"By itself it acts on {wording.short(case.next_action_at, zone)}.")
    offer = offers.current(session, case.id)
    if offer is not None:
        shown = [f"- `o{offer.n}-{s.code}`: {s.shown}" for s in offers.slots_of(session, offer)]
        lines.append("\n".join([f"Offered times ({zone}):", "", *shown]))
    lines.append(f"Who it is: `rebook case show {case.id}`")
    return "\n\n".join(lines)
