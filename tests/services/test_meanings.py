"""What a client says in their own words, and what their case does about it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from rebook.db.session import ledger
from rebook.db.tables import (
    Audit,
    Booking,
    Case,
    ContactPoint,
    Intent,
    Person,
    Reply,
    Suppression,
    SyncTarget,
)
from rebook.domain.appointments import Slot, Status
from rebook.domain.decisions import Choice
from rebook.domain.messages import Channel, InboundMessage
from rebook.domain.replies import Meaning
from rebook.domain.wishes import best
from rebook.services import meanings, pages, people, replies, wished
from rebook.services.leases import Actor
from rebook.services.outreach import Outgoing
from tests.services import office
from tests.services.office import LEILANI, NOON, Clock, decision, say, wake

pytestmark = pytest.mark.usefixtures("business")
THURSDAY = NOON + timedelta(days=3)
"""At noon in Honolulu."""
PHONE = "You can also call +1 808 555 0100."


def hours(*offsets: float, day: int = 3) -> list[Slot]:
    """Free hours, counted from a day's noon: 2 is two o'clock."""
    starts = [NOON + timedelta(days=day, hours=offset) for offset in offsets]
    return [Slot(at, at + timedelta(hours=1), "chair-1") for at in starts]


def offered() -> tuple[str, Actor]:
    """A case whose client was offered noon on next week's Monday, Tuesday and Wednesday."""
    case_id = office.lose()
    actor = office.act(case_id)
    assert office.offer(actor, [*hours(0, day=7), *hours(0, day=8), *hours(0, day=9)]) == 1
    office.send(actor)
    return case_id, actor


def offer_as_wished(actor: Actor, free: list[Slot]) -> list[Outgoing]:
    """What a run does for a wish: looks among what is free, offers, sends."""
    with ledger() as session:
        wish = wished.sought(session, office.case_of(actor.case_id))
    assert wish is not None
    office.offer(actor, best(free, wish, most=9))
    return office.send(actor)


def texts(actor: Actor) -> list[str]:
    return [one.text for one in office.send(actor)]


def state(case_id: str) -> str:
    return office.case_of(case_id).state


def speak_spanish() -> None:
    with ledger() as session:
        session.get_one(Person, office.rows(Person)[0].id).language = "es"


def test_a_wish_brings_times_within_it_and_only_a_number_books() -> None:
    case_id, actor = offered()
    say("thursday afternoon please")
    assert wake(actor) == "client: times are looked for as wished"
    assert state(case_id) == "open"
    (sent,) = offer_as_wished(actor, hours(-3, 2, 4) + hours(2, day=4))
    assert sent.text.startswith(
        "Windward Dental: For Thu 4 Mar in the afternoon we have:\n"
        "1 = Thu 4 Mar, 2:00 pm\n2 = Thu 4 Mar, 4:00 pm\nReply with the number"
    )
    assert office.rows(Booking) == []
    say("2")
    wake(actor)
    office.book(actor)
    assert office.held(case_id, "booked") == [THURSDAY + timedelta(hours=4)]


def test_a_wish_that_nothing_meets_is_told_so_with_the_nearest_times() -> None:
    case_id, actor = offered()
    say("thursday afternoon please")
    wake(actor)
    (sent,) = offer_as_wished(actor, hours(-3) + hours(2, day=5))
    assert "Nothing is free for Thu 4 Mar in the afternoon, sorry. The nearest:" in sent.text
    assert "1 = Thu 4 Mar, 9:00 am" in sent.text
    say("1")
    wake(actor)
    office.book(actor)
    assert office.held(case_id, "booked") == [THURSDAY - timedelta(hours=3)]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("april 20 works for me", "We cannot book as far ahead as Tue 20 Apr."),
        ("today at 1 pm please", "Mon 1 Mar, 1:00 pm is too soon for us, sorry."),
    ],
)
def test_a_wish_too_far_ahead_or_too_soon_is_told_so(said: str, told: str) -> None:
    _, actor = offered()
    say(said)
    wake(actor)
    (sent,) = offer_as_wished(actor, hours(2, day=8))
    assert told in sent.text
    assert "The nearest:\n1 = Tue 9 Mar, 2:00 pm" in sent.text


