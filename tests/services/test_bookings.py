"""From the chosen slot to the booking, and what every other platform is told."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from rebook.db.session import ledger
from rebook.db.tables import Appointment, Audit, Booking, Case, Hold, Intent, SyncTarget
from rebook.domain import clock
from rebook.domain.appointments import Status
from rebook.domain.decisions import Choice
from rebook.domain.plan import Step
from rebook.domain.verdicts import Verdict
from rebook.services import bookings, cases, intake, intents, staff, story, sync_back
from rebook.services.intents import Stage
from rebook.services.leases import Actor
from rebook.services.sync_back import Target
from rebook.services.written import Order
from tests.services import office
from tests.services.office import LEILANI, NOON, Clock, appointment, see

pytestmark = pytest.mark.usefixtures("business")


def chosen(slot: str = "o1-1") -> tuple[str, Actor]:
    case_id, actor = office.offered()
    office.wake(actor, office.decision(Choice.BOOK_SLOT, slot))
    return case_id, actor


def intent_of(case_id: str) -> Intent:
    return office.rows(Intent, case_id=case_id, kind="booking")[-1]


def claim(actor: Actor) -> Order:
    with ledger() as session:
        order = bookings.claim(session, actor, intent_of(actor.case_id).id)
    assert order is not None
    return order


def fail(actor: Actor, order: Order, stage: Stage) -> None:
    with ledger() as session:
        bookings.failed(session, actor, order, stage, "VendorFault")


def confirm(actor: Actor, order: Order, external_id: str = "new-1") -> None:
    with ledger() as session:
        bookings.confirm(session, actor, order, external_id, evidence=True)


def judge(actor: Actor, order: Order) -> bool:
    with ledger() as session:
        return bookings.judge(session, actor, order)


def test_the_order_says_whom_what_and_when() -> None:
    case_id, actor = chosen()
    order = claim(actor)
    assert order.person == LEILANI
    assert (order.service, order.service_id, order.connection) == ("Cleaning", "7", "acuity")
    assert order.slot.starts_at == office.slot_times(case_id)[0]
    assert (order.old_id, order.move) == ("1", False)


def test_a_visit_that_still_stands_on_the_record_system_is_moved() -> None:
    see(appointment("rec"))
    see(appointment("cal", same_as="acuity:rec"), "google")
    _, case_id = see(appointment("cal", status=Status.CANCELLED), "google")
    actor = office.act(str(case_id))
    office.offer(actor)
    office.wake(actor, office.decision(Choice.BOOK_SLOT, "o1-1"))
    order = claim(actor)
    assert (order.move, order.old_id) == (True, "rec")
    confirm(actor, order, "rec")
    moved = office.slot_times(str(case_id))[0]
    assert see(appointment("rec", starts_at=moved))[0].value in ("echo", "same")
    assert office.case_of(str(case_id)).state == "rebooked"


def test_a_confirmed_booking_closes_the_case_and_tells_everybody() -> None:
    see(appointment("cal", same_as="acuity:1"), "google")
    case_id, actor = chosen()
    confirm(actor, claim(actor))
    booking = office.rows(Booking)[0]
    assert booking.starts_at == office.slot_times(case_id)[0]
    assert (booking.external_id, booking.shown) == (
        "new-1",
        office.page(case_id)["booked"]["shown"],
    )
    assert office.case_of(case_id).state == "rebooked"
    assert [hold.state for hold in office.rows(Hold, state="booked")] == ["booked"]
    assert office.messages(case_id)["booked-sms"] == "planned"
    wanted = {(row.connection, row.state) for row in office.rows(SyncTarget)}
    assert wanted == {("google", "wanted"), ("slack", "wanted")}


def test_what_we_booked_is_known_before_the_platform_tells_us() -> None:
    case_id, actor = chosen()
    confirm(actor, claim(actor))
    start = office.slot_times(case_id)[0]
    verdict, concerned = see(appointment("new-1", starts_at=start))
    assert (verdict.value, concerned) == ("same", None)
    assert len(office.rows(Case)) == 1


def test_the_platforms_own_word_of_our_booking_may_come_first() -> None:
    case_id, actor = chosen()
    order = claim(actor)
    see(appointment("new-1", starts_at=order.slot.starts_at))
    confirm(actor, order)
    row = office.rows(Appointment, external_id="new-1")
    assert [one.group_id for one in row] == [office.case_of(case_id).group_id]


def test_confirming_twice_is_one_booking() -> None:
    case_id, actor = chosen()
    order = claim(actor)
    confirm(actor, order)
    confirm(actor, order)
    assert len(office.rows(Booking)) == 1
    assert office.actions(case_id).count("booking_confirmed") == 1


def test_a_refused_slot_is_lost_and_fresh_ones_are_due_at_once() -> None:
    case_id, actor = chosen()
    fail(actor, claim(actor), Stage.REFUSED)
    case = office.case_of(case_id)
    assert (case.state, case.reason, case.chosen_slot) == ("open", "slot taken", None)
    assert office.held(case_id) == []
    run = office.Run(actor, office.times(6, NOON + timedelta(days=6)))
    run.until_it_waits()
    assert "has just been taken" in run.sent[-1].text
    assert office.case_of(case_id).state == "offered"


def test_a_booking_in_doubt_waits_for_evidence_and_is_tried_twice_more() -> None:
    case_id, actor = chosen()
    for _ in range(2):
        fail(actor, claim(actor), Stage.UNKNOWN)
        assert office.case_of(case_id).state == "booking"
        assert judge(actor, claim_again(actor)) is True
    fail(actor, claim(actor), Stage.UNKNOWN)
    assert judge(actor, claim_again(actor)) is False
    assert intent_of(case_id).state == Stage.GIVEN_UP


def claim_again(actor: Actor) -> Order:
    with ledger() as session:
        return bookings.order_of(session, actor, intent_of(actor.case_id).id)


def test_a_booking_certainly_not_made_is_put_off_and_not_counted(at_noon: Clock) -> None:
    case_id, actor = chosen()
    for _ in range(5):
        order = claim(actor)
        with ledger() as session:
            bookings.put_off(session, actor, order, "Unreachable")
        found = intent_of(case_id)
        assert (found.state, found.attempts) == (Stage.PLANNED, 0)
        at_noon.set(found.due_at + timedelta(seconds=1))


def test_a_booking_waits_as_long_as_the_record_system_asks() -> None:
    case_id, actor = chosen()
    order = claim(actor)
    with ledger() as session:
        bookings.put_off(session, actor, order, "TooMany", 900.0)
    due_in = (intent_of(case_id).due_at - clock.now()).total_seconds()
    assert 890 < due_in <= 900


def test_waiting_for_the_record_system_is_not_taken_for_silence_of_the_client(
    at_noon: Clock,
) -> None:
    case_id, actor = chosen()
    order = claim(actor)
    with ledger() as session:
        bookings.put_off(session, actor, order, "Unreachable")
    at_noon.forward(hours=30)
    assert office.next_step(actor) is Step.BOOK
    assert office.case_of(case_id).touches == 1


def test_a_booking_for_a_slot_that_was_chosen_before_is_never_made() -> None:
    case_id, actor = chosen("o1-1")
    first = intent_of(case_id)
    office.wake(actor, office.decision(Choice.HAND_OVER))
    office.wake(actor, office.decision(Choice.BOOK_SLOT, "o1-2"))
    made = office.book(actor)
    assert first.id not in made
    assert len(made) == 1
    assert office.rows(Intent, id=first.id)[0].state == Stage.DROPPED
    assert office.rows(Booking)[0].starts_at == office.slot_times(case_id)[1]


def test_a_platform_that_tells_of_a_booking_while_we_confirm_it_tells_of_the_same_one() -> None:
    case_id, actor = chosen()
    order = claim(actor)
    told = appointment("new-1", starts_at=order.slot.starts_at, ends_at=order.slot.ends_at)
    with ThreadPoolExecutor(1) as hands:
        with ledger() as session:
            intake.observe(session, "acuity", told)
            confirming = hands.submit(confirm, actor, order)
            with pytest.raises(TimeoutError):
                confirming.result(0.5)
        confirming.result(30)
    assert office.case_of(case_id).state == "rebooked"
    assert len(office.rows(Appointment, external_id="new-1")) == 1


def test_nothing_is_booked_while_an_earlier_booking_is_in_doubt() -> None:
    _, actor = chosen()
    fail(actor, claim(actor), Stage.UNKNOWN)
    office.wake(actor, office.decision(Choice.HAND_OVER))
    office.wake(actor, office.decision(Choice.BOOK_SLOT, "o1-2"))
    assert office.book(actor) == []
    assert all(
        one.due_at > clock.now() for one in office.rows(Intent, state=Stage.PLANNED, kind="booking")
    )


def test_a_booking_found_for_a_case_that_wants_another_goes_to_a_person() -> None:
    case_id, actor = chosen()
    order = claim(actor)
    fail(actor, order, Stage.UNKNOWN)
    office.wake(actor, office.decision(Choice.HAND_OVER))
    office.wake(actor, office.decision(Choice.BOOK_SLOT, "o1-2"))
    confirm(actor, order, "stray-1")
    case = office.case_of(case_id)
    assert (case.state, case.reason) == ("handed_over", "an earlier booking was found as well")
    stray = office.rows(SyncTarget, external_id="stray-1")[0]
    assert (stray.state, stray.owner) == ("human", "office")


def test_a_booking_found_for_a_closed_case_is_settled_and_given_to_a_person() -> None:
    _, actor = chosen()
    order = claim(actor)
    fail(actor, order, Stage.UNKNOWN)
    office.wake(actor, office.decision(Choice.CLOSE_BOOKED_ELSEWHERE))
    confirm(actor, order, "stray-1")
    assert intent_of(actor.case_id).state == Stage.DONE
    assert office.rows(SyncTarget, external_id="stray-1")[0].state == "human"
    assert office.Run(actor, []).until_it_waits() is Step.DONE


def rebooked() -> tuple[str, Actor]:
    see(appointment("cal", same_as="acuity:1"), "google")
    case_id, actor = chosen()
    confirm(actor, claim(actor))
    return case_id, actor


def targets(actor: Actor) -> list[Target]:
    with ledger() as session:
        return sync_back.due(session, actor)


def test_a_mirror_is_told_the_new_time_and_its_echo_is_expected() -> None:
    case_id, actor = rebooked()
    google = next(one for one in targets(actor) if one.connection == "google")
    start = office.slot_times(case_id)[0]
    assert google.external_id == "cal"
    assert google.slot is not None
    assert google.slot.starts_at == start
    assert see(appointment("cal", starts_at=start), "google")[0].value == "echo"


def test_a_mirror_that_fails_is_tried_later_and_later_and_then_given_to_a_person(
    at_noon: Clock,
) -> None:
    _, actor = rebooked()
    google = next(one for one in targets(actor) if one.connection == "google")
    gaps = []
    for _ in range(7):
        before = clock.now()
        with ledger() as session:
            sync_back.failed(session, actor, google, "VendorFault")
        row = office.rows(SyncTarget, id=google.id)[0]
        gaps.append(round((row.due_at - before).total_seconds()))
        at_noon.set(row.due_at + timedelta(seconds=1))
    assert gaps[:6] == [5, 30, 120, 600, 3600, 21600]
    assert (row.state, row.owner, row.fault) == ("human", "office", "VendorFault")


def test_a_mirror_that_refuses_for_good_is_a_persons_at_once() -> None:
    _, actor = rebooked()
    google = next(one for one in targets(actor) if one.connection == "google")
    with ledger() as session:
        sync_back.failed(session, actor, google, "NotFound", final=True)
    assert office.rows(SyncTarget, id=google.id)[0].state == "human"


def test_one_mirrors_fault_does_not_keep_the_other_from_being_told() -> None:
    _, actor = rebooked()
    for target in targets(actor):
        with ledger() as session:
            if target.connection == "google":
                sync_back.failed(session, actor, target, "VendorFault")
            else:
                sync_back.done(session, actor, target, target.external_id)
    states = {row.connection: row.state for row in office.rows(SyncTarget)}
    assert states == {"google": "wanted", "slack": "done"}


def test_a_mirror_that_cancels_the_old_one_while_it_is_told_loses_nothing() -> None:
    _, actor = rebooked()
    google = next(one for one in targets(actor) if one.connection == "google")
    before = len(office.rows(Case))
    with ledger() as session:
        assert intake.vanished(session, "google", google.external_id)[0] is Verdict.ECHO
    assert len(office.rows(Case)) == before


def test_what_a_mirror_made_in_the_place_of_a_cancelled_one_belongs_to_the_visit() -> None:
    _, actor = rebooked()
    google = next(one for one in targets(actor) if one.connection == "google")
    for _ in range(2):
        with ledger() as session:
            sync_back.done(session, actor, google, "event-new")
    old, new = (
        office.rows(Appointment, external_id=name)[0] for name in (google.external_id, "event-new")
    )
    assert google.slot is not None
    assert (new.status, new.starts_at) == ("booked", google.slot.starts_at)
    assert (new.group_id, new.person_id) == (old.group_id, old.person_id)
    assert old.starts_at != new.starts_at


def test_a_newer_wish_that_comes_meanwhile_is_not_lost() -> None:
    case_id, actor = rebooked()
    office_message = next(one for one in targets(actor) if one.connection == "slack")
    with ledger() as session:
        case = cases.load(session, case_id)
        case.version += 1
        staff.show(session, case)
    with ledger() as session:
        sync_back.done(session, actor, office_message, office_message.external_id)
    assert office.rows(SyncTarget, id=office_message.id)[0].state == "wanted"


def test_a_mirror_without_this_visit_is_noted() -> None:
    _, actor = chosen()
    confirm(actor, claim(actor))
    noted = office.rows(Audit, action="not_mirrored")
    assert [row.detail["connection"] for row in noted] == ["google"]


def test_a_case_whose_every_target_is_told_is_done() -> None:
    _, actor = rebooked()
    run = office.Run(actor, [])
    assert run.until_it_waits() is Step.DONE
    assert set(run.told) >= {"google"}
    with ledger() as session:
        assert story.finish(session, actor).value == "rebooked"


def test_the_staff_message_names_first_name_and_initial_only() -> None:
    case_id, _ = rebooked()
    with ledger() as session:
        text = staff.wording_of(session, office.case_of(case_id))
    assert "*Leilani K* is rebooked" in text
    assert "Kahale" not in text
    assert "New time: " in text


def test_an_intent_of_a_step_is_planned_once() -> None:
    case_id, _ = chosen()
    with ledger() as session:
        again = intents.plan(
            session,
            case_id,
            intent_of(case_id).step,
            kind="booking",
            connection="acuity",
            payload={},
        )
        assert again.id == intent_of(case_id).id


def test_a_time_that_passed_while_the_record_system_was_away_is_not_booked(at_noon: Clock) -> None:
    case_id, actor = chosen()
    order = claim(actor)
    with ledger() as session:
        bookings.put_off(session, actor, order, "Unreachable")
    at_noon.set(order.slot.starts_at + timedelta(minutes=1))
    with ledger() as session:
        assert bookings.claim(session, actor, order.intent_id) is None
    assert intent_of(case_id).state == Stage.DROPPED
    assert (office.case_of(case_id).state, office.case_of(case_id).chosen_slot) == ("open", None)


def test_a_booking_that_is_put_off_for_days_keeps_its_seat(at_noon: Clock) -> None:
    case_id, actor = chosen()
    order = claim(actor)
    with ledger() as session:
        bookings.put_off(session, actor, order, "Unreachable")
    at_noon.forward(hours=20)
    again = claim(actor)
    with ledger() as session:
        bookings.put_off(session, actor, again, "Unreachable")
    at_noon.forward(hours=20)
    assert office.held(case_id, "held") != []
    assert claim(actor).slot == order.slot
