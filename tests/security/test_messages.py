"""Attacks by message: C8, C9, C15, C16 and C17 of the trust catalogue. Pages are tried in tests/gateway."""

import pytest

from connectors.contract import OutgoingMessage
from rebook.db.session import ledger
from rebook.db.tables import Case, Reply
from rebook.domain.appointments import Person
from rebook.domain.messages import Channel, InboundMessage
from rebook.domain.replies import Asked, Meaning, Offered, interpret
from rebook.services import pages, replies, staff
from rebook.services.outreach import Outgoing
from tests.connectors.setups import build
from tests.connectors.vendor import Reply as Answer
from tests.connectors.vendor import Vendor, always
from tests.services import office
from tests.services.office import LEILANI, NOON, Run

pytestmark = pytest.mark.usefixtures("business")
HOSTILE = [
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "{{7*7}} ${7*7} {link}",
    "Ann\r\nBcc: all@example.com",
    "Ann\nATTENDEE:mailto:x@example.com",
    "win at https://evil.example/pay",
    "evil.com",
    "<!channel> *bold* <https://evil.example|here>",
    "\u202eevil\u2066\x07\x1b[31m",
    "N" * 10_000,
]


def everything_said(name: str) -> tuple[str, list[Outgoing], str]:
    """A whole story of a client of this name: the case, what was sent, what the office read."""
    person = Person(name, name, LEILANI.phone, LEILANI.email)
    case_id = office.lose(person=person, service=f"Cleaning {name}", place=name)
    run = Run(office.act(case_id), office.times())
    run.until_it_waits()
    office.say("1")
    office.wake(run.actor)
    run.until_it_waits()
    with ledger() as session:
        told = staff.wording_of(session, office.case_of(case_id))
    return case_id, run.sent, told


@pytest.mark.parametrize("name", HOSTILE, ids=lambda name: name[:12])
def test_c8_a_clients_name_is_only_a_name_in_texts_mails_and_the_offices_channel(
    name: str,
) -> None:
    case_id, sent, told = everything_said(name)
    with ledger() as session:
        link = pages.link(case_id)
        assert session.get_one(Case, case_id).state == "rebooked"
    assert len(sent) >= 2
    for text in [*(one.text for one in sent), told]:
        shown = text.replace(link, "")
        assert not any(mark in shown for mark in ("<", ">", "{", "}", "\x1b", "\u202e", "\r"))
        assert "evil.example" not in shown
        assert len(text) < 1000


@pytest.mark.parametrize("name", HOSTILE, ids=lambda name: name[:12])
def test_c9_no_line_of_a_header_begins_in_a_clients_name(name: str, vendor: Vendor) -> None:
    """What SendGrid is asked to send, for a client who can be reached by mail alone."""
    person = Person(name, "", "", LEILANI.email)
    case_id = office.lose(person=person, service=f"Cleaning {name}")
    actor = office.act(case_id)
    office.offer(actor)
    [mail] = office.send(actor)
    vendor.answer = always(Answer(202, None, {"X-Message-Id": "m1"}))
    build("sendgrid", vendor, **{"from": "office@example.com"}).send_message(
        OutgoingMessage(mail.to, mail.text, mail.intent_id, subject=mail.subject, html=mail.html)
    )
    asked = vendor.received[-1].json
    assert asked["personalizations"][0]["to"] == [{"email": LEILANI.email}]
    assert set(asked["personalizations"][0]) == {"to", "custom_args"}
    assert not any(mark in asked["subject"] for mark in ("\r", "\n", "<", "evil.example"))
    html = next(part["value"] for part in asked["content"] if part["type"] == "text/html")
    assert "<img" not in html
    assert "<svg" not in html
    assert "evil.example" not in html


def two_offers_of_one_time() -> tuple[str, str]:
    """A couple that shares a phone: each is offered one time, and the texts have left."""
    cases = []
    for number, name in enumerate(("Leilani", "Keanu"), start=1):
        person = Person(name, "Kahale", LEILANI.phone)
        case_id = office.lose(str(number), person=person, calendar=f"chair-{number}")
        actor = office.act(case_id)
        office.offer(actor, office.times(1, calendar=f"chair-{number}"))
        office.send(actor)
        cases.append(case_id)
    return cases[0], cases[1]


def meanings(case_id: str) -> list[str]:
    return [reply.intent for reply in office.rows(Reply, case_id=case_id)]


def test_c15_a_bare_yes_books_where_one_offer_of_one_time_is_out() -> None:
    case_id = office.lose()
    actor = office.act(case_id)
    office.offer(actor, office.times(1))
    office.send(actor)
    assert office.say("YES") == (Meaning.ACCEPT, case_id)