def test_the_latest_wish_counts() -> None:
    _, actor = offered()
    say("thursday afternoon please")
    say("friday morning please")
    wake(actor)
    (sent,) = offer_as_wished(actor, hours(2) + hours(-3, day=4))
    assert "For Fri 5 Mar in the morning we have:\n1 = Fri 5 Mar, 9:00 am" in sent.text


def test_a_wish_in_the_night_is_answered_at_once_and_later_messages_wait(at_noon: Clock) -> None:
    _, actor = offered()
    at_noon.forward(hours=11)
    say("thursday afternoon please")
    wake(actor)
    assert len(offer_as_wished(actor, hours(2))) == 1


def test_a_wished_time_that_was_taken_meanwhile_is_looked_for_again() -> None:
    case_id, actor = offered()
    other = office.act(office.lose("2", calendar="chair-1"), "run-2")
    say("thursday at 2 pm please")
    wake(actor)
    office.offer(other, hours(2))
    assert offer_as_wished(actor, hours(2)) == []
    assert state(case_id) == "open"
    assert office.case_of(case_id).retry_at is not None
    (sent,) = offer_as_wished(actor, hours(3))
    assert "Nothing is free for Thu 4 Mar, 2:00 pm, sorry." in sent.text


def test_a_wish_when_nothing_at_all_is_free_goes_to_a_person_and_the_client_hears_it() -> None:
    case_id, actor = offered()
    say("thursday afternoon please")
    wake(actor)
    (sent,) = offer_as_wished(actor, [])
    assert state(case_id) == "handed_over"
    assert "A person will read this and answer you." in sent.text


@pytest.mark.parametrize(
    ("said", "asks", "reason"),
    [
        ("mondays", "Which day or part of the day suits you?", "the client wishes a time"),
        ("none of those work", "Which day or part of the day suits you better?", "none of the"),
        ("hmm ok maybe", "Sorry, we did not understand.", "the client's words need a person"),
    ],
)
def test_what_cannot_be_acted_on_is_asked_back_once_and_then_a_person_reads_it(
    said: str, asks: str, reason: str
) -> None:
    case_id, actor = offered()
    say(said)
    assert wake(actor) == f"client: {meanings.ASKED}"
    (asked,) = texts(actor)
    assert asks in asked
    assert ("1 = " in asked) == (said != "none of those work")
    assert state(case_id) == "offered"
    say(said)
    wake(actor)
    assert state(case_id) == "handed_over"
    assert office.case_of(case_id).reason.startswith(reason)
    (told,) = texts(actor)
    assert "A person will read this" in told


def test_a_number_in_answer_to_the_question_books_what_it_listed() -> None:
    case_id, actor = offered()
    say("hmm ok maybe")
    wake(actor)
    texts(actor)
    say("3")
    wake(actor)
    office.book(actor)
    assert office.held(case_id, "booked") == [office.slot_times(case_id)[2]]


def test_a_client_who_no_longer_wants_it_ends_the_case_with_one_text() -> None:
    case_id, actor = offered()
    say("never mind, I don't want to come in")
    assert wake(actor) == "client: the case was closed"
    assert (state(case_id), office.held(case_id)) == ("withdrawn", [])
    (sent,) = texts(actor)
    assert "you no longer want your Cleaning" in sent
    say("never mind, I don't want to come in")
    assert texts(actor) == []


