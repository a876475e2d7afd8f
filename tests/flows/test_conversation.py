"""A client who answers in their own words: a wish, then silence, then words again."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import select

from rebook.db.session import ledger
from rebook.db.tables import Person, Suppression
from rebook.services import people
from tests.flows.house import House, until


def test_a_wish_by_text_is_met_then_booked_by_its_number(house: House) -> None:
    client = house.client()
    client.cancels()
    client.gets_offer()
    client.waits()
    client.replies("thursday afternoon please")
    told = until("times as wished", lambda: client.texts("in the afternoon we have"))
    assert re.search(r"For Thu \d+ \w+ in the afternoon we have:\n1 = Thu ", told[0])
    client.waits()
    client.replies("1")
    client.case_in("rebooked")
    client.gets_confirmation()
    (booking,) = client.bookings()
    start = datetime.fromisoformat(booking["datetime"]).astimezone(_zone(client.case().person_id))
    assert (start.weekday(), 12 <= start.hour < 18) == (3, True)


def _zone(person_id: str | None) -> ZoneInfo:
    with ledger() as session:
        return ZoneInfo(session.get_one(Person, person_id).zone)


def test_stop_is_silence_and_start_ends_it_with_one_text(house: House) -> None:
    client = house.client()
    client.cancels()
    client.gets_offer()
    client.waits()
    client.replies("STOP")
    client.case_in("refused_contact")
    client.replies("START")
    assert len(until("a word of welcome", lambda: client.texts("hear from us again"))) == 1
    with ledger() as session:
        key = people.contact_key(client.phone)
        assert session.exec(select(Suppression).where(Suppression.value_key == key)).all() == []
    assert client.bookings() == []
    assert len(client.texts("New times")) == 1