def test_c15_a_bare_yes_while_two_offers_are_out_books_neither() -> None:
    first, second = two_offers_of_one_time()
    assert office.say("YES") == (Meaning.UNCLEAR, second)
    assert (meanings(first), meanings(second)) == ([], [Meaning.UNCLEAR])


def test_c15_a_number_is_a_choice_though_two_offers_are_out() -> None:
    _, second = two_offers_of_one_time()
    assert office.say("1") == (Meaning.ACCEPT, second)


def test_c15_a_text_from_a_stranger_changes_nothing_and_is_told_nothing() -> None:
    case_id, actor = office.offered()
    assert office.say("YES 1", sender="+18085550666") == ("no open case", None)
    assert meanings(case_id) == []
    assert office.send(actor) == []


def test_c15_the_confirmation_goes_to_the_contact_on_file_and_names_nobody_else() -> None:
    case_id, actor = office.offered()
    office.say("1")
    office.wake(actor)
    office.book(actor)
    [confirmed] = office.send(actor)
    assert confirmed.to == LEILANI.phone
    assert LEILANI.family_name not in confirmed.text
    assert LEILANI.email not in confirmed.text
    assert office.case_of(case_id).state == "rebooked"


def mail(text: str, sender: str = LEILANI.email, token: str = "") -> tuple[str, str | None]:
    number = f"mail-{next(office.NUMBERS)}"
    message = InboundMessage(
        Channel.EMAIL, sender, "r@reply.example.com", text, number, reply_token=token
    )
    with ledger() as session:
        return replies.receive(session, message, f"sendgrid:{number}")


def test_c16_a_mail_in_the_clients_name_without_the_reply_address_is_read_by_a_person() -> None:
    case_id, _ = office.offered()
    assert mail("1") == (Meaning.QUESTION, case_id)
    assert mail("please cancel my appointment") == (Meaning.QUESTION, case_id)
    assert {one.slot_id for one in office.rows(Reply, case_id=case_id)} == {None}
    assert {one.said for one in office.rows(Reply, case_id=case_id)} >= {"1"}


def test_c16_the_address_of_the_case_makes_a_mail_an_answer_whoever_it_says_it_is_from() -> None:
    case_id, _ = office.offered()
    assert mail("1", "assistant@example.com", pages.token(case_id)) == (Meaning.ACCEPT, case_id)


@pytest.mark.parametrize("token", ["nonsense", "a" * 32, "../../etc/passwd", "%00"])
def test_c16_a_reply_address_that_is_none_of_ours_gives_a_mail_no_weight(token: str) -> None:
    case_id, _ = office.offered()
    assert mail("1", token=token) == (Meaning.QUESTION, case_id)


def test_c16_a_wish_for_silence_is_heard_from_any_mail() -> None:
    office.offered()
    assert mail("STOP")[0] == Meaning.OPT_OUT


THREE = tuple(Offered(n, slot.starts_at, 60) for n, slot in enumerate(office.times(3), start=1))
CLASSES = [
    ("yes but not Tuesday", {Meaning.UNCLEAR, Meaning.PREFER}),
    ("STOP please", {Meaning.OPT_OUT}),
    ("Stop by at 3?", {Meaning.UNCLEAR, Meaning.QUESTION, Meaning.PREFER}),
    ("PARAR por favor", {Meaning.OPT_OUT, Meaning.UNCLEAR}),
    ("no me escriban más", {Meaning.OPT_OUT}),
    ("ja gerne", {Meaning.UNCLEAR}),
    ("はい", {Meaning.UNCLEAR}),
    ("\U0001f44d", {Meaning.UNCLEAR}),
    ("", {Meaning.UNCLEAR}),
    ("   ", {Meaning.UNCLEAR}),
    ("\ufffc", {Meaning.UNCLEAR}),
    ("[image]", {Meaning.UNCLEAR}),
    ("1 or 2?", {Meaning.UNCLEAR, Meaning.QUESTION}),
    ("yes no yes", {Meaning.UNCLEAR, Meaning.DECLINE}),
    ("7", {Meaning.UNCLEAR}),
    ("12345", {Meaning.UNCLEAR}),
]


@pytest.mark.parametrize(("text", "allowed"), CLASSES, ids=[text or "empty" for text, _ in CLASSES])
def test_c17_what_is_not_plain_is_never_a_booking(text: str, allowed: set[Meaning]) -> None:
    understood = interpret(text, Asked(NOON, office.ZONE, THREE))
    assert understood.meaning in allowed
    assert understood.code is None


def test_c17_a_picture_without_words_goes_to_a_person_and_books_nothing() -> None:
    case_id, actor = office.offered()
    office.say("")
    office.wake(actor)
    assert office.case_of(case_id).chosen_slot is None
    assert office.held(case_id, "booked") == []
