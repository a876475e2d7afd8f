"""The queue and the page of a case: what they show, and the decisions made on them."""

from datetime import timedelta

import pytest
from markupsafe import escape

from rebook.db.session import ledger
from rebook.db.tables import Audit, Case, Person, Reply
from rebook.domain.appointments import Person as Client
from rebook.domain.decisions import Choice
from rebook.services import dossier
from rebook.services.leases import Actor
from tests.office.page import Office, Visitor
from tests.services import office
from tests.services.office import LEILANI, NOON, Clock, decision, wake

pytestmark = pytest.mark.usefixtures("staff_page")
NUMBERS = iter(range(100, 1000))


def offered(client: Client = LEILANI) -> tuple[str, Actor]:
    """A case of its own, in a chair of its own."""
    number = next(NUMBERS)
    case_id = office.lose(str(number), person=client, calendar=f"chair-{number}")
    actor = office.act(case_id)
    assert office.offer(actor, office.times(30, calendar=f"chair-{number}")) == 1
    office.send(actor)
    return case_id, actor


def state(case_id: str) -> str:
    return office.case_of(case_id).state


def test_who_waits_for_a_person_stands_first_the_longest_waiting_on_top(
    maria: Visitor, clock: Clock
) -> None:
    names = ("Zelda", "Anton", "Bruno")
    made = [offered(Client(name, "Test", f"+180855502{n:02}")) for n, name in enumerate(names)]
    wake(made[1][1], decision(Choice.HAND_OVER))
    clock.forward(hours=1)
    wake(made[0][1], decision(Choice.HAND_OVER))
    clock.forward(minutes=5)
    shown = maria.open("/")
    assert shown.index("Anton") < shown.index("Zelda") < shown.index("Other open cases")
    assert shown.index("Other open cases") < shown.index("Bruno")
    assert "taken by staff" in shown
    assert "1 hour" in shown


def test_a_case_shows_the_client_the_messages_both_ways_and_every_reason(maria: Visitor) -> None:
    case_id, actor = offered()
    office.say("can I bring my dog?")
    wake(actor)
    shown = maria.open(f"/cases/{case_id}")
    for words in (
        "Leilani Kahale",
        "+18085550101",
        "leilani@example.com",
        "can I bring my dog?",
        "New times",
        "Understood as question",
        "the case was handed over to staff",
    ):
        assert words in shown, words
    with ledger() as session:
        found = dossier.dossier(session, case_id)
    assert all(entry.actor in shown for entry in found.story)
    first = next(message.text for message in found.messages if message.channel == "sms")
    assert escape(first) in maria.last.text, "its lines stay lines"


def test_a_clients_name_is_text_and_never_a_part_of_the_page(maria: Visitor) -> None:
    nasty = "<script>alert(1)</script>"
    case_id, actor = offered(Client(nasty, '"><img src=x onerror=alert(2)>', "+18085550333"))
    office.say("<b onclick=steal()>1 or 2?</b> {{ 7*7 }}", sender="+18085550333")
    wake(actor)
    for path in ("/", f"/cases/{case_id}"):
        maria.open(path)
        assert nasty not in maria.last.text
        assert "<img" not in maria.last.text
        assert "<b onclick" not in maria.last.text
        assert "&lt;script&gt;" in maria.last.text
    assert "{{ 7*7 }}" in maria.last.text
    assert "script-src" not in maria.last.headers["content-security-policy"]
    assert "default-src 'none'" in maria.last.headers["content-security-policy"]


def test_a_time_booked_on_the_page_is_booked_by_the_one_who_pressed(maria: Visitor) -> None:
    case_id, actor = offered()
    answer = maria.decide(case_id, choice="book_slot", slot="o1-2")
    assert "Book this time: being done" in answer.text
    assert answer.headers["refresh"].startswith("2; url=/cases/")
    assert wake(actor) == "operator: the slot was chosen"
    maria.open(answer.url.path + "?" + answer.url.query.decode())
    assert "Book this time: the slot was chosen." in maria.last.text
    assert "refresh" not in maria.last.headers
    office.book(actor)
    assert state(case_id) == "rebooked"
    assert office.held(case_id, "booked") == [office.slot_times(case_id)[1]]
    decided = [e.actor for e in office.rows(Audit, case_id=case_id, action="decision")]
    assert decided == ["staff:maria"]
    assert "Decide" not in maria.open(f"/cases/{case_id}")


@pytest.mark.parametrize(
    ("choice", "ends"),
    [
        ("take_case", "handed_over"),
        ("offer_new_times", "open"),
        ("close_declined", "declined"),
        ("close_withdrawn", "withdrawn"),
        ("close_booked_elsewhere", "rebooked"),
        ("close_never_lost", "voided"),
    ],
)
def test_every_action_of_the_page_has_its_effect(maria: Visitor, choice: str, ends: str) -> None:
    case_id, actor = offered()
    assert maria.decide(case_id, choice=choice).status_code == 200
    wake(actor)
    assert state(case_id) == ends


