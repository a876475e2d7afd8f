"""Whatever a client writes, nothing is booked but a time they were shown, under the code they chose."""

import re
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as st

from rebook.db.session import ledger
from rebook.db.tables import Booking, OfferSlot, Reply
from rebook.domain import wording
from rebook.domain.appointments import Person, Slot
from rebook.domain.plan import Step
from rebook.domain.wishes import best
from rebook.services import wished
from rebook.services.leases import Actor
from tests.domain.replies import score
from tests.services import office
from tests.services.office import NOON, ZONE

pytestmark = pytest.mark.usefixtures("business")
SAID = [row.text for name in score.OPEN for row in score.replies(name) if row.channel == "sms"]
WORDS = sorted({word for text in SAID for word in text.split()})
WISHES = ["thursday afternoon", "friday please", "next week", "el viernes por la tarde", "at 2"]
texts = (
    st.sampled_from(SAID)
    | st.sampled_from(WISHES)
    | st.sampled_from("123456789")
    | st.text(min_size=1, max_size=60)
    | st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join)
)
FREE = [
    Slot(at, at + timedelta(hours=1), "chair-1")
    for at in (NOON + timedelta(days=day, hours=hour) for day in range(1, 12) for hour in (-3, 2))
]
NUMBERS = count(1)


def offer(actor: Actor) -> None:
    with ledger() as session:
        wish = wished.sought(session, office.case_of(actor.case_id))
    office.offer(actor, best(FREE, wish, most=9) if wish else FREE)


@given(st.lists(texts, min_size=1, max_size=4))
@how(
    max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture]
)  # one ledger for all: each example is a client of their own
def test_only_what_was_shown_and_chosen_is_booked(said: list[str]) -> None:
    number = next(NUMBERS)
    client = Person("Kai", f"Number {number}", f"+1808555{number:04}")
    case_id = office.lose(str(number), person=client, calendar=f"chair-{number}")
    actor = office.act(case_id, f"run-{number}")
    shown: dict[str, str] = {}
    for text in ["", *said]:
        if text:
            office.say(text, sender=client.phone)
            office.wake(actor)
        if office.next_step(actor) is Step.OFFER:
            offer(actor)
        office.book(actor, f"new-{number}")
        booked = office.rows(Booking, case_id=case_id)
        if booked:
            assert _chosen(case_id, text, shown) == booked[0].starts_at
            return
        for sent in office.send(actor):
            shown = dict(re.findall(r"^(\d) = (.+)$", sent.text, re.MULTILINE)) or shown


def _chosen(case_id: str, text: str, shown: dict[str, str]) -> object:
    """The start of the slot that the last reply chose, once it is sure that it was shown so."""
    last = max(office.rows(Reply, case_id=case_id), key=lambda reply: reply.received_at)
    (slot,) = office.rows(OfferSlot, id=last.slot_id)
    assert (last.intent, last.said) == ("accept", text)
    assert shown[str(slot.code)] == slot.shown == wording.short(slot.starts_at, ZONE)
    if text in shown:
        assert slot.code == int(text)
    elif text in "123456789":
        hours = [_hour(when) for when in shown.values()]
        assert hours.count(int(text)) == 1
        assert _hour(slot.shown) == int(text)
    return slot.starts_at


def _hour(shown: str) -> int:
    """`Sun 7 Mar, 9:00 am`: the nine that a bare number means where no slot has that number."""
    return int(shown.partition(", ")[2].partition(":")[0])
