"""A client who lost their link: what is sent, where to, how often, and to whom nothing is."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from rebook.db.session import ledger
from rebook.db.tables import Appointment, Case, ClientPage, Intent
from rebook.domain import clock
from rebook.domain.appointments import Status
from rebook.domain.pageview import open_view, token_hash
from rebook.domain.plan import Step
from rebook.services import lost_links, pages, people, visits
from tests.services import office
from tests.services.office import LEILANI, NOON, Clock, offered, see

pytestmark = pytest.mark.usefixtures("business")


def view(appointment_id: str) -> dict[str, object]:
    token = visits.token(appointment_id)
    with ledger() as session:
        return open_view(token, session.get_one(ClientPage, token_hash(token)).view)


def lost(contact: str, number: int = 1) -> str:
    with ledger() as session:
        return lost_links.send(session, contact, number, clock.now())


@pytest.mark.parametrize(
    ("contact", "step", "channel"),
    [
        ("808 555 0101", "lost-link-1", "sms"),
        ("+18085550101", "lost-link-1", "sms"),
        ("leilani@example.com", "lost-link-1", "email"),
    ],
)
def test_a_lost_link_is_sent_again_where_it_was_asked_for(
    contact: str, step: str, channel: str
) -> None:
    case_id, actor = offered()
    assert lost(contact) == "a link was sent again"
    with ledger() as session:
        intent = session.exec(select(Intent).where(Intent.step == step)).one()
    assert (intent.channel, intent.direct_answer) == (channel, True)
    assert pages.link(case_id) in intent.payload["text"]
    (sent,) = office.send(actor)
    assert sent.text == intent.payload["text"]


def test_a_link_is_not_sent_to_strangers_nor_again_and_again(at_noon: Clock) -> None:
    offered()
    assert lost("+18085550199") == "no link to send"
    assert [lost("+18085550101", number) for number in (1, 2)] == [
        "a link was sent again", "no link to send",
    ]  # fmt: skip
    for number in range(3, 6):
        at_noon.forward(hours=2)
        lost("+18085550101", number)
    assert len([i for i in office.rows(Intent) if i.step.startswith("lost-link")]) == 3


def asked_for(**where: object) -> list[Intent]:
    return [i for i in office.rows(Intent, **where) if i.step.startswith("lost-link")]


@pytest.mark.parametrize("contact", ["808 555 0101", "leilani@example.com"])
def test_a_client_who_only_has_a_visit_ahead_is_sent_its_link(contact: str) -> None:
    see(office.appointment())
    (row,) = office.rows(Appointment)
    assert lost(contact) == "a link was sent again"
    (intent,) = asked_for()
    assert visits.link(row.id) in intent.payload["text"]
    assert view(row.id)["state"] == "visit"
    case = office.case_of(intent.case_id)
    assert (case.state, case.reason) == ("voided", lost_links.ASKED)
    assert case.next_action_at is not None
    (sent,) = office.send(office.act(case.id))
    assert sent.text == intent.payload["text"]
    assert office.next_step(office.act(case.id)) == Step.DONE


def test_asking_again_writes_to_the_same_case_and_not_too_often(at_noon: Clock) -> None:
    see(office.appointment())
    for number in range(1, 12):
        lost(["+18085550101", "leilani@example.com"][number % 2], number)
        at_noon.forward(minutes=40)
    assert len({i.case_id for i in asked_for()}) == 1
    assert len(asked_for()) == 3


def test_one_asking_brings_three_links_at_most_whoever_shares_the_number() -> None:
    for number in range(1, 4):
        start = NOON + timedelta(days=number)
        see(office.appointment(f"a{number}", starts_at=start))
        other = replace(LEILANI, given_name="Kai", email="kai@example.com")
        see(office.appointment(f"b{number}", starts_at=start, person=other, calendar="chair-2"))
    assert lost("+18085550101") == "a link was sent again"
    assert len(asked_for()) == 3


def test_a_link_is_sent_to_nobody_for_a_visit_that_is_over_cancelled_or_only_mirrored() -> None:
    see(office.appointment("past", starts_at=NOON - timedelta(days=2)))
    see(office.appointment())
    see(office.appointment("event-1", same_as="acuity:1"), "google")
    with ledger() as session:
        gone = visits.find(session, "acuity", "1")
        assert gone is not None
        gone.status = Status.CANCELLED
        session.add(gone)
    assert lost("+18085550101") == "no link to send"
    assert asked_for() == []


def test_a_contact_that_is_somebody_elses_opens_nothing() -> None:
    see(office.appointment())
    (row,) = office.rows(Appointment)
    with ledger() as session:
        people.disown(session, "+18085550101", row.person_id)
    assert lost("+18085550101") == "no link to send"
    assert office.rows(Case) == []


def test_at_night_a_link_leaves_at_once_or_waits_for_the_morning(at_noon: Clock) -> None:
    see(office.appointment())
    at_noon.forward(hours=11)
    lost("+18085550101")
    (intent,) = asked_for()
    actor = office.act(intent.case_id)
    at_noon.forward(minutes=11)
    assert office.send(actor) == []
    assert asked_for()[0].due_at > clock.now() + timedelta(hours=8)
    at_noon.forward(hours=9)
    assert len(office.send(actor)) == 1


def test_a_visit_with_a_case_of_its_own_is_not_spoken_of_twice() -> None:
    case_id, _ = offered()
    see(office.appointment("2", starts_at=NOON + timedelta(days=3)))
    lost("+18085550101")
    texts = [i.payload["text"] for i in asked_for()]
    (second,) = office.rows(Appointment, external_id="2")
    assert [visits.link(second.id) in text for text in texts] in ([True, False], [False, True])
    assert sum(pages.link(case_id) in text for text in texts) == 1


def test_whoever_asked_for_silence_is_sent_no_link() -> None:
    offered()
    office.say("STOP")
    assert lost("+18085550101") == "no link to send"
