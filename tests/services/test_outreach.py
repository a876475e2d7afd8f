"""The gate every message passes, and what becomes of one whose outcome is in doubt."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from rebook.db.session import ledger
from rebook.db.tables import Audit, Case, ContactPoint, Intent
from rebook.domain import clock
from rebook.domain.appointments import Person
from rebook.domain.cases import CaseEvent
from rebook.domain.decisions import Choice
from rebook.domain.messages import Delivery, DeliveryReport
from rebook.domain.plan import Step
from rebook.domain.policy import Policy
from rebook.services import cases, composing, deliveries, intents, outreach, people, story
from rebook.services.intents import Stage
from rebook.services.leases import Actor
from rebook.services.outreach import Outgoing
from tests.services import office
from tests.services.office import LEILANI, NOON, Clock

pytestmark = pytest.mark.usefixtures("business")


def planned(**changes: Any) -> tuple[str, Actor, str]:
    """A case whose first text is planned and has not left."""
    case_id = office.lose(**changes)
    actor = office.act(case_id)
    office.offer(actor)
    return case_id, actor, office.rows(Intent, case_id=case_id, kind="message")[0].id


def intent(intent_id: str) -> Intent:
    with ledger() as session:
        return session.get_one(Intent, intent_id)


def sent(**changes: Any) -> tuple[str, Actor, Outgoing]:
    case_id, actor, intent_id = planned(**changes)
    outgoing = office.claim(actor, intent_id)
    assert outgoing is not None
    return case_id, actor, outgoing


def judge(actor: Actor, intent_id: str, *found: str) -> str:
    with ledger() as session:
        outreach.judge(session, actor, intent_id, list(found))
    return intent(intent_id).state


def report(outgoing: Outgoing, delivery: Delivery, **more: Any) -> str:
    with ledger() as session:
        found = DeliveryReport("SM1", delivery, more.pop("intent", outgoing.intent_id), **more)
        return deliveries.record(session, found, "twilio")


def test_a_message_that_may_leave_leaves_once() -> None:
    _, actor, intent_id = planned()
    outgoing = office.claim(actor, intent_id)
    assert outgoing is not None
    assert (outgoing.to, outgoing.connection) == (LEILANI.phone, "twilio")
    assert office.claim(actor, intent_id) is None


def test_a_client_who_opted_out_since_gets_nothing() -> None:
    _, actor, intent_id = planned()
    with ledger() as session:
        people.suppress(session, LEILANI.email, source="test")
    assert office.claim(actor, intent_id) is None
    assert intent(intent_id).state == Stage.DROPPED


def test_a_message_whose_case_moved_on_does_not_leave() -> None:
    case_id, actor, intent_id = planned()
    with ledger() as session:
        row = session.get_one(Case, case_id)
        row.state = "booking"
        session.add(row)
    assert office.claim(actor, intent_id) is None
    assert intent(intent_id).reason == "the case has moved on"


@pytest.mark.parametrize(("hour", "leaves_at"), [(6, 8), (7, 8), (12, 12), (20, 20), (22, 32)])
def test_a_message_waits_for_contact_hours(at_noon: Clock, hour: int, leaves_at: int) -> None:
    midnight = NOON - timedelta(hours=12)
    at_noon.set(midnight + timedelta(hours=hour))
    _, actor, intent_id = planned(starts_at=NOON + timedelta(days=3))
    due = intent(intent_id).due_at
    assert abs(due - midnight - timedelta(hours=leaves_at)) < timedelta(minutes=5)
    assert (office.claim(actor, intent_id) is None) == (leaves_at != hour)
    at_noon.set(midnight + timedelta(hours=leaves_at, minutes=1))
    assert leaves_at == hour or office.claim(actor, intent_id) is not None


def test_a_message_planned_by_day_and_late_to_leave_waits_for_the_morning(at_noon: Clock) -> None:
    _, actor, intent_id = planned()
    at_noon.set(NOON + timedelta(hours=10))
    assert office.claim(actor, intent_id) is None
    found = intent(intent_id)
    assert (found.state, found.due_at) == (Stage.PLANNED, NOON + timedelta(hours=20))


def test_a_direct_answer_leaves_at_any_hour(at_noon: Clock) -> None:
    case_id, actor = office.offered()
    at_noon.set(NOON + timedelta(hours=10))
    office.say("1")
    office.wake(actor)
    office.book(actor)
    assert [one.to for one in office.send(actor)] == [LEILANI.phone]
    assert office.messages(case_id)["booked-sms"] == "done"


def test_a_booking_by_staff_at_night_is_told_in_the_morning(at_noon: Clock) -> None:
    _, actor = office.offered()
    at_noon.set(NOON + timedelta(hours=10))
    office.wake(actor, office.decision(Choice.BOOK_SLOT, "o1-1"))
    office.book(actor)
    assert office.send(actor) == []


def test_the_contact_budget_counts_over_all_cases_until_the_client_answers(at_noon: Clock) -> None:
    office.configure(Policy(contact_budget=2))
    for number in range(3):
        case_id, actor = office.offered(f"v{number}", calendar=f"room-{number}")
        at_noon.forward(minutes=1)
    assert office.messages(case_id) == {"outreach-1": "dropped"}
    office.say("hm")
    office.wake(office.act(office.rows(Case)[1].id))
    case_id, actor = office.offered("v9", calendar="room-9")
    assert office.messages(case_id) == {"outreach-1": "done"}
    assert actor.case_id == case_id


def test_a_client_without_a_phone_gets_a_mail_and_one_without_either_a_person() -> None:
    by_mail = office.lose("mail", person=replace(LEILANI, phone=""))
    office.offer(office.act(by_mail))
    assert office.messages(by_mail) == {"outreach-2": "planned"}
    by_none = office.lose("none", person=Person("Kai", "Example"), calendar="chair-2")
    office.offer(office.act(by_none))
    case = office.case_of(by_none)
    assert (case.state, case.reason) == ("handed_over", "the client cannot be reached")


def test_an_answer_to_an_older_attempt_does_not_overwrite_a_newer_one() -> None:
    _, actor, outgoing = sent()
    office.settle(outgoing, Stage.UNKNOWN)
    judge(actor, outgoing.intent_id)
    again = office.claim(actor, outgoing.intent_id)
    assert again is not None
    office.settle(outgoing, Stage.REFUSED)
    assert intent(outgoing.intent_id).state == Stage.SENDING
    office.settle(again)
    assert intent(outgoing.intent_id).state == Stage.DONE


def test_an_unknown_outcome_is_looked_for_only_after_the_wait_for_evidence(at_noon: Clock) -> None:
    _, actor, outgoing = sent()
    office.settle(outgoing, Stage.UNKNOWN)
    at_noon.forward(seconds=110)
    assert office.next_step(actor) is not Step.SETTLE
    at_noon.forward(seconds=15)
    assert office.next_step(actor) is Step.SETTLE


def test_evidence_settles_it_and_nothing_is_sent_again() -> None:
    _, actor, outgoing = sent()
    office.settle(outgoing, Stage.UNKNOWN)
    assert judge(actor, outgoing.intent_id, "SM9") == Stage.DONE
    assert intent(outgoing.intent_id).vendor_id == "SM9"
    assert office.claim(actor, outgoing.intent_id) is None


def test_no_evidence_means_once_more_with_the_same_words_then_another_way(at_noon: Clock) -> None:
    case_id, actor, first = sent()
    office.settle(first, Stage.UNKNOWN)
    assert judge(actor, first.intent_id) == Stage.PLANNED
    second = office.claim(actor, first.intent_id)
    assert second is not None
    assert (second.text, second.token) == (first.text, first.token)
    office.settle(second, Stage.UNKNOWN)
    assert judge(actor, first.intent_id) == Stage.GIVEN_UP
    office.Run(actor, office.times()).until_it_waits()
    assert office.messages(case_id) == {"outreach-1": "given_up", "outreach-2": "done"}


def test_two_copies_at_the_vendor_are_counted() -> None:
    case_id, actor, outgoing = sent()
    judge(actor, outgoing.intent_id, "SM1", "SM2")
    assert [row.detail["count"] for row in office.rows(Audit, action="duplicate_sent")] == [2]
    assert office.messages(case_id) == {"outreach-1": "done"}


def test_a_text_about_a_lost_slot_that_cannot_be_sent_goes_another_way_too() -> None:
    case_id, actor = office.offered()
    with ledger() as session:
        row = cases.load(session, case_id)
        cases.move(session, row, CaseEvent.NEW_TIMES_WANTED, reason="slot taken")
    office.offer(actor, office.times(6, NOON + timedelta(days=5)))
    taken = next(one for one in office.rows(Intent) if one.step == "taken-2-sms")
    outgoing = office.claim(actor, taken.id)
    assert outgoing is not None
    refuse(outgoing, "21612")
    office.Run(actor, office.times()).until_it_waits()
    assert office.messages(case_id)["outreach-2"] == "done"


def refuse(outgoing: Outgoing, reason: str) -> None:
    office.settle(outgoing, Stage.REFUSED)
    with ledger() as session:
        stored = intents.lock(session, outgoing.intent_id)
        case = cases.load(session, stored.case_id)
        outreach.refused(session, case, stored.id, reason)


def test_a_vendors_no_leads_to_the_next_channel() -> None:
    case_id, actor, outgoing = sent()
    refuse(outgoing, "21614")
    office.Run(actor, office.times()).until_it_waits()
    assert office.messages(case_id) == {"outreach-1": "refused", "outreach-2": "done"}


def test_a_vendors_word_of_an_opt_out_silences_and_closes() -> None:
    case_id, _, outgoing = sent()
    refuse(outgoing, outreach.OPTED_OUT)
    assert office.case_of(case_id).state == "refused_contact"
    with ledger() as session:
        assert people.is_suppressed(session, people.contact_key(LEILANI.email))


def test_what_the_vendor_certainly_did_not_do_is_put_off_without_counting(at_noon: Clock) -> None:
    case_id, actor, outgoing = sent()
    with ledger() as session:
        case = cases.load(session, case_id)
        outreach.put_off(session, case, outgoing.intent_id, outgoing.fence, "Unreachable")
    found = intent(outgoing.intent_id)
    assert (found.state, found.attempts, found.claimed_at) == (Stage.PLANNED, 0, None)
    assert found.due_at > clock.now() + timedelta(seconds=10)
    at_noon.set(found.due_at)
    assert office.claim(actor, outgoing.intent_id) is not None


@pytest.mark.parametrize(("asked", "waits"), [(900.0, 900), (1e9, intents.MOST_PATIENCE)])
def test_a_vendor_that_says_how_long_to_wait_is_obeyed_within_reason(
    asked: float, waits: int
) -> None:
    case_id, _, outgoing = sent()
    with ledger() as session:
        case = cases.load(session, case_id)
        outreach.put_off(session, case, outgoing.intent_id, outgoing.fence, "TooMany", asked)
    due_in = (intent(outgoing.intent_id).due_at - clock.now()).total_seconds()
    assert waits - 10 < due_in <= waits


def test_delivery_reports_move_forward_only_whatever_their_order() -> None:
    _, _, outgoing = sent()
    office.settle(outgoing)
    order = [Delivery.DELIVERED, Delivery.SENT, Delivery.ACCEPTED, Delivery.DELIVERED]
    assert [report(outgoing, one) for one in order] == ["delivered", "known", "known", "known"]
    assert intent(outgoing.intent_id).delivery == "delivered"


def test_a_report_before_our_own_answer_is_evidence() -> None:
    _, _, outgoing = sent()
    assert report(outgoing, Delivery.SENT) == "sent"
    assert intent(outgoing.intent_id).state == Stage.DONE
    office.settle(outgoing, Stage.UNKNOWN)
    assert intent(outgoing.intent_id).state == Stage.DONE


def test_a_report_that_comes_when_it_was_planned_again_stops_the_repetition() -> None:
    _, actor, outgoing = sent()
    office.settle(outgoing, Stage.UNKNOWN)
    judge(actor, outgoing.intent_id)
    report(outgoing, Delivery.DELIVERED)
    assert office.claim(actor, outgoing.intent_id) is None
    assert intent(outgoing.intent_id).state == Stage.DONE


def test_a_report_is_found_by_the_vendors_id_where_ours_is_missing() -> None:
    _, _, outgoing = sent()
    office.settle(outgoing)
    assert report(outgoing, Delivery.DELIVERED, intent="") == "delivered"
    assert report(replace(outgoing, intent_id="none"), Delivery.SENT) == "known"


def test_a_report_of_somebody_elses_message_is_none_of_ours() -> None:
    _, _, outgoing = sent()
    assert report(replace(outgoing, intent_id="none"), Delivery.SENT) == "not a message of ours"


def test_a_text_that_was_not_delivered_leads_to_the_mail_at_once() -> None:
    case_id, actor, outgoing = sent()
    office.settle(outgoing)
    report(outgoing, Delivery.FAILED, code="30003")
    assert office.case_of(case_id).next_action_at == office.case_of(case_id).follow_up_at
    office.Run(actor, office.times()).until_it_waits()
    assert office.messages(case_id)["outreach-2"] == "done"


def test_a_report_of_an_opt_out_closes_the_case() -> None:
    case_id, _, outgoing = sent()
    office.settle(outgoing)
    report(outgoing, Delivery.REFUSED, opted_out=True)
    assert office.case_of(case_id).state == "refused_contact"


def test_a_finder_gets_what_it_needs_to_recognise_the_message() -> None:
    _, _, outgoing = sent()
    with ledger() as session:
        query = outreach.evidence_query(session, outgoing.intent_id)
    assert (query["to"], query["text"]) == (outgoing.to, outgoing.text)
    assert abs(query["since"] - NOON) < timedelta(minutes=5)


def test_a_mail_names_only_times_that_still_lie_ahead(at_noon: Clock) -> None:
    case_id, actor = office.offered()
    first, second, _ = office.slot_times(case_id)
    at_noon.set(first + timedelta(hours=1))
    with ledger() as session:
        story.take_turn(session, actor)
    mail = next(one for one in office.rows(Intent) if one.step == "outreach-2")
    assert "1 = " not in mail.payload["text"]
    assert "2 = " in mail.payload["text"]
    assert second > clock.now()


def test_where_texts_cannot_be_answered_they_carry_links_and_words_are_answered_by_mail() -> None:
    office.configure(topology=replace(office.TOPOLOGY, sms_answers=False))
    case_id, actor = office.offered()
    contact = office.rows(ContactPoint, channel="sms")[0]
    [text] = [one.payload["text"] for one in office.rows(Intent, step="outreach-1")]
    assert "Reply" not in text
    assert composing.unsubscribe_link(contact.id) in text
    office.say("which day is best?")
    office.wake(actor)
    answers = [one for one in office.rows(Intent, case_id=case_id) if "answer" in one.step]
    assert [one.channel for one in answers] == ["email"]
