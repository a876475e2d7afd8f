"""Holds and offers: one seat, one holder, whoever comes at the same moment."""

import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest

from rebook.db.session import ledger
from rebook.db.tables import Hold, Offer, OfferSlot
from rebook.domain.appointments import Busy, Slot, Status
from rebook.domain.decisions import Choice
from rebook.domain.policy import Policy
from rebook.services import bookings, cases, offers, story
from rebook.services.leases import Actor
from tests.services import office
from tests.services.office import NOON, Clock

pytestmark = pytest.mark.usefixtures("business")
THREADS = 50


def many(count: int) -> list[Actor]:
    found = []
    for number in range(count):
        case_id = office.lose(f"a{number}", calendar=f"room-{number}")
        found.append(office.act(case_id))
    return found


def at_once(actors: list[Actor], slots: list[Slot]) -> list[int | None]:
    start = Barrier(min(len(actors), 8))

    def ask(actor: Actor) -> int | None:
        if len(actors) <= 8:
            start.wait()
        return office.offer(actor, slots)

    with ThreadPoolExecutor(8) as threads:
        return list(threads.map(ask, actors))


def test_fifty_cases_that_want_the_same_slot_get_one_hold() -> None:
    office.configure(Policy(slots_per_offer=1))
    got = at_once(many(THREADS), office.times(1))
    assert got.count(1) == 1
    assert got.count(None) == THREADS - 1
    assert [hold.state for hold in office.rows(Hold)] == ["held"]


def test_cases_that_hold_several_slots_in_different_orders_never_block_each_other() -> None:
    actors = many(8)
    got = at_once(actors, office.times(30))
    assert got == [1] * 8
    kept = [at for actor in actors for at in office.held(actor.case_id)]
    assert len(kept) == len(set(kept)) == 24


def test_fifty_takers_of_the_same_lapsed_slot_make_one_booking(at_noon: Clock) -> None:
    office.configure(Policy(slots_per_offer=1, hold_minutes=1))
    actors = []
    for actor in many(10):
        assert office.offer(actor, office.times(1)) == 1
        actors.append(actor)
        at_noon.forward(minutes=2)

    def take(actor: Actor) -> str:
        return office.wake(actor, office.decision(Choice.BOOK_SLOT, "o1-1"))

    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(take, actors))
    assert sorted(office.case_of(actor.case_id).state for actor in actors) == (
        ["booking"] + ["open"] * 9
    )
    assert outcomes.count("operator: the slot was chosen") == 1


def test_an_offer_holds_three_slots_on_different_days_and_numbers_them_by_time() -> None:
    case_id, _ = office.offered()
    shown = office.slot_times(case_id)
    assert shown == sorted(shown) == office.held(case_id)
    assert len({at.date() for at in shown}) == len(shown) == 3


def test_a_hold_keeps_others_away_until_it_lapses(at_noon: Clock) -> None:
    first, second = many(2)
    slots = office.times(1)
    assert office.offer(first, slots) == 1
    assert office.offer(second, slots) is None
    at_noon.forward(minutes=121)
    third = office.act(office.lose("late"))
    assert office.offer(third, slots) == 1
    assert office.held(first.case_id, "released") == [slots[0].starts_at]


def test_what_is_held_is_known_until_it_lapses(at_noon: Clock) -> None:
    (first,) = many(1)
    (slot,) = office.times(1)
    assert office.offer(first, [slot]) == 1
    with ledger() as session:
        assert offers.held(session, "acuity", [slot]) == {
            slot.calendar: [Busy(slot.starts_at, slot.ends_at)]
        }
        assert offers.held(session, "elsewhere", [slot]) == {}
    at_noon.forward(minutes=121)
    with ledger() as session:
        assert offers.held(session, "acuity", [slot]) == {}


def test_only_what_is_held_where_and_when_somebody_looks_is_read(at_noon: Clock) -> None:
    (first,) = many(1)
    (slot,) = office.times(1)
    assert office.offer(first, [slot]) == 1
    later = [replace(slot, starts_at=slot.ends_at, ends_at=slot.ends_at + timedelta(hours=1))]
    with ledger() as session:
        assert offers.held(session, "acuity", [replace(slot, calendar="chair-2")]) == {}
        assert offers.held(session, "acuity", later) == {}
        assert offers.held(session, "acuity", []) == {}
        assert list(offers.held(session, "acuity", [slot, *later])) == [slot.calendar]


def test_a_lapsed_hold_nobody_took_is_still_the_clients(at_noon: Clock) -> None:
    case_id, actor = office.offered()
    at_noon.forward(hours=5)
    office.say("1")
    assert office.wake(actor) == "client: the slot was chosen"
    assert office.case_of(case_id).state == "booking"


def test_a_slot_next_to_a_held_one_is_free_and_one_that_overlaps_is_not() -> None:
    first, beside, across = many(3)
    slot = office.times(1)[0]
    hour = timedelta(hours=1)
    assert office.offer(first, [slot]) == 1
    assert office.offer(beside, [Slot(slot.ends_at, slot.ends_at + hour, "chair-1")]) == 1
    start = slot.starts_at + hour / 2
    assert office.offer(across, [Slot(start, start + hour, "chair-1")]) is None
    assert office.case_of(across.case_id).reason == "no free times were found"


def test_another_calendar_is_another_seat() -> None:
    first, second = many(2)
    assert office.offer(first, office.times(1)) == 1
    assert office.offer(second, office.times(1, calendar="chair-2")) == 1


