"""Who speaks to the client of a case: a platform's own sequence or our messages, never both.

The sequence speaks while the case looks for a new time. Whoever ends that has it stopped, and our own
invitations wait until the platform shows that it is.
"""

from sqlmodel import Session, select

from rebook.db.tables import Case, Intent, SyncTarget
from rebook.domain import clock
from rebook.domain.cases import CaseState
from rebook.domain.ids import new_id
from rebook.services import audit, intents
from rebook.services.intents import Stage

STEP = "outreach-campaign"
SEQUENCE = "sequence"
SPOKEN_IN = frozenset({CaseState.OPEN, CaseState.OFFERED})
"""The states in which a sequence may speak: nothing is chosen and no person has taken over."""
SILENT = (Stage.REFUSED, Stage.DROPPED)
"""Stages of a sequence that certainly never said a word."""


def sequence(session: Session, case_id: str) -> Intent | None:
    """The case's sequence: it has one at most."""
    return intents.of_step(session, case_id, STEP)


def stop_of(session: Session, case_id: str) -> SyncTarget | None:
    """What has become of stopping it; None while nobody wanted it stopped."""
    return session.exec(
        select(SyncTarget).where(SyncTarget.case_id == case_id, SyncTarget.external_id == SEQUENCE)
    ).first()


def sequence_goes_on(session: Session, case_id: str) -> bool:
    """It speaks for us, and nobody has wanted it stopped."""
    begun = sequence(session, case_id)
    if begun is None or begun.state in SILENT:
        return False
    return stop_of(session, case_id) is None


def may_still_speak(session: Session, case_id: str) -> bool:
    """Begun, or perhaps begun, and not seen to be stopped."""
    begun = sequence(session, case_id)
    if begun is None or begun.state in SILENT:
        return False
    stop = stop_of(session, case_id)
    return stop is None or stop.state != "done"


def cannot_be_stopped(session: Session, case_id: str) -> bool:
    """A named person must stop it: until then we have no word with the client."""
    stop = stop_of(session, case_id)
    return stop is not None and stop.state == "human"


def follow(session: Session, case: Case) -> None:
    """After each change of a case's state: a sequence that has nothing to say any more is ended."""
    if CaseState(case.state) in SPOKEN_IN:
        return
    begun = sequence(session, case.id)
    if begun is None or begun.state in SILENT:
        return
    if begun.state == Stage.PLANNED and begun.attempts == 0:
        intents.settle(session, begun, Stage.DROPPED, reason="the case has moved on")
    elif stop_of(session, case.id) is None:
        want_stopped(session, case, begun)


def want_stopped(session: Session, case: Case, begun: Intent) -> None:
    """The platform must be told, and asked whether it has; again where it was told before."""
    target = stop_of(session, case.id) or SyncTarget(
        id=new_id("sync"),
        case_id=case.id,
        connection=begun.connection,
        external_id=SEQUENCE,
        wanted={},
        due_at=clock.now(),
    )
    target.wanted = {"sequence": begun.id, "version": case.version}
    target.state, target.due_at, target.attempts = "wanted", clock.now(), 0
    session.add(target)
    session.flush()
    audit.record(session, "sequence_stop_wanted", case_id=case.id, connection=begun.connection)
