"""Attacks on a client's link behind the door: C4, C5, C10, C12 and C13. tests/gateway has the rest."""

import pytest

from rebook.db.session import ledger
from rebook.db.tables import Booking, Reply
from rebook.domain import clock
from rebook.domain.appointments import Person
from rebook.domain.decisions import Choice
from rebook.keyring import keyring
from rebook.services import pages, replies
from rebook.settings import settings
from tests.services import office
from tests.services.office import LEILANI

pytestmark = pytest.mark.usefixtures("business")


def choose(case_id: str, offer: int, code: int, source: str = "page:1") -> str:
    """What a press on the case's page becomes."""
    with ledger() as session:
        token = pages.token(case_id)
        verdict, _ = replies.choose_on_page(session, token, offer, code, source, clock.now())
    return verdict


def two_clients() -> tuple[str, str]:
    first, _ = office.offered()
    other = Person("Keanu", "Example", "+18085550177", "keanu@example.com")
    second, actor = office.offered("2", person=other, calendar="chair-2")
    office.wake(actor, office.decision(Choice.OFFER_NEW_TIMES))
    office.offer(actor, office.times(3, calendar="chair-2"))
    return first, second


def test_c4_a_token_has_160_bits_and_tells_nothing_of_its_case() -> None:
    tokens = {keyring().link_token(f"case_{number}") for number in range(1000)}
    assert len(tokens) == 1000
    assert {len(token) for token in tokens} == {32}
    assert len({token[:3] for token in tokens}) > 900


def test_c5_two_choices_on_the_page_are_one_booking_of_the_first() -> None:
    case_id, actor = office.offered()
    first = office.slot_times(case_id)[0]
    assert choose(case_id, 1, 1, "page:1") == "accept"
    choose(case_id, 1, 2, "page:2")
    office.wake(actor)
    office.book(actor)
    assert [one.starts_at for one in office.rows(Booking, case_id=case_id)] == [first]


def test_c10_one_clients_link_with_another_clients_offer_chooses_nothing() -> None:
    first, second = two_clients()
    assert choose(first, 2, 1) == "no such slot"
    assert office.rows(Reply, case_id=first) == []
    assert office.rows(Reply, case_id=second) == []


@pytest.mark.parametrize("token", ["", "a" * 32, "case_1", "' OR 1=1 --", "\0", "é" * 32])
def test_c10_a_token_that_is_none_belongs_to_no_case(token: str) -> None:
    office.offered()
    with ledger() as session:
        found = replies.choose_on_page(session, token, 1, 1, "page:1", clock.now())
    assert found == ("seen before or unknown", None)


def test_c12_who_chooses_by_a_forwarded_link_does_not_get_the_confirmation() -> None:
    case_id, actor = office.offered()
    choose(case_id, 1, 1)
    office.wake(actor)
    office.book(actor)
    assert [one.to for one in office.send(actor)] == [LEILANI.phone]


def test_c13_links_begin_with_the_configured_address(monkeypatch: pytest.MonkeyPatch) -> None:
    case_id, _ = office.offered()
    with monkeypatch.context() as patched:
        patched.setenv("REBOOK_PUBLIC_URL", "https://book.example.com")
        settings.cache_clear()
        link = pages.link(case_id)
    settings.cache_clear()
    assert link.startswith("https://book.example.com/o/")
    assert case_id not in link
