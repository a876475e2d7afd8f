"""The frame of a case's run: it acts only while the case is bound to it, and ends quietly otherwise."""

from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from typing import Any, TypeVar

from prefect.exceptions import Abort
from prefect.logging import get_run_logger
from prefect.runtime import flow_run
from sqlmodel import Session

from connectors.errors import ConnectorError
from rebook.db.session import AWAY, ledger
from rebook.db.tables import Case
from rebook.domain.cases import CaseState
from rebook.domain.plan import Step
from rebook.failpoints import fp
from rebook.services import answers, audit, leases, story
from rebook.services.cases import CaseChanged, NoSuchCase
from rebook.services.leases import Actor, NotOurs
from tasks import interrupts
from tasks.case_runs import announce
from tasks.retry import through_restarts
from tasks.step import StepFault

F = TypeVar("F", bound=Callable[..., Any])

NEWS = {
    CaseState.OFFERED: "offered",
    CaseState.HANDED_OVER: "handed_over",
    CaseState.REBOOKED: "rebooked",
}
"""States whose beginning is an event in Prefect's feed."""
_seen: ContextVar[tuple[str, CaseState] | None] = ContextVar("_seen", default=None)
"""The case this run acts for, and how it stood before its last step."""


@through_restarts
def begin(case_id: str) -> Actor | None:
    """The right to act for this case; None, with the reason in the log, where another run has it."""
    try:
        with ledger() as session:
            actor = leases.take(session, case_id, str(flow_run.get_id()))
            _seen.set((case_id, CaseState(session.get_one(Case, case_id).state)))
    except (NotOurs, NoSuchCase) as error:
        get_run_logger().warning("nothing to do here: %s", error)
        return None
    fp("case.begun")
    return actor


@through_restarts
def next_step(actor: Actor) -> Step:
    """What the ledger says is next. A run that was replaced is done."""
    interrupts.check()
    try:
        with ledger() as session:
            step, state = _decide(session, actor)
    except NotOurs as error:
        _step_aside(actor, error)
        return Step.DONE
    _tell_of(actor.case_id, state)
    return step


def _tell_of(case_id: str, state: CaseState) -> None:
    """Some runs act for several cases, one after the other."""
    before = _seen.get()
    _seen.set((case_id, state))
    if before and before[0] == case_id and before[1] is not state and state in NEWS:
        announce(NEWS[state], case_id)


def _decide(session: Session, actor: Actor) -> tuple[Step, CaseState]:
    step = story.decide(session, actor)
    if step is Step.DONE and answers.take_leftovers(session, actor):
        step = story.decide(session, actor)
    return step, CaseState(session.get_one(Case, actor.case_id).state)


def _step_aside(actor: Actor, error: NotOurs) -> None:
    """Raises `Abort` where this very run was started anew: its state in Prefect is the later start's."""
    get_run_logger().warning("this run stops: %s", error)
    with ledger() as session:
        started_anew = leases.still_bound(session, actor)
    if started_anew:
        raise Abort(str(error))


def perform(step: Callable[[Actor], Any], actor: Actor) -> None:
    """Do one step; a platform's fault becomes a later try, another run's right ends this one's."""
    try:
        step(actor)
    except ConnectorError as error:
        _again_later(actor, type(error).__name__, error.retry_after)
    except StepFault as error:
        _again_later(actor, error.kind, None)
    except AWAY as error:
        _again_later(actor, type(error).__name__, None)
    except (NotOurs, CaseChanged) as error:
        get_run_logger().warning("the case changed meanwhile: %s", error)


@through_restarts
def _again_later(actor: Actor, reason: str, after: float | None) -> None:
    get_run_logger().warning("the step will be tried again: %s", reason)
    with suppress(NotOurs), ledger() as session:
        story.step_failed(session, actor, reason, after)


@through_restarts
def end(actor: Actor) -> str:
    """Let go of the case; returns the state it ended in."""
    try:
        with ledger() as session:
            ended_before = audit.has(session, actor.case_id, "run_finished")
            state = story.finish(session, actor)
    except NotOurs as error:
        _step_aside(actor, error)
        return "another run acts for this case"
    fp("case.finished")
    if not ended_before:
        announce("closed", actor.case_id)
    return state.value
