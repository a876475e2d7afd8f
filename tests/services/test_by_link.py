"""The platform takes no booking from us: the client gets its link, and what they book there ends the case."""

import pytest

from rebook.db.session import ledger
from rebook.db.tables import Booking, Intent, SyncTarget
from rebook.domain.appointments import Person
from rebook.domain.decisions import Choice
from rebook.domain.verdicts import Verdict
from rebook.services import bookings, by_link
from rebook.services.leases import Actor
from tests.services import office
from tests.services.office import LEILANI, NOON, appointment, see

pytestmark = pytest.mark.usefixtures("business")
LINK = "https://calendly.example/d/abcd/cleaning?utm_source=rebook&utm_content=intent"


def given_the_link() -> tuple[str, Actor, str]:
    """The client chose a time, and the platform would not take it from us."""
    case_id, actor = office.offered()
    office.wake(actor, office.decision(Choice.BOOK_SLOT, "o1-1"))
    [intent] = office.rows(Intent, case_id=case_id, kind="booking")
    with ledger() as session:
        order = bookings.claim(session, actor, intent.id)
    assert order is not None
    with ledger() as session:
        by_link.hand_out(session, actor, order, LINK)
    return case_id, actor, intent.id


def test_the_client_is_sent_the_platforms_link_and_a_person_watches() -> None:
    case_id, actor, _ = given_the_link()
    case = office.case_of(case_id)
    assert (case.state, case.reason, bool(case.owner)) == ("handed_over", by_link.REASON, True)
    [text] = office.send(actor)
    assert (text.to, LINK in text.text) == (LEILANI.phone, True)


def test_a_client_without_a_phone_gets_it_by_mail_as_an_address_to_click() -> None:
    case_id = office.lose("9", person=Person("Leilani", "Kahale", "", LEILANI.email))
    actor = office.act(case_id)
    office.offer(actor)
    office.send(actor)
    office.wake(actor, office.decision(Choice.BOOK_SLOT, "o1-1"))
    [intent] = office.rows(Intent, case_id=case_id, kind="booking")
    with ledger() as session:
        order = bookings.claim(session, actor, intent.id)
        assert order is not None
        by_link.hand_out(session, actor, order, LINK)
    sent = {one.to: one for one in office.send(actor)}
    shown = LINK.replace("&", "&amp;")
    assert f'<a href="{shown}">' in sent[LEILANI.email].html


def test_what_is_booked_at_the_link_closes_the_case_and_the_others_are_told() -> None:
    see(appointment("event", same_as="acuity:1"), "google")
    case_id, _, intent_id = given_the_link()
    at = NOON.replace(day=9)
    seen = appointment("2", starts_at=at, ours=intent_id)
    assert see(seen) == (Verdict.RESTORED, case_id)
    assert office.case_of(case_id).state == "rebooked"
    [made] = office.rows(Booking, case_id=case_id)
    assert (made.external_id, made.starts_at) == ("2", at)
    [target] = office.rows(SyncTarget, case_id=case_id, connection="google")
    assert target.wanted["starts_at"] == at.isoformat()
    assert see(seen) == (Verdict.SAME, None)


def test_a_message_about_the_link_does_not_leave_once_it_was_used() -> None:
    _, actor, intent_id = given_the_link()
    see(appointment("2", starts_at=NOON.replace(day=9), ours=intent_id))
    assert [one for one in office.send(actor) if LINK in one.text] == []


def test_a_booking_of_ours_that_the_platform_shows_is_no_booking_by_link() -> None:
    case_id, actor = office.offered()
    office.wake(actor, office.decision(Choice.BOOK_SLOT, "o1-1"))
    [intent] = office.rows(Intent, case_id=case_id, kind="booking")
    verdict, _ = see(appointment("2", starts_at=NOON.replace(day=9), ours=intent.id))
    assert (verdict, office.case_of(case_id).state) == (Verdict.NEW, "booking")
    office.book(actor, "2")
    assert office.case_of(case_id).state == "rebooked"
