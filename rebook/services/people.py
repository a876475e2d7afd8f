"""People and how to reach them. Two people may share a phone; one person may have several names' worth."""

from collections.abc import Sequence

from sqlalchemy import bindparam, text
from sqlmodel import Session, col, select

from rebook.db.tables import Case, ContactPoint, Suppression
from rebook.db.tables import Person as Row
from rebook.domain import clock
from rebook.domain.appointments import Person
from rebook.domain.ids import new_id
from rebook.domain.messages import Channel
from rebook.keyring import keyring
from rebook.services import audit, cases, configuration

BY_REPLY = "reply by "
"""How the source of a silence begins that the client asked for in words of their own."""


def contact_key(value: str) -> str:
    """The fingerprint under which a phone number or an address is found."""
    return keyring().index(value.strip().casefold())


def remember(session: Session, person: Person, zone: str) -> str | None:
    """The id of this person, known or new; None where a platform says nothing about them."""
    contacts = _contacts(person)
    if not contacts and not (person.given_name or person.family_name):
        return None
    match = keyring().index(f"{person.given_name}|{person.family_name}".casefold())
    _one_at_a_time(session, match)
    row = _known(session, match, [contact_key(value) for _, value in contacts]) or Row(
        id=new_id("person"),
        match_key=match,
        given_name=person.given_name,
        family_name=person.family_name,
        zone=zone,
        language=configuration.default_language(session),
    )
    session.add(row)
    session.flush()
    _keep_contacts(session, row.id, contacts)
    return row.id


def meet_again(session: Session, person_id: str, person: Person) -> None:
    """A platform names a known client's contacts anew: a corrected number counts from now on."""
    _keep_contacts(session, person_id, _contacts(person))


def _one_at_a_time(session: Session, match: str) -> None:
    """Two platforms that show a new client at the same moment show one client."""
    session.connection().execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:match, 3))"), {"match": match}
    )


def _contacts(person: Person) -> list[tuple[Channel, str]]:
    pairs = [(Channel.SMS, person.phone), (Channel.EMAIL, person.email)]
    return [(channel, value.strip()) for channel, value in pairs if value.strip()]


def _known(session: Session, match: str, keys: Sequence[str]) -> Row | None:
    """The same name with a contact in common; a name alone proves nothing."""
    return session.exec(
        select(Row)
        .join(ContactPoint, col(ContactPoint.person_id) == col(Row.id))
        .where(Row.match_key == match, col(ContactPoint.value_key).in_(keys))
        .limit(1)
    ).first()


def _keep_contacts(session: Session, person_id: str, contacts: list[tuple[Channel, str]]) -> None:
    known = set(
        session.exec(select(ContactPoint.value_key).where(ContactPoint.person_id == person_id))
    )
    for channel, value in contacts:
        if (key := contact_key(value)) not in known:
            point = ContactPoint(
                id=new_id("contact"),
                person_id=person_id,
                channel=channel,
                value=value,
                value_key=key,
                known_since=clock.now(),
            )
            session.add(point)
    session.flush()


NEWEST = (
    select(ContactPoint)
    .where(ContactPoint.person_id == bindparam("person"), col(ContactPoint.disowned_at).is_(None))
    .where(ContactPoint.channel == bindparam("channel"))
    .order_by(col(ContactPoint.known_since).desc(), col(ContactPoint.id).desc())
    .limit(1)
)


def reach(session: Session, person_id: str | None, channel: Channel) -> ContactPoint | None:
    """The newest way to reach a person on a channel; an older one shown again is not newer."""
    return session.exec(NEWEST, params={"person": person_id, "channel": channel}).first()


def described(session: Session, person_id: str | None) -> Person:
    """A person as a platform is told of them."""
    row = session.get(Row, person_id) if person_id else None
    if row is None:
        return Person()
    phone, email = (reach(session, row.id, channel) for channel in (Channel.SMS, Channel.EMAIL))
    return Person(
        given_name=row.given_name,
        family_name=row.family_name,
        phone=phone.value if phone else "",
        email=email.value if email else "",
    )


def behind(session: Session, value: str) -> list[str]:
    """The ids of everyone a phone number or address belongs to."""
    return list(
        session.exec(
            select(ContactPoint.person_id).where(
                ContactPoint.value_key == contact_key(value),
                col(ContactPoint.disowned_at).is_(None),
            )
        )
    )


def disown(session: Session, value: str, person_id: str | None) -> bool:
    """Whoever answers at `value` is not this person: it is not used for them again."""
    point = session.exec(
        select(ContactPoint).where(
            ContactPoint.value_key == contact_key(value), ContactPoint.person_id == person_id
        )
    ).first()
    if point is None:
        return False
    point.disowned_at = clock.now()
    session.add(point)
    audit.record(session, "disowned", contact=point.value_key[:12], person=person_id)
    return True


def language(session: Session, person_id: str | None) -> str:
    """What a client is written to in."""
    row = session.get(Row, person_id) if person_id else None
    return row.language if row else "en"


def is_suppressed(session: Session, value_key: str) -> bool:
    return session.get(Suppression, value_key) is not None


def suppress(session: Session, value: str, *, source: str) -> list[str]:
    """Silence every contact of everyone behind `value`, at once. Returns the people's ids."""
    people = behind(session, value)
    keys = {contact_key(value)} | set(
        session.exec(select(ContactPoint.value_key).where(col(ContactPoint.person_id).in_(people)))
    )
    for key in sorted(keys):
        if not is_suppressed(session, key):
            session.add(Suppression(value_key=key, since=clock.now(), source=source))
            audit.record(session, "suppressed", contact=key[:12], source=source)
    cases.drop_planned(session, _cases_of(session, people), "the client opted out")
    session.flush()
    return people


def welcome_back(session: Session, value: str) -> bool:
    """A client who silenced us by a reply wants to hear from us again; False where they did not.

    What else that reply silenced may be used again too; other refusals stand.
    """
    own = session.get(Suppression, contact_key(value))
    if own is None or not own.source.startswith(BY_REPLY):
        return False
    people = behind(session, value)
    points = select(ContactPoint.value_key).where(col(ContactPoint.person_id).in_(people))
    source = own.source
    for key in sorted({own.value_key, *session.exec(points)}):
        row = session.get(Suppression, key)
        if row is not None and row.source == source:
            session.delete(row)
            audit.record(session, "unsuppressed", contact=key[:12], source=source)
    session.flush()
    return True


def _cases_of(session: Session, people: Sequence[str]) -> list[str]:
    return list(session.exec(select(Case.id).where(col(Case.person_id).in_(people))))
