"""From a press on the technician's page to the case, through the real door and the worker's hands."""

import secrets
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlmodel import select

from rebook.db.field_tables import VisitReport
from rebook.db.session import engine, ledger
from rebook.db.tables import Appointment, Case
from rebook.domain import clock
from rebook.domain.appointments import Person
from rebook.services import people, rounds
from tasks import letters
from tests.conftest import Pointed
from tests.gateway.doorstep import JPEG, Phone
from tests.gateway.house import House
from tests.gateway.visitor import words
from tests.runtime import desk


@pytest.fixture
def phone(house: House) -> Iterator[Phone]:
    """Of a technician with one visit half an hour ago; the worker's ledger is the gateway's."""
    with Pointed(house.cluster, house.database):
        desk.plant_business()
        calendar = f"crew-{secrets.token_hex(4)}"
        with ledger() as session:
            session.add(_visit(calendar, people.remember(session, _client(calendar), "UTC")))
            session.flush()
            day = rounds.today(session, "acuity", calendar)
            token = rounds.link(session, "acuity", calendar, day).rpartition("/")[2]
        yield Phone(house, token)
        engine().dispose()


def _client(calendar: str) -> Person:
    return Person("Leilani", calendar, f"+1808{secrets.randbelow(10**7):07}", "")


def _visit(calendar: str, person_id: str | None) -> Appointment:
    start = clock.now() - timedelta(minutes=1)
    return Appointment(
        id=f"visit-{calendar}", connection="acuity", external_id=calendar, group_id=calendar,
        person_id=person_id, status="booked", starts_at=start, ends_at=start + timedelta(hours=1),
        zone="UTC", service="Gutters", calendar=calendar, seen_at=clock.now(),
    )  # fmt: skip


def read(phone: Phone) -> list[tuple[str | None, str | None]]:
    """What a run does with the rows of this house that nobody has read."""
    waiting = [row["id"] for row in phone.house.rows("portal") if not row["handled_at"]]
    for inbox_id in waiting:
        assert letters.handle(inbox_id, in_a_run=False) == (None, None)
    return [letters.handle(inbox_id, in_a_run=True) for inbox_id in waiting]


def test_a_press_is_a_case_that_a_run_opened_and_the_page_says_so(phone: Phone) -> None:
    fields = phone.fields("no_one_home", note="nobody answered")
    assert phone.send(fields, JPEG).status_code == 303
    opened = [case_id for case_id, _ in read(phone) if case_id]
    with ledger() as session:
        (case,) = session.exec(select(Case).where(Case.id == opened[-1]))
        report = session.exec(select(VisitReport).where(VisitReport.case_id == case.id)).one()
    assert (case.cause, case.state, report.note) == ("noshow", "open", "nobody answered")
    assert "No one home" in words(phone.get().text)
    assert phone.send(fields, JPEG).status_code == 303
    assert read(phone) == []
