"""Single facts about this installation, kept in the ledger."""

from sqlmodel import Session

from rebook.db.tables import Mark
from rebook.domain import clock
from rebook.domain.ids import new_id

ID = "installation"


def installation_id(session: Session) -> str:
    """The id of this installation, made on first use. Prefect holds a copy as a variable."""
    mark = session.get(Mark, ID)
    if mark is None:
        mark = Mark(name=ID, value=new_id("rebook"), at=clock.now())
        session.add(mark)
    return mark.value


def remember(session: Session, name: str, value: str) -> None:
    mark = session.get(Mark, name) or Mark(name=name, value=value, at=clock.now())
    mark.value, mark.at = value, clock.now()
    session.add(mark)


def recall(session: Session, name: str) -> Mark | None:
    return session.get(Mark, name)
