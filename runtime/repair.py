"""Waking a case and repairing its run: what the dispatcher does for each way a run can stand."""

import logging
from collections.abc import Sequence

from prefect.client.orchestration import SyncPrefectClient

from rebook.db.session import ledger, reading
from rebook.failpoints import fp
from rebook.services import attention, cases, staff_actions, waits
from rebook.settings import settings
from runtime import prefect_api
from runtime.prefect_api import RunNow, Standing
from tasks.case_runs import BETWEEN_RUNS, announce, new_epoch
from tasks.unattended import NOBODY
from tasks.waiting import description

log = logging.getLogger("rebook.dispatcher")
MOST_DOUBLINGS = 4
"""Of the time a silent run is given before another takes its place."""


def wake_case(client: SyncPrefectClient, installation: str, case_id: str, run_id: str) -> None:
    """Something waits for this case: resume its run, or see why it cannot be."""
    fp("dispatcher.before_resume")
    now = prefect_api.look_at(client, run_id)
    if now.held:
        with ledger() as session:
            attention.held(session, case_id)
        return
    if now.settling:
        return
    if now.standing is Standing.SUSPENDED and prefect_api.wake(client, run_id):
        fp("dispatcher.after_resume")
        with ledger() as session:
            attention.woken(session, case_id)
        return
    if now.standing is Standing.SUSPENDED:
        mend_form(client, case_id, now)
    else:
        notice(client, installation, case_id, run_id, now)


def notice(
    client: SyncPrefectClient, installation: str, case_id: str, run_id: str, now: RunNow
) -> None:
    """A case that waits, and whose run somebody else ended or set going."""
    if now.standing in (Standing.GONE, Standing.CANCELLED, Standing.ENDED):
        log.info("case %s: its run is %s", case_id, now.standing)
        mend(client, installation, case_id, run_id, now)
    elif now.standing is not Standing.SUSPENDED:
        with ledger() as session:
            attention.moving(session, case_id, run_id)


def go_round(
    client: SyncPrefectClient, installation: str, parked: Sequence[tuple[str, str]]
) -> None:
    """Cases that wait: nothing tells us when an operator cancels, deletes or resumes a run."""
    if not parked:
        return
    run_ids = [run_id for _, run_id in parked]
    if prefect_api.all_suspended(client, run_ids):
        return
    standings = prefect_api.look_at_all(client, run_ids)
    for case_id, run_id in parked:
        notice(client, installation, case_id, run_id, standings[run_id])


def bury(client: SyncPrefectClient, installation: str, acting: Sequence[tuple[str, str]]) -> None:
    """Cases whose run a worker has reported dead: their leases need not run out."""
    run_ids = [run_id for _, run_id in acting]
    if not run_ids or not prefect_api.any_ended(client, run_ids):
        return
    standings = prefect_api.look_at_all(client, run_ids)
    for case_id, run_id in acting:
        if standings[run_id].standing is Standing.ENDED:
            log.info("case %s: its run has ended", case_id)
            mend(client, installation, case_id, run_id, standings[run_id])


def lapsed_case(client: SyncPrefectClient, installation: str, case_id: str, run_id: str) -> None:
    """The lease ran out: the run is parked, about to start, or dead."""
    now = prefect_api.look_at(client, run_id)
    log.info("case %s: lease over, run is %s", case_id, now.standing)
    mend(client, installation, case_id, run_id, now)


def mend(
    client: SyncPrefectClient, installation: str, case_id: str, run_id: str, now: RunNow
) -> None:
    """Bring a case and its run together again."""
    match now.standing:
        case Standing.SUSPENDED if now.has_form:
            mend_form(client, case_id, now)
            with ledger() as session:
                attention.parked(session, case_id, run_id)
        case Standing.SUSPENDED:
            if not now.held:
                prefect_api.wake(client, run_id)
            _watch(case_id)
        case Standing.COMING:
            _watch(case_id)
        case Standing.PENDING | Standing.RUNNING:
            _give_time_or_replace(client, case_id, run_id, now)
        case Standing.CANCELLED:
            _to_staff(case_id, run_id, "an operator cancelled its run")
        case Standing.GONE if prefect_api.marker_stands(client, installation):
            _to_staff(case_id, run_id, "an operator deleted its run")
        case Standing.GONE | Standing.ENDED:
            _replace(client, case_id, run_id, now.standing)


def mend_form(client: SyncPrefectClient, case_id: str, now: RunNow) -> None:
    if now.run is None or not now.has_form:
        return
    with ledger() as session:
        text = description(session, case_id)
    if prefect_api.write_form(client, now.run, text):
        log.info("case %s: its form was written", case_id)


def _give_time_or_replace(
    client: SyncPrefectClient, case_id: str, run_id: str, now: RunNow
) -> None:
    """Dead, or only slow: each run that follows one without a sign gets twice as long to give one.

    Never the same run again: a process worker that still has its process would end itself.
    """
    with ledger() as session:
        case = cases.load(session, case_id)
        doublings = min(case.failures, MOST_DOUBLINGS) + (now.standing is Standing.PENDING)
        left = settings().lease_seconds * 2.0**doublings - now.seconds
        if left > 0:
            attention.watch_again(session, case_id, left)
            return
    prefect_api.give_up(client, run_id)
    _replace(client, case_id, run_id, now.standing)


def _watch(case_id: str) -> None:
    with ledger() as session:
        attention.watch_again(session, case_id)


def _to_staff(case_id: str, run_id: str, why: str) -> None:
    with ledger() as session:
        handed_over = attention.taken_away(session, case_id, run_id, NOBODY, why)
    if handed_over:
        announce("handed_over", case_id)


def _replace(client: SyncPrefectClient, case_id: str, run_id: str, standing: Standing) -> None:
    """A run that ended while its case owes something; one that ended well lets go of it by itself."""
    _keep_decision(client, case_id, run_id)
    with ledger() as session:
        case = cases.load(session, case_id)
        if case.run_id == run_id and case.failures > len(BETWEEN_RUNS):
            attention.taken_away(session, case_id, run_id, NOBODY, "its runs keep failing")
        elif case.run_id == run_id and case.next_action_at is not None:
            new_epoch(session, case, f"its run is {standing}")
        elif case.run_id == run_id:
            case.lease_until = None
            session.add(case)


def _keep_decision(client: SyncPrefectClient, case_id: str, run_id: str) -> None:
    """What an operator decided in the form of a run that died before it took it up."""
    with reading() as session:
        wait = waits.open_wait(session, case_id)
    decision = prefect_api.given(client, run_id, wait.key) if wait else None
    if wait and decision and decision.by_a_person:
        with ledger() as session:
            staff_actions.keep_once(
                session, case_id, decision, source=f"form:{wait.key}:{run_id}", rule="form"
            )
