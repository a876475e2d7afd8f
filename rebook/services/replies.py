"""A client's words, by whatever channel, become a stored reply of the case they speak of."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from rebook.db.session import call_dispatcher
from rebook.db.tables import (
    Appointment,
    Case,
    ClientPage,
    ContactPoint,
    Intent,
    Offer,
    OfferSlot,
    Person,
    Reply,
)
from rebook.domain import clock
from rebook.domain.cases import OPEN_STATES
from rebook.domain.ids import new_id
from rebook.domain.messages import Channel, InboundMessage
from rebook.domain.pageview import token_hash
from rebook.domain.replies import Asked, Meaning, Offered, Understood, interpret
from rebook.services import answers, audit, cases, doubt, offers, people
from rebook.services.intents import Stage

FORGED = Understood(Meaning.QUESTION, "the sender may be forged", confidence=0.0)
"""What nobody vouches for is read by a person, but for a wish for silence."""


def receive(session: Session, message: InboundMessage, source: str) -> tuple[str, str | None]:
    """Store what a client wrote. Returns a verdict in fixed words and the case it went to."""
    if known(session, source):
        return "seen before", None
    writers = people.behind(session, message.sender)
    case = _case_of(session, message, writers)
    at = message.received_at or clock.now()
    offer = _offer_meant(session, case, at) if case else None
    slots = offers.slots_of(session, offer) if offer else []
    understood = interpret(message.text, _asked(session, case, slots, message.channel, at))
    if message.doubtful and understood.meaning is not Meaning.OPT_OUT:
        understood = FORGED
    if understood.meaning is Meaning.OPT_OUT:
        people.suppress(session, message.sender, source=f"{people.BY_REPLY}{message.channel}")
    elif understood.meaning is Meaning.OPT_IN and not people.welcome_back(session, message.sender):
        understood = Understood(Meaning.UNCLEAR, f"{understood.rule}, but was never silenced")
    elif understood.meaning is Meaning.WRONG_PERSON and case is not None:
        people.disown(session, message.sender, case.person_id)
    if case is None:
        return ("opted out" if understood.meaning is Meaning.OPT_OUT else "no open case"), None
    answered = message.reply_token and case_by_token(session, message.reply_token)
    understood = doubt.weigh(session, message, writers, understood, by_token=bool(answered))
    slot = next((slot for slot in slots if slot.code == understood.code), None)
    keep(session, case, message.channel, understood, source, at, slot=slot, said=message.text)
    return understood.meaning, case.id


def _asked(
    session: Session, case: Case | None, slots: Sequence[OfferSlot], channel: Channel, at: datetime
) -> Asked:
    """The question that stood open when the client wrote."""
    if case is None:
        return Asked(at, "UTC", channel=channel)
    person = session.get(Person, case.person_id) if case.person_id else None
    lost = session.get_one(Appointment, case.appointment_id)
    offered = tuple(
        Offered(slot.code, slot.starts_at, _minutes(slot))
        for slot in sorted(slots, key=lambda slot: slot.code)
    )
    language = person.language if person else "mix"
    zone = offers.zone_of(session, case)
    return Asked(at, zone, offered, channel, language, lost.starts_at)


def _minutes(slot: OfferSlot) -> int:
    return int((slot.ends_at - slot.starts_at).total_seconds()) // 60


def known(session: Session, source: str) -> bool:
    """Was this taken before? A row of the inbox may be handled twice."""
    return session.exec(select(Reply.id).where(Reply.source == source)).first() is not None


def _case_of(session: Session, message: InboundMessage, writers: list[str]) -> Case | None:
    """The case whose reply address was used; else the newest open one we wrote to this sender about.

    Where the sender has several open cases, the one written to last is meant: its text is on top.
    Words may also come before our first: then the open case of whoever writes is meant, and only
    where there is none an older one.
    """
    if message.reply_token and (case := case_by_token(session, message.reply_token)):
        return case
    spoken_of = list(
        session.exec(
            select(Case)
            .join(Intent, col(Intent.case_id) == col(Case.id))
            .join(ContactPoint, col(ContactPoint.value_key) == col(Intent.to_key))
            .where(ContactPoint.value_key == people.contact_key(message.sender))
            .where(col(Case.person_id).in_(writers), col(Intent.claimed_at).is_not(None))
            .where(Intent.state != Stage.REFUSED)
            .order_by(col(Case.state).in_(sorted(OPEN_STATES)).desc())
            .order_by(col(Intent.claimed_at).desc())
            .limit(1)
        )
    )
    if spoken_of and cases.is_open(spoken_of[0]):
        return spoken_of[0]
    silent = select(Case).where(
        col(Case.person_id).in_(writers), col(Case.state).in_(sorted(OPEN_STATES))
    )
    newest = session.exec(silent.order_by(col(Case.opened_at).desc()).limit(1)).first()
    return newest or next(iter(spoken_of), None)


def _offer_meant(session: Session, case: Case, at: datetime) -> Offer | None:
    """The offer whose numbers the client had last been sent: a newer one may be on its way.

    A text that the platform put off was never claimed, and one that it refused reached nobody.
    """
    sent = session.exec(
        select(Intent)
        .where(Intent.case_id == case.id, Intent.kind == "message")
        .where(col(Intent.claimed_at) <= at, Intent.state != Stage.REFUSED)
        .order_by(col(Intent.claimed_at).desc())
    )
    number = next((n for intent in sent if (n := intent.payload.get("offer"))), None)
    if number is None:
        return offers.current(session, case.id)
    return session.exec(select(Offer).where(Offer.case_id == case.id, Offer.n == number)).first()


def case_by_token(session: Session, token: str) -> Case | None:
    """The case a link's token belongs to."""
    page = session.get(ClientPage, token_hash(token))
    return session.get(Case, page.case_id) if page and page.case_id else None


def choose_on_page(
    session: Session, token: str, offer_n: int, code: int, source: str, at: datetime
) -> tuple[str, str | None]:
    """The client picked a slot on their page."""
    case = case_by_token(session, token)
    if case is None or known(session, source):
        return "seen before or unknown", None
    slot = offers.find_slot(session, case.id, f"o{offer_n}-{code}")
    if slot is None:
        return "no such slot", None
    understood = Understood(Meaning.ACCEPT, "chosen on the page", code, confidence=1.0)
    keep(session, case, Channel.PAGE, understood, source, at, slot=slot)
    return Meaning.ACCEPT, case.id


def keep(
    session: Session,
    case: Case,
    channel: Channel,
    understood: Understood,
    source: str,
    at: datetime,
    *,
    slot: OfferSlot | None = None,
    said: str = "",
) -> None:
    """Store what a client means, said in words or chosen by a press; `source` is unique to it."""
    window = understood.window
    reply = Reply(
        id=new_id("reply"),
        case_id=case.id,
        source=source,
        channel=channel,
        said=said,
        intent=understood.meaning,
        slot_id=slot.id if slot else None,
        wish_from=window.start if window else None,
        wish_to=window.end if window else None,
        rule=understood.rule,
        confidence=understood.confidence,
        received_at=at,
    )
    session.add(reply)
    session.flush()
    call_dispatcher(session)
    audit.record(
        session,
        "replied",
        case_id=case.id,
        actor="client",
        reply=reply.id,
        channel=channel,
        meaning=understood.meaning,
        rule=understood.rule,
    )
    answers.take_late(session, case.id)