def test_a_visit_that_still_stands_when_the_client_withdraws_is_cancelled_there() -> None:
    case_id, actor = offered()
    office.see(office.appointment("m-1", status=Status.BOOKED), "google")
    say("never mind, I don't want to come in")
    wake(actor)
    wanted = [(one.connection, one.external_id, one.wanted) for one in told(case_id)]
    assert wanted == [("google", "m-1", {"status": "cancelled"})]


def told(case_id: str) -> list[SyncTarget]:
    """The platforms that are told of the visit."""
    return [t for t in office.rows(SyncTarget, case_id=case_id) if t.connection != "slack"]


def test_a_client_who_will_get_back_keeps_the_offer_and_more_time(at_noon: Clock) -> None:
    case_id, actor = offered()
    at_noon.forward(hours=20)
    say("let me check with my husband")
    wake(actor)
    case = office.case_of(case_id)
    assert case.state == "offered"
    assert case.follow_up_at is not None
    assert case.follow_up_at > NOON + timedelta(hours=43)
    assert len(office.held(case_id)) == 3
    assert texts(actor) == []
    say("1")
    wake(actor)
    assert state(case_id) == "booking"


@pytest.mark.parametrize(
    ("said", "reason", "told"),
    [
        ("call me please", "the client wants to be called", "Somebody will call you."),
        ("is parking free?", "the client has a question", "A person will read this"),
        ("I already rescheduled", "the client says that it is settled already", ""),
        ("Wrong person", "the contact is somebody else's", ""),
    ],
)
def test_what_needs_a_person_gets_one_with_the_reason(said: str, reason: str, told: str) -> None:
    case_id, actor = offered()
    say(said)
    wake(actor)
    case = office.case_of(case_id)
    assert (case.state, case.reason, case.owner) == ("handed_over", reason, "office")
    assert [told in text for text in texts(actor)] == [True] * bool(told)


def test_somebody_elses_number_is_never_used_for_this_client_again() -> None:
    case_id, actor = offered()
    say("Wrong person")
    wake(actor)
    wake(actor, decision(Choice.OFFER_NEW_TIMES))
    office.offer(actor, hours(1, 2, 3, day=6))
    office.send(actor)
    steps = office.rows(Intent, case_id=case_id, kind="message", state="done")
    assert [one.channel for one in steps] == ["sms", "email"]
    assert say("1")[1] is None
    say("STOP")
    with ledger() as session:
        assert not people.is_suppressed(session, people.contact_key(LEILANI.email))
    assert [one.disowned_at is None for one in office.rows(ContactPoint, channel="sms")] == [False]


def test_a_text_planned_before_the_word_came_does_not_go_to_somebody_elses_number() -> None:
    _, actor = offered()
    say("hmm ok maybe")
    wake(actor)
    say("Wrong person")
    assert office.send(actor) == []


def test_help_says_who_we_are_and_how_to_stop_and_changes_nothing() -> None:
    case_id, actor = offered()
    say("HELP")
    wake(actor)
    (sent,) = texts(actor)
    assert "Windward Dental: We write to you about your Cleaning" in sent
    assert "STOP" in sent
    assert PHONE in sent
    assert state(case_id) == "offered"


def test_start_after_stop_is_confirmed_once_and_lifts_what_the_reply_silenced() -> None:
    case_id, actor = offered()
    say("STOP")
    wake(actor)
    assert texts(actor) == []
    assert say("START") == ("opt_in", case_id)
    (sent,) = texts(actor)
    assert "You will hear from us again" in sent
    assert "STOP" in sent
    assert office.rows(Suppression) == []
    assert "unsuppressed" in [one.action for one in office.rows(Audit)]
    assert state(case_id) == "refused_contact"


def test_start_does_not_undo_a_refusal_that_came_another_way() -> None:
    case_id, actor = offered()
    with ledger() as session:
        people.suppress(session, LEILANI.email, source="sendgrid reported it")
    assert say("START") == ("unclear", case_id)
    wake(actor)
    assert len(office.rows(Suppression)) == 2
    assert texts(actor) == []


