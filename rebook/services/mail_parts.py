"""What an e-mail carries beside its words: calendar files, and the way to hear no more."""

from dataclasses import dataclass, field

from sqlmodel import Session, col, func, select

from rebook.db.tables import Appointment, Booking, Case, Intent, Offer, OfferSlot
from rebook.domain import clock, invitation, unsubscribing, wording
from rebook.domain.invitation import Event, Standing
from rebook.domain.texts import Purpose
from rebook.services import composing, configuration, connections, pages

OFFERING = frozenset({Purpose.OFFER_EMAIL, Purpose.TAKEN_EMAIL})


@dataclass(frozen=True)
class CalendarFile:
    name: str
    method: str
    body: str


@dataclass(frozen=True)
class MailParts:
    files: list[CalendarFile] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)


def of(session: Session, intent_id: str) -> MailParts:
    """For a claimed e-mail, as the case stands now. Nothing for any other message."""
    intent = session.get_one(Intent, intent_id)
    if not intent.payload.get("subject"):
        return MailParts()
    case = session.get_one(Case, intent.case_id)
    link = composing.unsubscribe_link(intent.payload["contact"])
    files = _files(session, case, Purpose(intent.payload["purpose"]))
    return MailParts(files, unsubscribing.headers(link))


def _files(session: Session, case: Case, purpose: Purpose) -> list[CalendarFile]:
    if purpose in OFFERING:
        offered = _offered(session, case, latest=True)
        return [_file(session, "offered", "PUBLISH", offered)] if offered else []
    if purpose is Purpose.BOOKED_EMAIL:
        booked = _booked(session, case)
        gone = _offered(session, case, latest=False)
        files = [_file(session, "appointment", "PUBLISH", [booked])] if booked else []
        return files + ([_file(session, "no-longer", "CANCEL", gone)] if gone else [])
    return []


def _offered(session: Session, case: Case, *, latest: bool) -> list[Event]:
    """The times of the latest offer, tentative; or those of every offer that went by mail, gone."""
    mailed = {
        intent.payload.get("offer")
        for intent in session.exec(
            select(Intent).where(Intent.case_id == case.id, Intent.channel == "email")
        )
        if latest or intent.sent_at is not None
    }
    rows = session.exec(
        select(OfferSlot, Offer)
        .join(Offer, col(Offer.id) == col(OfferSlot.offer_id))
        .where(Offer.case_id == case.id)
        .order_by(col(Offer.n), col(OfferSlot.code))
    ).all()
    wanted = [(slot, offer) for slot, offer in rows if offer.n in mailed]
    if latest:
        wanted = [(slot, offer) for slot, offer in wanted if offer.superseded_at is None]
    standing = Standing.TENTATIVE if latest else Standing.CANCELLED
    title = f"{_service(session, case)}?" if latest else _service(session, case)
    return [
        Event(
            f"o{offer.n}-{slot.code}.{case.id}@rebook", 0 if latest else 1, standing,
            slot.starts_at, slot.ends_at, title, link=pages.link(case.id),
        )
        for slot, offer in wanted
    ]  # fmt: skip


def _booked(session: Session, case: Case) -> Event | None:
    """One name for the visit however often it moves: the entry of the old time is replaced."""
    booking = session.exec(select(Booking).where(Booking.case_id == case.id)).first()
    if booking is None:
        return None
    moves = session.exec(
        select(func.count())
        .select_from(Booking)
        .join(Case, col(Case.id) == col(Booking.case_id))
        .where(Case.group_id == case.group_id)
    ).one()
    lost = session.get_one(Appointment, case.appointment_id)
    return Event(
        f"{case.group_id}@rebook", moves, Standing.CONFIRMED, booking.starts_at, booking.ends_at,
        _service(session, case), wording.safe(lost.place, 80), composing.link(session, case),
    )  # fmt: skip


def _service(session: Session, case: Case) -> str:
    lost = session.get_one(Appointment, case.appointment_id)
    return wording.safe(lost.service) or "Appointment"


def _file(session: Session, name: str, method: str, events: list[Event]) -> CalendarFile:
    topology = configuration.topology(session)
    account = connections.load(session, topology.email)
    sender = account.settings.get("from", "")
    named = [
        Event(**{**vars(event), "title": f"{event.title}, {topology.business_name}"})
        for event in events
    ]
    body = invitation.write(method, named, stamp=clock.now(), organiser=sender)
    return CalendarFile(f"{name}.ics", method, body)
