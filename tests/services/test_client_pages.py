"""What a client presses on their page, asks of a visit that stands, or has lost: no words to be read."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from rebook.db.session import ledger
from rebook.db.tables import Appointment, ClientPage, Intent, OfferSlot, Reply, SyncTarget
from rebook.domain import clock
from rebook.domain.appointments import Slot, Status
from rebook.domain.cases import CaseEvent
from rebook.domain.pageview import open_view, token_hash
from rebook.services import cases, pages, presses, sync_back, visits, wishes
from tests.services import office
from tests.services.office import LEILANI, NOON, offered, see, wake

pytestmark = pytest.mark.usefixtures("business")


def free_starts(case_id: str) -> list[datetime]:
    return [datetime.fromisoformat(noted[0]) for noted in office.page(case_id)["free"]]


def choose_time(case_id: str, start: datetime, source: str = "page:1") -> str:
    with ledger() as session:
        return presses.choose_time(session, pages.token(case_id), start, source, clock.now())[0]


def test_a_free_time_of_the_page_is_held_only_when_it_is_taken() -> None:
    case_id, actor = offered()
    assert len(office.held(case_id)) == 3
    start = next(at for at in free_starts(case_id) if at not in office.slot_times(case_id))
    assert choose_time(case_id, start) == "accept"
    assert choose_time(case_id, start) == "seen before or unknown"
    assert start not in office.held(case_id)
    assert wake(actor) == "client: the slot was chosen"
    office.book(actor)
    assert office.held(case_id, "booked") == [start]
    assert "free" not in office.page(case_id)


def test_two_clients_who_take_the_same_free_time_are_one_booking_and_fresh_times() -> None:
    (first, one), (second, two) = offered("1"), offered("2", person=LEILANI)
    start = next(at for at in free_starts(first) if at in free_starts(second)
                 and at not in office.slot_times(first) + office.slot_times(second))  # fmt: skip
    choose_time(first, start, "page:1")
    choose_time(second, start, "page:2")
    assert wake(one) == "client: the slot was chosen"
    assert wake(two) == "client: the slot was taken by somebody faster"
    assert office.page(second)["state"] == "working"
    assert office.page(second)["note"] == "slot taken"


def test_a_time_the_page_never_showed_is_no_time() -> None:
    case_id, _ = offered()
    assert choose_time(case_id, NOON + timedelta(days=2, minutes=7)) == "no such time"
    assert office.rows(Reply) == []


def test_the_snapshot_holds_each_start_once_for_two_weeks_and_no_more() -> None:
    case_id = office.lose()
    start = NOON + timedelta(days=1)
    slots = [
        Slot(start + timedelta(hours=hours), start + timedelta(hours=hours + 1), chair)
        for hours in range(0, 24 * 20, 1)
        for chair in ("chair-1", "chair-2")
    ]
    office.offer(office.act(case_id), slots)
    starts = free_starts(case_id)
    assert starts == sorted(set(starts))
    assert max(starts) < NOON + timedelta(days=14)
    assert len(starts) <= 240


def test_a_wish_is_a_window_on_the_clients_own_clock() -> None:
    case_id, _ = offered()
    with ledger() as session:
        token = pages.token(case_id)
        said = presses.wish(session, token, date(2027, 3, 5), "afternoon", "page:9", clock.now())
    assert said == ("prefer", case_id)
    (reply,) = office.rows(Reply, case_id=case_id)
    assert reply.wish_from == datetime(2027, 3, 5, 22, tzinfo=UTC)
    assert reply.wish_to == datetime(2027, 3, 6, 4, tzinfo=UTC)
    assert (reply.intent, reply.channel) == ("prefer", "page")


@pytest.mark.parametrize("meaning", ["call_me", "withdraw"])
def test_a_press_is_a_reply_without_words(meaning: str) -> None:
    case_id, _ = offered()
    with ledger() as session:
        presses.press(session, pages.token(case_id), meaning, "page:9", clock.now())
    (reply,) = office.rows(Reply, case_id=case_id)
    assert (reply.intent, reply.said) == (meaning, "")


def visit() -> Appointment:
    see(office.appointment())
    with ledger() as session:
        found = visits.find(session, "acuity", "1")
        assert found is not None
        visits.publish(session, found)
    return found


def view(appointment_id: str) -> dict[str, object]:
    token = visits.token(appointment_id)
    with ledger() as session:
        return open_view(token, session.get_one(ClientPage, token_hash(token)).view)


def ask(appointment_id: str, asked: str) -> tuple[str, str | None]:
    with ledger() as session:
        return wishes.ask(session, visits.token(appointment_id), asked)


def test_a_visit_that_is_ahead_has_a_page_and_asking_opens_a_case_while_it_stands() -> None:
    row = visit()
    assert (view(row.id)["state"], view(row.id)["case"]) == ("visit", "")
    verdict, case_id = ask(row.id, "move")
    assert verdict == "asked to move"
    assert case_id is not None
    case = office.case_of(case_id)
    assert (case.cause, case.old_stands, case.asked) == ("client_cancelled", True, "move")
    assert view(row.id)["case"] == pages.token(case_id)
    assert office.page(case_id)["state"] == "seeking"
    assert ask(row.id, "cancel") == ("asked to cancel", None)
    office.offer(office.act(case_id))
    assert office.page(case_id)["stands"]["starts_at"] == row.starts_at.isoformat()
    (text,) = [i.payload["text"] for i in office.rows(Intent, case_id=case_id, kind="message")]
    assert "you asked to move your Cleaning on Tue 2 Mar" in text


def test_the_new_time_moves_the_old_appointment() -> None:
    row = visit()
    _, case_id = ask(row.id, "move")
    assert case_id is not None
    actor = office.act(case_id)
    office.offer(actor)
    office.say("1")
    wake(actor)
    office.book(actor, "1")
    page = office.page(case_id)
    assert (page["state"], page["visit"]) == ("booked", visits.token(row.id))
    assert page["calendar"]["sequence"] == 1
    assert view(row.id)["booked"] == {
        name: page["booked"][name] for name in ("starts_at", "ends_at")
    }
    assert view(row.id)["case"] == ""


def test_the_confirmation_leads_to_the_visits_own_page() -> None:
    row = visit()
    _, case_id = ask(row.id, "move")
    assert case_id is not None
    actor = office.act(case_id)
    office.offer(actor)
    office.say("1")
    wake(actor)
    office.book(actor, "1")
    (text,) = (i.payload["text"] for i in office.rows(Intent, case_id=case_id, step="booked-sms"))
    assert visits.link(row.id) in text
    assert "/o/" not in text


@pytest.mark.parametrize("channel", ["sms", "email"])
def test_the_page_a_confirmation_leads_to_is_there_when_it_leaves(channel: str) -> None:
    person = LEILANI if channel == "sms" else replace(LEILANI, phone="")
    case_id, actor = offered(person=person)
    choose_time(case_id, free_starts(case_id)[0])
    wake(actor)
    office.book(actor)
    (sent,) = office.send(actor)
    new = office.rows(Appointment, external_id="new-1")[0]
    assert visits.link(new.id) in sent.text
    assert view(new.id)["state"] == "visit"


def test_a_client_who_keeps_the_appointment_loses_nothing() -> None:
    row = visit()
    _, case_id = ask(row.id, "cancel")
    assert case_id is not None
    office.offer(office.act(case_id))
    with ledger() as session:
        assert presses.keep_visit(session, pages.token(case_id)) == ("kept", None)
    assert office.case_of(case_id).state == "voided"
    assert office.page(case_id)["state"] == "kept"
    assert office.held(case_id) == []
    assert (view(row.id)["state"], view(row.id)["case"]) == ("visit", "")
    assert office.rows(SyncTarget, connection="acuity") == []


def withdraw(case_id: str) -> None:
    with ledger() as session:
        cases.move(session, cases.load(session, case_id), CaseEvent.CLIENT_WITHDREW)
        pages.refresh(session, cases.load(session, case_id))


def test_what_a_client_withdraws_is_cancelled_on_every_platform_and_is_no_new_loss() -> None:
    row = visit()
    see(office.appointment("event-1", same_as="acuity:1"), "google")
    _, case_id = ask(row.id, "cancel")
    assert case_id is not None
    withdraw(case_id)
    actor = office.act(case_id)
    with ledger() as session:
        targets = sync_back.due(session, actor)
    assert {(t.connection, t.external_id, t.cancel) for t in targets} == {
        ("acuity", "1", True), ("google", "event-1", True),
    }  # fmt: skip
    for target in targets:
        with ledger() as session:
            sync_back.done(session, actor, target, target.external_id)
        gone = office.appointment(target.external_id, status=Status.CANCELLED, by_client=True)
        assert see(gone, target.connection)[1] is None
    assert office.page(case_id)["state"] == "withdrawn"
    assert view(row.id)["state"] == "gone"


def test_a_visit_that_was_lost_already_is_not_cancelled_again() -> None:
    case_id, _ = offered()
    withdraw(case_id)
    assert office.rows(SyncTarget, connection="acuity") == []


def test_a_slot_taken_on_the_page_has_a_number_staff_can_say() -> None:
    case_id, _ = offered()
    start = next(at for at in free_starts(case_id) if at not in office.slot_times(case_id))
    choose_time(case_id, start)
    (reply,) = office.rows(Reply, case_id=case_id)
    (slot,) = office.rows(OfferSlot, id=reply.slot_id)
    assert (slot.code, slot.shown != "") == (4, True)
