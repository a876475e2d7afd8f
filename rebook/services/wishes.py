"""A client asks, before any platform says so, for another time of a visit that stands."""

from sqlmodel import Session

from rebook.domain.cases import Cause
from rebook.services import audit, cases, opening, pages, standing, visits

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
    known = opening.open_case_of(session, stands.group_id)
    case_id = standing.open_for(session, stands.id, Cause.CLIENT_CANCELLED, "client")
    if known is None:
        case = cases.load(session, case_id)
        case.asked = asked
        session.add(case)
        pages.refresh(session, case)
    audit.record(session, "client_asked", case_id=case_id, actor="client", asked=asked)
    return f"asked to {asked}", None if known else case_id