def test_start_from_a_client_who_was_never_silenced_is_asked_back() -> None:
    case_id, actor = offered()
    assert say("START") == ("unclear", case_id)
    wake(actor)
    (sent,) = texts(actor)
    assert "Sorry, we did not understand." in sent


def test_start_from_a_stranger_is_nothing() -> None:
    assert say("START", sender="+18085550177") == ("no open case", None)


def test_a_spanish_client_is_answered_in_spanish() -> None:
    case_id, actor = offered()
    speak_spanish()
    say("el jueves por la tarde por favor")
    wake(actor)
    (sent,) = offer_as_wished(actor, hours(2, 4))
    assert sent.text.startswith(
        "Windward Dental: Para el jue 4 mar por la tarde tenemos:\n"
        "1 = jue 4 mar, 14:00\n2 = jue 4 mar, 16:00\nResponda con el numero o elija aqui: "
    )
    say("la 2")
    wake(actor)
    office.book(actor)
    (confirmed,) = texts(actor)
    assert "reservado" in confirmed
    assert "jue 4 mar, 16:00" in confirmed
    assert state(case_id) == "rebooked"


def test_new_clients_of_a_spanish_business_are_written_to_in_spanish() -> None:
    office.configure(topology=replace(office.TOPOLOGY, default_language="es"))
    actor = office.act(office.lose())
    office.offer(actor, hours(0, day=7))
    (sent,) = office.send(actor)
    assert "Hola, Leilani: su cita de Cleaning del mar 2 mar, 12:00 se cancelo." in sent.text
    assert "1 = lun 8 mar, 12:00" in sent.text


def test_a_wish_by_mail_is_answered_by_mail() -> None:
    _, actor = offered()
    message = InboundMessage(
        Channel.EMAIL, LEILANI.email, "hi@example.com", "thursday afternoon please", "m1",
        reply_token=pages.token(actor.case_id),
    )  # fmt: skip
    with ledger() as session:
        replies.receive(session, message, "sendgrid:m1")
    wake(actor)
    (sent,) = offer_as_wished(actor, hours(2))
    assert (sent.to, sent.subject) == (LEILANI.email, "About your Cleaning")
    assert "For Thu 4 Mar in the afternoon we have:" in sent.text


def test_words_for_a_case_that_a_person_has_are_theirs_but_no_answer_is_nobodys() -> None:
    case_id, actor = offered()
    say("is parking free?")
    wake(actor)
    say("thursday afternoon please")
    assert wake(actor) == "client: given to staff"
    assert state(case_id) == "handed_over"
    with ledger() as session:
        session.get_one(Case, case_id).reason = "no answer"
    say("thursday afternoon please")
    wake(actor)
    assert state(case_id) == "open"


def test_a_machine_that_answers_everything_meets_a_person_in_the_end() -> None:
    case_id, actor = offered()
    free = hours(2, 4) + hours(2, 4, day=4)
    for turn in range(meanings.MOST_ANSWERS):
        say(f"{('thursday', 'friday')[turn % 2]} afternoon please")
        wake(actor)
        assert offer_as_wished(actor, free)
    say("thursday afternoon please")
    wake(actor)
    assert (state(case_id), office.case_of(case_id).reason) == (
        "handed_over",
        "the conversation goes in circles",
    )


def test_words_while_it_is_being_booked_reach_the_office_and_the_booking_goes_on() -> None:
    case_id, actor = offered()
    say("1")
    wake(actor)
    say("thursday afternoon please")
    assert wake(actor) == "client: given to staff"
    office.book(actor)
    assert state(case_id) == "rebooked"


def test_every_meaning_has_its_effect() -> None:
    handled = {*meanings.ACTS, *meanings.AT_ANY_TIME, Meaning.ACCEPT, Meaning.OPT_OUT}
    assert handled == set(Meaning)
    assert office.rows(Reply) == []
