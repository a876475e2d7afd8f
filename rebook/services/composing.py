"""What a message to a client says: the text of its purpose, with what the ledger knows put in."""

from sqlmodel import Session, col, select

from rebook.db.tables import Appointment, Case, Intent, Person
from rebook.domain import texts, unsubscribing, wishes, wording
from rebook.domain.cases import CaseState
from rebook.domain.texts import Answer, Purpose, Written
from rebook.keyring import keyring
from rebook.services import cases, configuration, offers, pages, people, visits, wished
from rebook.settings import settings

CHOICES = frozenset(
    {
        Answer.WISH,
        Answer.NEAREST,
        Answer.TOO_FAR,
        Answer.TOO_SOON,
        Answer.ASK_DAY,
        Answer.UNCLEAR,
    }
)
STANDING = frozenset({CaseState.REBOOKED, CaseState.VOIDED})
LISTING = frozenset(
    {Purpose.OFFER_SMS, Purpose.OFFER_EMAIL, Purpose.TAKEN_SMS, Purpose.TAKEN_EMAIL}
)
BY_LINK = frozenset({Purpose.BY_LINK_SMS, Purpose.BY_LINK_EMAIL})


def compose(
    session: Session, case: Case, purpose: Purpose, answer: Answer | None, contact_id: str
) -> Written:
    """The operator's words where they changed them, else ours, in the client's language."""
    known = fields(session, case) | {"stop_link": unsubscribe_link(contact_id)}
    return texts.write(
        purpose,
        known | (_platforms_link(session, case) if purpose in BY_LINK else {}),
        configuration.templates(session).texts,
        cause=cases.told_cause(case),
        answer=answer,
        language=people.language(session, case.person_id),
        one_way=not configuration.topology(session).sms_answers,
    )


def unsubscribe_link(contact_id: str) -> str:
    """Where whoever reads there may say that they want no more."""
    base = settings().public_url.rstrip("/")
    return f"{base}/u/{contact_id}/{unsubscribing.token(keyring().door_key, contact_id)}"


def _platforms_link(session: Session, case: Case) -> dict[str, str]:
    """The address at which the platform itself takes the client's booking, in place of our page."""
    asked = select(Intent).where(Intent.case_id == case.id, Intent.kind == "booking")
    found = session.exec(asked.order_by(col(Intent.planned_at).desc())).all()
    return {"link": next(one.payload["link"] for one in found if "link" in one.payload)}


def shown_offer(session: Session, case: Case, purpose: Purpose, answer: Answer | None) -> int:
    """The offer whose choices the text lists: a later answer speaks of these."""
    lists = purpose in LISTING or answer in CHOICES
    offer = offers.current(session, case.id) if lists else None
    return offer.n if offer else 0


def fields(session: Session, case: Case) -> dict[str, str]:
    """What a text may speak of, made safe."""
    lost = session.get_one(Appointment, case.appointment_id)
    person = session.get(Person, case.person_id) if case.person_id else None
    topology = configuration.topology(session)
    zone = offers.zone_of(session, case)
    language = people.language(session, case.person_id)
    offer = offers.current(session, case.id)
    slots = offers.standing(session, offer) if offer else []
    name = wording.safe(person.given_name, 20) if person else ""
    wish = wished.wish_of(session, case)
    return {
        "business": topology.business_name,
        "phone": topology.business_phone,
        "name": name,
        "comma_name": f" {name}" if name else "",
        "service": wording.safe(lost.service) or texts.unnamed(language),
        "old": wording.short(lost.starts_at, zone, language),
        "place": wording.safe(lost.place, 80),
        "when": _booked(session, case, zone, language),
        "choices": texts.choices([(slot.code, slot.shown) for slot in slots]),
        "link": link(session, case),
        "wish": wishes.label(wish, zone, language) if wish else "",
    }


def link(session: Session, case: Case) -> str:
    """Where the client goes on: to the case's times, or to the visit once it is booked and stands."""
    stands = visits.standing(session, case.group_id) if CaseState(case.state) in STANDING else None
    return visits.link(stands.id) if stands else pages.link(case.id)


def _booked(session: Session, case: Case, zone: str, language: str) -> str:
    start = pages.booked_start(session, case.id)
    return wording.short(start, zone, language) if start else ""
