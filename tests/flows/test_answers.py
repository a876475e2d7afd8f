"""What clients say besides a number, and what happens when somebody else was faster."""

from collections.abc import Callable

import pytest
from sqlmodel import select

from rebook.db.session import ledger
from rebook.db.tables import Intent, OfferSlot, Suppression
from rebook.services import offers
from tests.flows.house import Client, House, until


@pytest.fixture
def offered(house: House) -> Callable[[int], list[Client]]:
    """Clients who cancelled at once and have their offer."""

    def prepare(count: int) -> list[Client]:
        clients = [house.client() for _ in range(count)]
        for client in clients:
            client.cancels()
        for client in clients:
            client.gets_offer()
            client.waits()
        return clients

    return prepare


def test_stop_ends_everything_and_other_words_go_to_staff(
    house: House, offered: Callable[[int], list[Client]]
) -> None:
    stopper, talker = offered(2)
    stopper.replies("Stop texting me")
    talker.replies("can I bring my dog?")
    stopper.case_in("refused_contact")
    talker.case_in("handed_over")
    with ledger() as session:
        assert session.exec(select(Suppression)).first() is not None
        planned = session.exec(
            select(Intent.step).where(
                Intent.case_id == stopper.case().id,
                Intent.kind == "message",
                Intent.state == "planned",
            )
        ).all()
    assert planned == []
    assert len(stopper.texts()) == 1
    assert stopper.bookings() == []
    until("the office knows", lambda: _slack(house, talker.case().id, "needs a person"))


def _slack(house: House, case_id: str, words: str) -> bool:
    messages = house.platform("slack")["messages"]
    return any(case_id in m["text"] and words in m["text"] for m in messages)


def test_a_slot_somebody_else_took_is_answered_at_once_with_fresh_ones(
    house: House, offered: Callable[[int], list[Client]]
) -> None:
    (client,) = offered(1)
    slot = _slots(client)[0]
    _somebody_books(house, slot, client.appointment)
    client.replies("1")
    until("fresh times", lambda: client.texts("just been taken"))
    client.case_in("offered")
    fresh = _slots(client)
    assert slot.starts_at not in {offered_slot.starts_at for offered_slot in fresh}
    client.waits()
    client.replies("2")
    client.case_in("rebooked")
    assert len(client.bookings()) == 1
    client.gets_confirmation()
    assert len(client.texts("New times")) == 1


def _slots(client: Client) -> list[OfferSlot]:
    with ledger() as session:
        offer = offers.current(session, client.case().id)
        assert offer is not None
        return offers.slots_of(session, offer)


def _somebody_books(house: House, slot: OfferSlot, like: dict[str, object]) -> None:
    """A person at the desk books the offered time in Acuity itself, ignoring our hold."""
    with house.town as town:
        account = next(
            entry
            for entry in town.get("/_control/connections").json()
            if entry["connection"] == "acuity"
        )
        credentials = account["credentials"]
        answer = town.post(
            f"{account['base_url']}/appointments",
            auth=(credentials["user_id"], credentials["api_key"]),
            json={
                "datetime": slot.starts_at.isoformat(),
                "appointmentTypeID": like["appointmentTypeID"],
                "calendarID": like["calendarID"],
                "firstName": "Walk",
                "lastName": "In",
                "email": "walk.in@example.com",
            },
        )
        assert answer.status_code == 200, answer.text


def test_a_missed_appointment_and_a_cancelled_mirror_open_cases_too(house: House) -> None:
    missed, mirrored = house.client(), house.client()
    house.control(f"acuity/{missed.appointment_id}/missed")
    event = next(
        event
        for event in house.platform("google_calendar")["events"]
        if mirrored.appointment_id in str(event.get("extendedProperties"))
    )
    house.control(f"google/{event['id']}/cancel")
    house.start_flow("catch_up", {"connection": "google"})
    assert "missed you" in missed.gets_offer()
    assert missed.case().cause == "noshow"
    mirrored_offer = until("an offer", lambda: mirrored.texts("New times"))
    assert mirrored_offer
    mirrored.replies("1")
    missed.replies("2")
    missed.case_in("rebooked")
    until(
        "moved in place",
        lambda: [b["id"] for b in mirrored.bookings()] == [mirrored.appointment["id"]],
    )
    until(
        "the time changed",
        lambda: mirrored.bookings()[0]["datetime"] != mirrored.appointment["datetime"],
    )