def test_a_case_taken_is_the_takers_and_another_may_take_it_from_them(maria: Visitor) -> None:
    case_id, actor = offered()
    wake(actor, decision(Choice.TAKE_CASE, by="kim"))
    assert office.case_of(case_id).owner == "kim"
    maria.decide(case_id, choice="take_case")
    wake(actor)
    assert office.case_of(case_id).owner == "maria"
    assert "The machine stops" not in maria.open(f"/cases/{case_id}")


def test_a_call_is_noted_for_the_office_alone_and_quiets_the_reminder(
    maria: Visitor, clock: Clock
) -> None:
    case_id, actor = offered()
    wake(actor, decision(Choice.HAND_OVER))
    clock.forward(hours=1.5)
    maria.decide(case_id, choice="call_made", note="Wants her sister to come along.\r\nCall at 5.")
    wake(actor)
    case = office.case_of(case_id)
    assert (case.state, case.owner) == ("handed_over", "office")
    assert case.follow_up_at is not None
    assert case.follow_up_at > NOON + timedelta(hours=25)
    assert "Wants her sister to come along." in maria.open(f"/cases/{case_id}")
    trail = " ".join(str(e.detail) for e in office.rows(Audit, case_id=case_id))
    assert "sister" not in trail


def test_a_form_sent_twice_is_one_decision(maria: Visitor) -> None:
    case_id, _ = offered()
    for _ in range(2):
        answer = maria.decide(case_id, choice="take_case", key="the-same-page-1")
        assert answer.status_code == 200
    assert len(office.rows(Reply, case_id=case_id)) == 1
    maria.decide(case_id, choice="call_made", note="another form of it", key="the-same-page-1")
    assert len(office.rows(Reply, case_id=case_id)) == 2


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"choice": "book_slot", "slot": "o9-1"}, 409),
        ({"choice": "book_slot"}, 409),
        ({"choice": "read_ledger"}, 409),
        ({"choice": "burn_it"}, 409),
        ({}, 409),
        ({"choice": "call_made", "note": "x" * 1001}, 409),
        ({"choice": "take_case", "key": "../../etc"}, 422),
        ({"choice": "take_case", "proof": "0" * 64}, 403),
        ({"choice": "take_case", "proof": ""}, 403),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason_and_nothing_is_stored(
    maria: Visitor, fields: dict[str, str], status: int
) -> None:
    case_id, _ = offered()
    answer = maria.decide(case_id, **fields)
    assert answer.status_code == status
    assert 'role="alert"' in answer.text
    assert office.rows(Reply, case_id=case_id) == []


def test_a_decision_for_a_case_closed_meanwhile_says_so(maria: Visitor) -> None:
    case_id, actor = offered()
    maria.open(f"/cases/{case_id}")
    own = {"proof": maria.hidden("proof"), "key": maria.hidden("key")}
    wake(actor, decision(Choice.CLOSE_DECLINED))
    answer = maria.send(f"/cases/{case_id}", choice="take_case", **own)
    assert answer.status_code == 409
    assert "the client wants no other time" in answer.text


def test_a_decision_that_loses_the_race_shows_why(maria: Visitor) -> None:
    case_id, actor = offered()
    answer = maria.decide(case_id, choice="book_slot", slot="o1-1")
    wake(actor, decision(Choice.CLOSE_DECLINED))
    maria.open(answer.url.path + "?" + answer.url.query.decode())
    assert "refused: the case is declined" in maria.last.text


def test_a_case_that_is_not_there_and_one_of_another_decision(maria: Visitor) -> None:
    assert "There is nothing here." in maria.open("/cases/case-none")
    assert maria.last.status_code == 404
    first, _ = offered()
    second, _ = offered()
    done = maria.decide(first, choice="take_case").url.params["done"]
    maria.open(f"/cases/{second}?done={done}")
    assert "being done" not in maria.last.text


def test_closed_cases_have_a_page_of_their_own(maria: Visitor) -> None:
    case_id, actor = offered(Client("Closing", "Time", "+18085550444"))
    wake(actor, decision(Choice.CLOSE_WITHDRAWN))
    assert "Closing Time" in maria.open("/closed")
    assert f"/cases/{case_id}" in maria.last.text


def test_the_log_names_no_client_and_no_case(staff_page: Office, maria: Visitor) -> None:
    case_id, _ = offered()
    maria.open(f"/cases/{case_id}")
    log = staff_page.log.read_text()
    assert "/cases/{case_id}" in log
    assert "Kahale" not in log
    assert not any(row.id in log for row in office.rows(Case))
    assert office.rows(Person)
