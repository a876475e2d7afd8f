"""Making a restored ledger safe to work with: what it meant to do may have been done since.

Nothing that was under way is done again before its platform was asked whether it happened.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from rebook.db.tables import Case, Intent, Wait
from rebook.domain import clock
from rebook.domain.cases import CaseState
from rebook.keyring import keyring
from rebook.services import audit, cases, installation, intents, leases, story, waits
from rebook.services.intents import Stage

BACKED_UP = "backed_up_at"
RESTORED = "restored_at"
KEYS = "keyring"
UNSETTLED = (Stage.PLANNED, Stage.SENDING, Stage.UNKNOWN)
OUTCOME = "restored"
FIRST_MINUTE = datetime(2025, 1, 1, tzinfo=UTC)
UNPROVABLE = "restored from a backup: its platform cannot tell whether it was sent"
MAYBE_WRITTEN = "restored from a backup: the client may have been written to since"


@dataclass(frozen=True)
class Restored:
    """What was found under way, and how much of it staff must look at."""

    backed_up_at: str
    doubtful: int
    given_to_staff: int
    cases: int


def fingerprint() -> str:
    """Tells whether a backup was made under this keyring; gives nothing of it away."""
    return keyring().index("the keyring of this ledger")


def mark_backup(session: Session) -> None:
    """Before a backup, so that the backup itself says when and under which keys it was made."""
    installation.remember(session, BACKED_UP, clock.now().isoformat())
    installation.remember(session, KEYS, fingerprint())
    audit.record(session, "backed_up")


def has_cases(session: Session) -> int:
    return session.exec(select(func.count()).select_from(Case)).one()


def after_restore(session: Session, *, cannot_prove: Collection[str], nobody: str) -> Restored:
    """Call once, in the ledger as it came from the backup, before anything works with it.

    `cannot_prove` are the connections that cannot tell whether a message was sent (an e-mail
    account without a message search): a message that was to go through one of them is given up
    and its case handed to staff, who may find it unsent, rather than sent twice. Every other
    create waits for its platform's word. A case whose next word to the client fell due between
    backup and restore is handed to staff as well: that word may have left, and no row here knows.
    What was opened after the backup is unknown to it and found again by polling as if new.
    """
    now = clock.now()
    doubtful = _doubt(session, now)
    working = session.exec(
        select(Case).where(col(Case.next_action_at).is_not(None)).with_for_update()
    ).all()
    for case in working:
        _let_go(session, case, nobody)
    handed = {case.id for case in working if _ran_on(case, now)}
    for case_id in handed:
        story.hand_over(session, cases.load(session, case_id), MAYBE_WRITTEN)
    handed |= _give_up(session, [i for i in doubtful if i.connection in cannot_prove])
    for case in working:
        story.set_deadline(session, case)
    mark = installation.recall(session, BACKED_UP)
    result = Restored(mark.value if mark else "", len(doubtful), len(handed), len(working))
    installation.remember(session, RESTORED, now.isoformat())
    audit.record(
        session, "restored", backed_up_at=result.backed_up_at, doubtful=result.doubtful,
        given_to_staff=result.given_to_staff, cases=result.cases,
    )  # fmt: skip
    return result


def _doubt(session: Session, now: datetime) -> list[Intent]:
    """Whatever was not settled may have been done since: evidence is due at once."""
    found = session.exec(
        select(Intent).where(col(Intent.state).in_(UNSETTLED)).with_for_update()
    ).all()
    for intent in found:
        before = intent.state
        intent.state, intent.due_at, intent.direct_answer = Stage.UNKNOWN, now, False
        session.add(intent)
        audit.record(
            session, "doubted_by_restore", case_id=intent.case_id, intent=intent.id, before=before
        )
    session.flush()
    return list(found)


def _let_go(session: Session, case: Case, nobody: str) -> None:
    """No run of the former ledger acts any more. A case an operator took from its run stays so."""
    leases.release(case)
    case.lease_fence += 1
    case.failures, case.retry_at = 0, None
    if case.run_id != nobody:
        case.epoch = max(case.epoch + 1, _minutes())
        case.run_id = None
    session.add(case)
    for wait in session.exec(
        select(Wait).where(Wait.case_id == case.id, col(Wait.closed_at).is_(None))
    ).all():
        waits.close(session, case.id, wait.key, OUTCOME)
    session.flush()


def _minutes() -> int:
    """Epochs name runs in Prefect, which may know some that were made after the backup."""
    return int((clock.now() - FIRST_MINUTE).total_seconds() // 60)


def _ran_on(case: Case, now: datetime) -> bool:
    """Was the client's next word due before the restore?"""
    match CaseState(case.state):
        case CaseState.OPEN:
            return case.grace_until <= now
        case CaseState.OFFERED:
            return case.follow_up_at is not None and case.follow_up_at <= now
        case _:
            return False


def _give_up(session: Session, unprovable: list[Intent]) -> set[str]:
    """Messages to clients whose sending nobody can prove. Returns the cases staff were given."""
    handed = set()
    for intent in unprovable:
        if intent.kind != "message" or intent.state != Stage.UNKNOWN:
            continue
        intents.settle(session, intent, Stage.GIVEN_UP, reason=UNPROVABLE)
        case = cases.load(session, intent.case_id)
        if cases.is_open(case) and CaseState(case.state) is not CaseState.BOOKING:
            story.hand_over(session, case, UNPROVABLE)
            handed.add(case.id)
    return handed
