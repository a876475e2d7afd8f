"""A platform's own sequence or our messages: one of them speaks to the client, never both."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from rebook.db.session import ledger
from rebook.db.tables import Intent, SyncTarget
from rebook.domain import clock
from rebook.domain.appointments import Person
from rebook.domain.decisions import Choice
from rebook.domain.plan import Step
from rebook.services import campaigns, intents, outreach, people, story, sync_back, voices
from rebook.services.campaigns import Entry
from rebook.services.intents import DOUBTFUL, Stage
from rebook.services.leases import Actor
from tests.services import office
from tests.services.office import LEILANI, NOON, TOPOLOGY, Clock

pytestmark = pytest.mark.usefixtures("business")


def use(**campaigns_by_source: str) -> None:
    every = {"*" if name == "every" else name: value for name, value in campaigns_by_source.items()}
    office.configure(topology=replace(TOPOLOGY, campaigns=every))


@pytest.fixture(autouse=True)
def mailchimp_speaks(business: str) -> None:
    use(every="mailchimp")


def offered(**changes: Any) -> tuple[str, Actor]:
    """A case that has times held, its first word planned."""
    case_id = office.lose(**changes)
    actor = office.act(case_id)
    assert office.offer(actor, office.times(30)) == 1
    return case_id, actor


def sequence(case_id: str) -> Intent:
    [found] = office.rows(Intent, case_id=case_id, kind="campaign")
    return found


def enter(actor: Actor) -> Entry:
    with ledger() as session:
        entry = campaigns.claim(session, actor, sequence(actor.case_id).id)
    assert entry is not None
    return entry


def begin(actor: Actor) -> Entry:
    entry = enter(actor)
    with ledger() as session:
        campaigns.begun(session, actor, entry, "42")
    return entry


def begun(**changes: Any) -> tuple[str, Actor]:
    case_id, actor = offered(**changes)
    begin(actor)
    return case_id, actor


def stop(case_id: str) -> SyncTarget | None:
    found = office.rows(SyncTarget, case_id=case_id, external_id=voices.SEQUENCE)
    return found[0] if found else None


def stopped(actor: Actor) -> None:
    with ledger() as session:
        for target in sync_back.due(session, actor):
            sync_back.done(session, actor, target, target.external_id)


def take_turn(actor: Actor) -> str:
    with ledger() as session:
        return story.take_turn(session, actor)


def test_the_sequence_invites_in_place_of_our_messages() -> None:
    case_id, actor = offered()
    entry = begin(actor)
    assert (entry.connection, entry.person.email) == ("mailchimp", LEILANI.email)
    assert office.messages(case_id) == {}
    assert sequence(case_id).state == Stage.DONE


@pytest.mark.parametrize(
    ("named", "speaks"),
    [
        ({"acuity": "hubspot", "every": "mailchimp"}, "hubspot"),
        ({"google": "hubspot", "every": "mailchimp"}, "mailchimp"),
        ({"acuity": "", "every": "mailchimp"}, ""),
        ({"google": "hubspot"}, ""),
        ({}, ""),
    ],
)
def test_who_speaks_is_said_for_each_connection(named: dict[str, str], speaks: str) -> None:
    use(**named)
    case_id, _ = offered()
    found = [intent.connection for intent in office.rows(Intent, case_id=case_id, kind="campaign")]
    assert found == ([speaks] if speaks else [])
    assert list(office.messages(case_id)) == ([] if speaks else ["outreach-1"])


def test_while_it_speaks_we_say_nothing_and_then_a_person_has_the_case(at_noon: Clock) -> None:
    case_id, actor = begun()
    run = office.Run(actor, [])
    for hours in (25, 73):
        at_noon.set(NOON + timedelta(hours=hours))
        assert run.until_it_waits() is Step.WAIT
        assert office.case_of(case_id).state == "offered"
    at_noon.set(NOON + timedelta(hours=97))
    assert office.next_step(actor) is Step.FOLLOW_UP
    assert take_turn(actor) == "handed_over"
    assert office.messages(case_id) == {}


@pytest.mark.parametrize(
    ("end", "state"),
    [
        (lambda actor: office.say("STOP"), "refused_contact"),
        (lambda actor: office.say("1"), "booking"),
        (lambda actor: None, "handed_over"),
    ],
    ids=["opted out", "chose a time", "taken by staff"],
)
def test_whoever_ends_the_search_has_the_sequence_stopped(end: Any, state: str) -> None:
    case_id, actor = begun()
    end(actor)
    decided = office.decision(Choice.HAND_OVER) if state == "handed_over" else None
    office.wake(actor, decided)
    assert office.case_of(case_id).state == state
    target = stop(case_id)
    assert target is not None
    assert (target.connection, target.state) == ("mailchimp", "wanted")
    assert target.wanted["sequence"] == sequence(case_id).id


def test_a_case_that_was_never_lost_has_its_sequence_stopped() -> None:
    case_id, _actor = begun()
    office.see(office.appointment())
    assert office.case_of(case_id).state == "voided"
    assert stop(case_id) is not None


def test_one_that_has_not_begun_is_dropped_and_nothing_is_stopped() -> None:
    case_id, _actor = offered()
    office.see(office.appointment())
    assert (sequence(case_id).state, stop(case_id)) == (Stage.DROPPED, None)


def test_a_case_is_not_done_before_its_sequence_is_seen_to_be_stopped() -> None:
    case_id, actor = begun()
    office.see(office.appointment())
    run = office.Run(actor, [])
    assert run.until_it_waits() is Step.DONE
    assert "mailchimp" in run.told
    target = stop(case_id)
    assert target is not None
    assert target.state == "done"


def test_our_invitations_wait_until_it_is_stopped(at_noon: Clock) -> None:
    case_id, actor = begun()
    office.wake(actor, office.decision(Choice.HAND_OVER))
    office.wake(actor, office.decision(Choice.OFFER_NEW_TIMES))
    assert office.offer(actor, office.times(30)) == 2
    assert list(office.messages(case_id)) == ["outreach-1"]
    assert office.send(actor) == []
    stopped(actor)
    at_noon.forward(minutes=2)
    assert [one.to for one in office.send(actor)] == [LEILANI.phone]


def test_where_it_cannot_be_stopped_we_stay_silent() -> None:
    case_id, actor = begun()
    office.wake(actor, office.decision(Choice.HAND_OVER))
    with ledger() as session:
        [target] = [one for one in sync_back.due(session, actor) if one.sequence]
        sync_back.failed(session, actor, target, "Refused", final=True)
    office.wake(actor, office.decision(Choice.OFFER_NEW_TIMES))
    office.offer(actor, office.times(30))
    assert office.send(actor) == []
    assert office.messages(case_id) == {"outreach-1": "dropped"}
    assert office.case_of(case_id).owner == "office"


def test_what_answers_the_client_is_ours_and_comes_after_the_sequence_was_stopped() -> None:
    case_id, actor = begun()
    office.say("1")
    office.wake(actor)
    assert stop(case_id) is not None
    office.book(actor)
    assert [one.to for one in office.send(actor)] == [LEILANI.phone]
    assert office.messages(case_id) == {"booked-sms": "done"}


def test_one_that_the_platform_refuses_leaves_the_word_to_us() -> None:
    case_id, actor = offered()
    entry = enter(actor)
    with ledger() as session:
        campaigns.refused(session, actor, entry, "no_consent")
    assert [one.to for one in office.send(actor)] == [LEILANI.phone]
    assert office.messages(case_id) == {"outreach-1": "done"}
    office.say("1")
    office.wake(actor)
    assert stop(case_id) is None


def test_who_opted_out_there_hears_from_nobody() -> None:
    case_id, actor = offered()
    entry = enter(actor)
    with ledger() as session:
        campaigns.refused(session, actor, entry, outreach.OPTED_OUT)
    assert office.case_of(case_id).state == "refused_contact"
    assert office.messages(case_id) == {}


def test_a_client_without_an_address_is_written_to_by_us() -> None:
    case_id, _ = offered(person=Person("Keoni", "Akana", "+18085550102"))
    assert list(office.messages(case_id)) == ["outreach-1"]


def test_once_we_have_written_no_sequence_begins() -> None:
    use()
    case_id, actor = offered()
    office.send(actor)
    use(every="mailchimp")
    office.wake(actor, office.decision(Choice.OFFER_NEW_TIMES))
    office.offer(actor, office.times(30))
    assert office.rows(Intent, case_id=case_id, kind="campaign") == []


def test_new_times_while_it_speaks_begin_nothing_anew() -> None:
    case_id, actor = begun()
    office.wake(actor, office.decision(Choice.OFFER_NEW_TIMES))
    assert office.offer(actor, office.times(30)) == 2
    assert (office.messages(case_id), sequence(case_id).state) == ({}, Stage.DONE)


def test_it_begins_in_contact_hours_only(at_noon: Clock) -> None:
    case_id, actor = offered()
    at_noon.set(NOON + timedelta(hours=10))
    with ledger() as session:
        assert campaigns.claim(session, actor, sequence(case_id).id) is None
    assert sequence(case_id).due_at == NOON + timedelta(hours=20)


def test_who_opted_out_since_is_not_put_into_it() -> None:
    case_id, actor = offered()
    with ledger() as session:
        people.suppress(session, LEILANI.phone, source="test")
    with ledger() as session:
        assert campaigns.claim(session, actor, sequence(case_id).id) is None
    assert sequence(case_id).reason == "the client opted out"


def doubted(**changes: Any) -> tuple[str, Actor]:
    case_id, actor = offered(**changes)
    entry = enter(actor)
    with ledger() as session:
        outreach.settle(session, entry.intent_id, entry.fence, Stage.UNKNOWN, reason="NoAnswer")
    return case_id, actor


def judged(actor: Actor, *, runs: bool) -> bool:
    with ledger() as session:
        return campaigns.judge(session, actor, sequence(actor.case_id).id, runs=runs)


def test_one_in_doubt_that_runs_was_begun() -> None:
    case_id, actor = doubted()
    assert judged(actor, runs=True)
    assert sequence(case_id).state == Stage.DONE


def test_one_in_doubt_is_begun_once_more_and_then_a_person_looks() -> None:
    case_id, actor = doubted()
    assert judged(actor, runs=False)
    assert sequence(case_id).state == Stage.PLANNED
    entry = enter(actor)
    with ledger() as session:
        outreach.settle(session, entry.intent_id, entry.fence, Stage.UNKNOWN, reason="NoAnswer")
    assert not judged(actor, runs=False)
    with ledger() as session:
        story.give_to_person(session, actor, "the sequence's outcome is unknown")
    assert stop(case_id) is not None, "it may run: it is stopped to be sure"


def test_one_in_doubt_whose_case_is_closed_is_stopped_and_not_begun_again() -> None:
    case_id, actor = doubted()
    office.see(office.appointment())
    assert judged(actor, runs=False)
    assert sequence(case_id).state == Stage.GIVEN_UP
    target = stop(case_id)
    assert target is not None
    assert target.state == "wanted"


def test_one_that_began_after_it_was_stopped_is_stopped_again() -> None:
    case_id, actor = offered()
    entry = enter(actor)
    office.see(office.appointment())
    stopped(actor)
    with ledger() as session:
        campaigns.begun(session, actor, entry, "42")
    target = stop(case_id)
    assert target is not None
    assert target.state == "wanted"


def test_its_beginning_counts_as_one_invitation() -> None:
    _, actor = begun()
    office.wake(actor, office.decision(Choice.CLOSE_DECLINED))
    for number in ("2", "3"):
        case_id, actor = offered(id=number, starts_at=NOON + timedelta(days=3 + int(number)))
        begin(actor)
        office.wake(actor, office.decision(Choice.CLOSE_DECLINED))
    case_id, actor = offered(id="4", starts_at=NOON + timedelta(days=9))
    with ledger() as session:
        assert campaigns.claim(session, actor, sequence(case_id).id) is None
    assert sequence(case_id).reason == "the contact budget is spent"


def test_a_doubt_is_looked_into_when_its_time_has_come(at_noon: Clock) -> None:
    case_id, actor = doubted()
    at_noon.forward(minutes=30)
    assert office.next_step(actor) is Step.SETTLE
    with ledger() as session:
        due = intents.due(session, case_id, ("campaign",), *DOUBTFUL)
    assert due == [sequence(case_id).id]
    assert sequence(case_id).due_at <= clock.now()
