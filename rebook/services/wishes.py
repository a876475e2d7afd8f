"""A client asks, before any platform says so, for another time of a visit that stands."""

from sqlmodel import Session

from rebook.domain.cases import Cause
from rebook.services import audit, opening, pages, visits

ASKED = ("move", "cancel")


def ask(session: Session, token: str, asked: str) -> tuple[str, str | None]:
    """Open the visit's case; the visit itself stands until something else is settled.

    Returns the verdict and the case, where one was opened by this.
    """
    named = visits.by_token(session, token)
    stands = visits.standing(session, named.group_id) if named else None
    if stands is None:
        return "no visit stands", None
    if asked not in ASKED:
        return "not a wish of ours", None
    case, opened = opening.open_case(
        session, stands, cause=Cause.CLIENT_CANCELLED, actor="client", at_once=True
    )
    if opened:
        case.asked = asked
    session.add(case)
    audit.record(session, "client_asked", case_id=case.id, actor="client", asked=asked)
    pages.refresh(session, case)
    return f"asked to {asked}", case.id if opened else None