def test_two_slots_of_one_offer_do_not_overlap() -> None:
    actor = office.act(office.lose())
    start, hour = NOON + timedelta(days=2), timedelta(hours=1)
    slots = [Slot(start + hour / 2 * n, start + hour / 2 * n + hour, "chair-1") for n in range(4)]
    office.offer(actor, slots)
    kept = office.held(actor.case_id)
    assert all(later - earlier >= hour for earlier, later in itertools.pairwise(kept))
    assert kept


def test_new_times_free_the_former_ones_and_supersede_them() -> None:
    case_id, actor = office.offered()
    before = office.slot_times(case_id)
    office.wake(actor, office.decision(Choice.OFFER_NEW_TIMES))
    assert office.held(case_id) == []
    assert office.offer(actor, office.times(6, NOON + timedelta(days=5))) == 2
    assert not set(before) & set(office.held(case_id))
    superseded = {row.n: row.superseded_at is not None for row in office.rows(Offer)}
    assert superseded == {1: True, 2: False}


def test_the_offer_known_before_its_case_was_locked_is_asked_for_again() -> None:
    case_id, actor = office.offered()
    with ledger() as session:
        before = offers.current(session, case_id)
        office.wake(actor, office.decision(Choice.OFFER_NEW_TIMES))
        office.offer(actor, office.times(6, NOON + timedelta(days=5)))
        cases.load(session, case_id)
        after = offers.current(session, case_id)
    assert (before and before.n, after and after.n) == (1, 2)


def test_no_free_time_hands_the_case_to_a_person() -> None:
    actor = office.act(office.lose())
    assert office.offer(actor, []) is None
    case = office.case_of(actor.case_id)
    assert (case.state, case.owner) == ("handed_over", "office")
    assert office.rows(Offer) == []


@pytest.mark.parametrize(
    "choice", [Choice.CLOSE_DECLINED, Choice.CLOSE_BOOKED_ELSEWHERE, Choice.CLOSE_NEVER_LOST]
)
def test_a_closed_case_holds_nothing(choice: Choice) -> None:
    case_id, actor = office.offered()
    office.wake(actor, office.decision(choice))
    assert office.held(case_id) == []


def test_a_decision_that_comes_too_late_leaves_no_hold_behind() -> None:
    case_id, actor = office.offered()
    office.wake(actor, office.decision(Choice.BOOK_SLOT, "o1-1"))
    outcome = office.wake(actor, office.decision(Choice.BOOK_SLOT, "o1-2"))
    assert outcome == "operator: refused: the case is booking"
    office.book(actor)
    office.wake(actor, office.decision(Choice.BOOK_SLOT, "o1-3"))
    assert office.held(case_id) == []
    assert office.held(case_id, "booked") == office.slot_times(case_id)[:1]


def test_the_seat_of_a_visit_that_is_lost_again_is_free_again() -> None:
    case_id, actor = office.offered()
    office.wake(actor, office.decision(Choice.BOOK_SLOT, "o1-1"))
    office.book(actor, "new-1")
    start = office.slot_times(case_id)[0]
    _, again = office.see(office.appointment("new-1", starts_at=start, status=Status.CANCELLED))
    assert again not in (None, case_id)
    assert office.held(case_id, "booked") == []
    assert office.offer(
        office.act(str(again)), [Slot(start, start + timedelta(hours=1), "chair-1")]
    )


@pytest.mark.parametrize("name", ["", "o1", "o1-9", "o2-1", "1-x", "o-1", "o1-1-1", "ox-1", "-"])
def test_a_slot_name_that_is_none_finds_none(name: str) -> None:
    case_id, _ = office.offered()
    with ledger() as session:
        assert offers.find_slot(session, case_id, name) is None


def test_slots_are_named_by_offer_and_number_and_belong_to_their_case() -> None:
    case_id, _ = office.offered()
    other = office.lose("2", calendar="chair-9")
    with ledger() as session:
        found = offers.find_slot(session, case_id, " O1-2 ")
        assert found is not None
        assert found.code == 2
        assert offers.find_slot(session, other, "o1-2") is None


def test_a_slot_that_has_passed_is_gone(at_noon: Clock) -> None:
    case_id, actor = office.offered()
    at_noon.set(office.slot_times(case_id)[0] + timedelta(minutes=1))
    office.say("1")
    assert office.wake(actor) == "client: the slot was taken by somebody faster"
    assert office.case_of(case_id).state == "open"


def test_losing_from_open_is_remembered_so_that_the_client_is_told() -> None:
    case_id, actor = office.offered()
    with ledger() as session:
        case = cases.load(session, case_id)
        bookings.lose(session, case)
        bookings.lose(session, case)
    assert office.case_of(case_id).reason == offers.TAKEN
    office.offer(actor, office.times(6, NOON + timedelta(days=5)))
    assert "taken-2-sms" in office.messages(case_id)


def test_the_row_of_a_slot_nobody_got_is_not_kept() -> None:
    first, second = many(2)
    office.offer(first, office.times(1))
    office.offer(second, office.times(2))
    assert len(office.rows(OfferSlot)) == 2


def test_an_offer_is_made_once_for_a_case_that_is_open() -> None:
    _, actor = office.offered()
    with ledger() as session:
        assert story.make_offer(session, actor, office.times()) is None
