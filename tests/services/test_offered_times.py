"""Calendars that show offered times: while they are held, as they are held, and not a moment longer."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from rebook.db.session import ledger
from rebook.db.tables import SyncTarget
from rebook.domain import clock
from rebook.domain.appointments import TimesOnOffer
from rebook.domain.decisions import Choice
from rebook.domain.plan import Step
from rebook.domain.policy import Policy
from rebook.services import offered, story, sync_back
from rebook.services.leases import Actor
from rebook.services.sync_back import Target
from tests.services import office
from tests.services.office import LEILANI, TOPOLOGY, Clock

HOLD = 90


@pytest.fixture
def calendar(business: str) -> None:
    office.configure(
        Policy(hold_minutes=HOLD, email_after_hours=5),
        replace(TOPOLOGY, shows_offers=("google",), staff=""),
    )


pytestmark = pytest.mark.usefixtures("calendar")


def due(actor: Actor) -> list[Target]:
    with ledger() as session:
        return [one for one in sync_back.due(session, actor) if one.offered]


def shown(target: Target) -> TimesOnOffer:
    with ledger() as session:
        return offered.read(session, target.id)


def done(actor: Actor, target: Target) -> None:
    with ledger() as session:
        sync_back.done(session, actor, target, target.external_id)


def starts(offer: TimesOnOffer) -> list[datetime]:
    return [slot.starts_at for slot in offer.slots]


def offer() -> tuple[str, Actor]:
    case_id, actor = office.offered()
    assert office.next_step(actor) is Step.SYNC_BACK
    return case_id, actor


def states(case_id: str) -> list[str]:
    return [one.state for one in office.rows(SyncTarget, case_id=case_id, external_id="offered")]


def test_an_offer_is_shown_with_its_times_and_whom_they_are_for() -> None:
    case_id, actor = offer()
    [target] = due(actor)
    told = shown(target)
    assert (target.connection, starts(told)) == ("google", office.slot_times(case_id))
    assert (told.person, told.service, told.zone) == (LEILANI, "Cleaning", office.ZONE)
    assert {slot.calendar for slot in told.slots} == {"chair-1"}


def test_nothing_is_shown_where_no_calendar_is_named() -> None:
    office.configure()
    case_id, _ = office.offered()
    assert states(case_id) == []


def test_what_is_shown_is_taken_away_when_the_holds_run_out(at_noon: Clock) -> None:
    _, actor = offer()
    [target] = due(actor)
    done(actor, target)
    assert (due(actor), office.next_step(actor)) == ([], Step.WAIT)
    at_noon.forward(minutes=HOLD, seconds=1)
    assert office.next_step(actor) is Step.SYNC_BACK
    [gone] = due(actor)
    assert starts(shown(gone)) == []
    done(actor, gone)
    assert office.next_step(actor) is Step.WAIT


def test_the_last_text_shows_again_what_it_holds_again(at_noon: Clock) -> None:
    case_id, actor = offer()
    done(actor, due(actor)[0])
    at_noon.forward(minutes=HOLD, seconds=1)
    done(actor, due(actor)[0])
    at_noon.forward(hours=4)
    with ledger() as session:
        story.take_turn(session, actor)
    [again] = due(actor)
    assert starts(shown(again)) == office.slot_times(case_id)


def test_times_that_are_not_held_any_more_are_not_shown_by_a_late_try(at_noon: Clock) -> None:
    _, actor = offer()
    [late] = due(actor)
    at_noon.forward(minutes=HOLD, seconds=1)
    assert starts(shown(late)) == []


@pytest.mark.parametrize("was_shown", [True, False])
def test_a_booking_takes_the_other_times_away(was_shown: bool) -> None:
    case_id, actor = offer()
    if was_shown:
        done(actor, due(actor)[0])
    office.say("1")
    office.wake(actor)
    office.book(actor)
    assert office.case_of(case_id).state == "rebooked"
    [target] = due(actor)
    assert starts(shown(target)) == []
    done(actor, target)
    assert states(case_id) == ["done"]
    assert ("offer_shown" in office.actions(case_id)) is was_shown
    assert "offer_no_longer_shown" in office.actions(case_id)


@pytest.mark.parametrize("choice", [Choice.OFFER_NEW_TIMES, Choice.CLOSE_DECLINED])
def test_times_that_staff_take_back_are_taken_away(choice: Choice) -> None:
    _, actor = offer()
    done(actor, due(actor)[0])
    office.wake(actor, office.decision(choice))
    [target] = due(actor)
    assert starts(shown(target)) == []


def test_a_newer_offer_is_not_lost_while_the_older_one_is_being_shown() -> None:
    case_id, actor = offer()
    [older] = due(actor)
    office.wake(actor, office.decision(Choice.OFFER_NEW_TIMES))
    office.offer(actor, office.times(30, first=clock.now() + timedelta(days=9)))
    done(actor, older)
    [newer] = due(actor)
    assert starts(shown(newer)) == office.slot_times(case_id, 2)


def test_a_visit_that_stands_in_the_calendar_is_named_so_that_it_can_be_told() -> None:
    office.linked("field")
    lost = office.appointment("rec", status="cancelled", by_client=True)
    _, case_id = office.see(lost)
    assert case_id is not None
    actor = office.act(case_id)
    office.offer(actor)
    [target] = due(actor)
    assert shown(target).appointment_id == "cal"
