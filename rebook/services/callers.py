"""Who calls, and of which visit they speak: by their number, and by something they must know."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from rebook.db.call_tables import PhoneCall
from rebook.db.tables import Appointment, Case, Person
from rebook.domain import call_choices, clock, wording
from rebook.domain.appointments import Status
from rebook.domain.cases import OPEN_STATES
from rebook.services import configuration, people

MISSES, REMEMBERED = 6, timedelta(days=1)
"""Wrong answers from one number before it is asked no more: anybody can show another's number."""
DIGITS = 2


@dataclass(frozen=True)
class Visit:
    """A visit with its open case, or one that is ahead and has none."""

    person_id: str
    appointment: Appointment
    case: Case | None = None


@dataclass(frozen=True)
class Who:
    """A caller who passed the check; they may have no visit at all."""

    person_id: str
    visit: Visit | None


def is_known(session: Session, number: str) -> bool:
    return bool(number and people.behind(session, number))


def names(session: Session, number: str) -> tuple[str, ...]:
    """The first names that may be said from this number, as they may be written in an answer."""
    shown = (wording.safe(person.given_name) for person in _people(session, number))
    return tuple(name for name in shown if name)


def missed_often(session: Session, number: str) -> bool:
    """Whoever calls from here has been wrong about themselves too often to be asked again."""
    recent = session.exec(
        select(PhoneCall)
        .where(col(PhoneCall.called_at) > clock.now() - REMEMBERED)
        .where(col(PhoneCall.person_id).is_(None), col(PhoneCall.misses) > 0)
    )
    return sum(call.misses for call in recent if call.number == number) >= MISSES


def check(session: Session, number: str, *, keys: str, speech: str) -> Who | None:
    """The one person at this number who said their first name, or keyed in the day of their visit.

    None where that fits nobody, or two people.
    """
    behind = _people(session, number)
    ahead = visits(session, [person.id for person in behind])
    if keys:
        fitting = [visit for visit in ahead if _day(visit) == _keyed(keys)]
        one = _only(visit.person_id for visit in fitting)
        return Who(one, fitting[0]) if one else None
    found = _only(p.id for p in behind if call_choices.is_named(speech, p.given_name))
    if found is None:
        return None
    return Who(found, next((visit for visit in ahead if visit.person_id == found), None))


def visits(session: Session, person_ids: Sequence[str]) -> list[Visit]:
    """Those with an open case first, newest first; then those ahead, soonest first."""
    open_cases = session.exec(
        select(Case)
        .where(col(Case.person_id).in_(person_ids), col(Case.state).in_(sorted(OPEN_STATES)))
        .order_by(col(Case.opened_at).desc())
    ).all()
    found = {case.group_id: _of_case(session, case) for case in open_cases}
    for ahead in _ahead(session, person_ids):
        found.setdefault(ahead.group_id, Visit(str(ahead.person_id), ahead))
    return list(found.values())


def _of_case(session: Session, case: Case) -> Visit:
    lost = session.get_one(Appointment, case.appointment_id)
    return Visit(str(case.person_id), lost, case)


def _ahead(session: Session, person_ids: Sequence[str]) -> Sequence[Appointment]:
    """The system of record's word on a visit stands before a mirror's."""
    record = configuration.topology(session).record
    return session.exec(
        select(Appointment)
        .where(col(Appointment.person_id).in_(person_ids))
        .where(Appointment.status == Status.BOOKED, Appointment.starts_at > clock.now())
        .order_by((col(Appointment.connection) == record).desc(), col(Appointment.starts_at))
    ).all()


def _people(session: Session, number: str) -> Sequence[Person]:
    ids = people.behind(session, number) if number else []
    return session.exec(select(Person).where(col(Person.id).in_(ids))).all()


def _keyed(keys: str) -> int:
    """0 for what two keys of a telephone cannot be."""
    return int(keys) if keys.isascii() and keys.isdecimal() and len(keys) <= DIGITS else 0


def _day(visit: Visit) -> int:
    appointment = visit.appointment
    return appointment.starts_at.astimezone(ZoneInfo(appointment.zone)).day


def _only(ids: Iterable[str]) -> str | None:
    found = set(ids)
    return found.pop() if len(found) == 1 else None
