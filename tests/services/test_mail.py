"""What an e-mail carries, what one click does, and a sender whom nothing vouches for."""

import pytest
from sqlmodel import select

from rebook.db.session import ledger
from rebook.db.tables import ContactPoint, Intent, Reply, Suppression
from rebook.domain import clock
from rebook.domain.messages import Channel, InboundMessage
from rebook.domain.texts import Purpose
from rebook.services import mail_parts, outreach, pages, replies, silencing
from rebook.services.cases import load
from rebook.services.mail_parts import MailParts
from tests.services import office
from tests.services.office import LEILANI, rows

pytestmark = pytest.mark.usefixtures("business")


def mailed(case_id: str, purpose: Purpose = Purpose.OFFER_EMAIL) -> MailParts:
    """A mail of the case is planned, and sent; what it carried."""
    with ledger() as session:
        intent = outreach.plan(session, load(session, case_id), purpose, f"outreach-{purpose}")
        assert intent is not None
        intent_id = intent.id
    with ledger() as session:
        parts = mail_parts.of(session, intent_id)
        session.get_one(Intent, intent_id).sent_at = clock.now()
    return parts


def test_an_offer_by_mail_carries_its_times_as_tentative() -> None:
    case_id, _ = office.offered()
    (file,) = mailed(case_id).files
    assert (file.name, file.method) == ("offered.ics", "PUBLISH")
    assert file.body.count("STATUS:TENTATIVE") == 3
    assert f"UID:o1-1.{case_id}@rebook" in file.body
    assert "Cleaning?\\, Windward Dental" in file.body


def test_a_booking_by_mail_is_firm_and_takes_the_offered_times_away() -> None:
    case_id, actor = office.offered()
    mailed(case_id)
    office.say("2")
    office.wake(actor)
    office.book(actor)
    booked, gone = mailed(case_id, Purpose.BOOKED_EMAIL).files
    group = office.case_of(case_id).group_id
    assert f"UID:{group}@rebook" in booked.body
    assert "SEQUENCE:1" in booked.body
    assert "STATUS:CONFIRMED" in booked.body
    assert (gone.method, gone.body.count("STATUS:CANCELLED")) == ("CANCEL", 3)


def test_a_visit_that_moves_again_keeps_its_name_with_a_higher_number() -> None:
    case_id, actor = office.offered()
    office.say("1")
    office.wake(actor)
    office.book(actor)
    with ledger() as session:
        case = load(session, case_id)
        first = mail_parts._booked(session, case)
    assert first is not None
    assert (first.uid, first.sequence) == (f"{office.case_of(case_id).group_id}@rebook", 1)


def test_a_text_carries_nothing_beside_its_words() -> None:
    case_id, _ = office.offered()
    (text,) = rows(Intent, case_id=case_id, channel="sms")
    with ledger() as session:
        assert mail_parts.of(session, text.id) == MailParts()


def unsubscribe(link: str) -> str:
    _, contact, token = link.rsplit("/", 2)
    with ledger() as session:
        return silencing.by_link(session, contact, token, "unsubscribe:1", clock.now())


def test_one_click_silences_the_address_and_ends_the_case() -> None:
    case_id, actor = office.offered()
    headers = mailed(case_id).headers
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = headers["List-Unsubscribe"].strip("<>")
    assert "/u/contact-" in link
    assert LEILANI.email not in link
    assert unsubscribe(link) == "opted out"
    assert unsubscribe(link) == "opted out before"
    assert unsubscribe(link[:-1]) == "not a link of ours"
    assert len(rows(Suppression)) == 2
    office.wake(actor)
    assert office.case_of(case_id).state == "refused_contact"


def by_mail(case_id: str, text: str, *, doubtful: bool) -> str:
    message = InboundMessage(
        Channel.EMAIL, LEILANI.email, "r+x@reply.example.com", text, f"mail-{text}",
        reply_token=pages.token(case_id), doubtful=doubtful,
    )  # fmt: skip
    with ledger() as session:
        return replies.receive(session, message, f"sendgrid:{text}")[0]


def test_a_forged_sender_books_nothing_and_a_person_reads_it() -> None:
    case_id, _ = office.offered()
    assert by_mail(case_id, "2", doubtful=True) == "question"
    (reply,) = rows(Reply)
    assert (reply.rule, reply.said, reply.slot_id) == ("the sender may be forged", "2", None)
    assert by_mail(case_id, "1", doubtful=False) == "accept"


def test_a_wish_for_silence_is_heard_from_anybody() -> None:
    case_id, _ = office.offered()
    assert by_mail(case_id, "unsubscribe", doubtful=True) == "opt_out"
    with ledger() as session:
        point = session.exec(select(ContactPoint).where(ContactPoint.channel == "email")).one()
        assert session.get(Suppression, point.value_key) is not None
