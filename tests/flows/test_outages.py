"""A part of the house is killed, or frozen, in mid-story: the story goes on when it is back."""

import os
import signal
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from sqlmodel import Session, col, select

from rebook.db.session import ledger
from rebook.db.tables import Inbox, Intent, Reply
from rebook.services import audit
from tests.flows.house import Client, House, until
from tests.flows.killing import (
    HEALED,
    all_at_once,
    arm,
    disarm,
    held,
    kill_and_wait,
    let_go,
    pid_of,
    the_chain_verifies,
)
from tests.flows.ui import UI

pytestmark = pytest.mark.full

STAGES = ("webhook in", "case opened", "message being sent", "waiting", "reply in")
PARTS = ("prefect", "postgres", "worker", "dispatcher", "gateway")
SLOW = 2.0


@pytest.fixture(autouse=True)
def _left_in_order(house: House) -> Iterator[None]:
    yield
    disarm(house)
    with house.town as town:
        town.delete("/_control/faults")


@pytest.mark.parametrize(
    "parts", [("prefect",), ("postgres",), ("worker", "dispatcher", "gateway")]
)
def test_a_story_goes_on_although_a_part_dies_at_each_of_its_stages(
    house: House, parts: tuple[str, ...]
) -> None:
    _story(house, lambda _: kill_and_wait(house, *parts))


@pytest.mark.full
@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("stage", STAGES)
def test_a_story_goes_on_although_a_part_dies_at_one_stage(
    house: House, part: str, stage: str
) -> None:
    _story(house, lambda now: kill_and_wait(house, part) if now == stage else None)


def _story(house: House, at_stage: Callable[[str], None]) -> None:
    """One story from the lost appointment to the booked one, interrupted at its stages."""
    client = house.client()
    for platform in ("twilio", "acuity"):
        house.fault(platform, "delay", match="POST", seconds=SLOW, count=2)
    letters = _letters()
    client.cancels()
    until("the webhook is in", lambda: _letters() > letters)
    at_stage("webhook in")
    until("a case is open", client.cases)
    at_stage("case opened")
    until("a message is being sent", partial(_sending, client))
    at_stage("message being sent")
    client.gets_offer()
    client.waits()
    at_stage("waiting")
    client.replies("2")
    until("the reply is in", partial(_replied, client))
    at_stage("reply in")
    client.ends_well()
    the_chain_verifies()


def _letters() -> int:
    """How many webhooks of the calendar were stored."""
    with ledger() as session:
        return len(session.exec(select(Inbox.id).where(Inbox.connection == "acuity")).all())


def _sending(client: Client) -> bool:
    """A message was claimed; the vendor may know of it."""
    with ledger() as session:
        return bool(_messages(session, client))


def _messages(session: Session, client: Client) -> list[Intent]:
    return list(
        session.exec(
            select(Intent)
            .where(Intent.case_id == client.case().id, Intent.kind == "message")
            .where(col(Intent.claimed_at).is_not(None))
        )
    )


def _replied(client: Client) -> bool:
    with ledger() as session:
        return bool(session.exec(select(Reply).where(Reply.case_id == client.case().id)).first())


def test_a_run_held_up_beyond_its_lease_does_nothing_when_it_goes_on(house: House) -> None:
    """F5: one holds the lock of its case, one is about to write, one is about to book."""
    places = ("offer.before_commit", "send.claimed", "book.claimed")
    arm(house, places, "hold")
    clients = [house.client() for _ in places]
    all_at_once(_offered_and_answered, clients)
    until("each place holds a run", lambda: held(house, places))
    ui = UI(house)
    began = [run["id"] for client in clients for run in ui.runs_of(client.case().id)]
    all_at_once(lambda client: client.case_in("rebooked"), clients)
    let_go(house, places)
    for run in began:
        until("what was held up has ended", partial(ui.has_ended, run), HEALED)
    all_at_once(Client.ends_well, clients)
    the_chain_verifies()


def _offered_and_answered(client: Client) -> None:
    client.cancels()
    client.gets_offer()
    client.replies("1")


def test_a_second_run_of_a_case_started_by_hand_does_nothing(house: House) -> None:
    """F8."""
    client = house.client()
    client.cancels()
    client.gets_offer()
    client.waits()
    run = house.start_flow("reschedule_case", {"case_id": client.case().id})
    until(
        "the second run ends",
        lambda: house.runs(id={"any_": [run]})[0]["state_type"] == "COMPLETED",
    )
    assert _acted(client) == {client.case().run_id}
    client.replies("1")
    client.ends_well()


def _acted(client: Client) -> set[str]:
    """The runs that had the right to act for this client's case."""
    with ledger() as session:
        story = audit.story(session, client.case().id)
    return {entry.detail["run"] for entry in story if entry.action == "run_started"}


def test_while_prefect_is_away_webhooks_are_accepted_and_their_cases_run_later(
    house: House,
) -> None:
    """F7, the short form."""
    clients = [house.client() for _ in range(3)]
    letters = _letters()
    os.kill(pid_of(house, "prefect"), signal.SIGSTOP)
    try:
        for client in clients:
            client.cancels()
        until("three webhooks are stored", lambda: _letters() >= letters + 3)
        until("three webhooks were answered 2xx", lambda: _delivered(house, clients))
        assert not any(client.texts() for client in clients)
    finally:
        os.kill(pid_of(house, "prefect"), signal.SIGCONT)
    all_at_once(_offered_once, clients)


def _delivered(house: House, clients: list[Client]) -> bool:
    with house.town as town:
        posted = town.get("/_control/deliveries?platform=acuity").json()["deliveries"]
    return all(
        any(
            client.appointment_id in delivery["body"] and delivery["outcome"] == "delivered"
            for delivery in posted
        )
        for client in clients
    )


def _offered_once(client: Client) -> None:
    client.gets_offer()
    client.waits()
    assert len(client.cases()) == len(client.texts("New times")) == 1


def test_a_resumed_run_whose_worker_took_it_and_died_is_started_anew(house: House) -> None:
    """F9: it stands Pending for ever."""
    client = house.client()
    client.cancels()
    client.gets_offer()
    client.waits()
    os.kill(pid_of(house, "worker"), signal.SIGSTOP)
    try:
        assert client.decides(decision="book_slot", by="maria", slot="o1-1")["status"] == "ACCEPT"
        _taken_by_a_worker(house, str(client.run()["id"]))
    finally:
        os.kill(pid_of(house, "worker"), signal.SIGCONT)
    client.ends_well()


def _taken_by_a_worker(house: House, run: str) -> None:
    """What a worker tells Prefect before it starts a process."""
    with house.prefect as prefect:
        answer = prefect.post(f"/flow_runs/{run}/set_state", json={"state": {"type": "PENDING"}})
        assert answer.json()["status"] == "ACCEPT"
