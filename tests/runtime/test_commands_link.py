"""Links made at the terminal, texts seen before they are sent, and a technician's photo."""

import base64
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from rebook.db.field_tables import VisitReport
from rebook.db.session import ledger
from rebook.db.tables import Appointment
from rebook.domain import clock
from rebook.domain.ids import new_id
from rebook.domain.policy import Templates
from rebook.services import configuration
from rebook.settings import settings
from tests.runtime import desk
from tests.runtime.desk import rebook


@pytest.fixture
def business(ledger_db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REBOOK_PUBLIC_URL", "https://book.example.com")
    settings.cache_clear()
    desk.plant_business()


def visit(calendar: str = "crew-1") -> str:
    with ledger() as session:
        row = Appointment(
            id=new_id("appointment"), connection="acuity", external_id=new_id("x"), group_id="g",
            status="booked", starts_at=clock.now(), ends_at=clock.now() + timedelta(hours=1),
            zone="Pacific/Honolulu", calendar=calendar, seen_at=clock.now(),
        )  # fmt: skip
        session.add(row)
        return row.id


@pytest.mark.usefixtures("business")
def test_a_technicians_link_is_the_same_each_time_and_another_each_day() -> None:
    visit()
    first, again = (rebook("link", "technician", "--calendar", "crew-1").out for _ in range(2))
    other = rebook("link", "technician", "--calendar", "crew-1", "--day", "2030-01-01").out
    assert first.startswith("https://book.example.com/t/")
    assert (first == again, first == other) == (True, False)


@pytest.mark.usefixtures("business")
def test_without_a_calendar_those_with_visits_are_listed() -> None:
    visit("crew-2")
    visit("crew-1")
    assert rebook("link", "technician").out.split() == ["crew-1", "crew-2"]


@pytest.mark.usefixtures("business")
def test_a_photo_is_saved_for_its_reader_alone_and_never_over_a_file(tmp_path: Path) -> None:
    with ledger() as session:
        report = VisitReport(
            id="report-1", source="s", appointment_id=visit(), kind="note",
            photo=base64.b64encode(b"picture").decode(), received_at=clock.now(),
        )  # fmt: skip
        session.add(report)
    file = tmp_path / "door.jpg"
    assert rebook("case", "photo", "report-1", str(file)).code == 0
    assert (file.read_bytes(), stat.S_IMODE(file.stat().st_mode)) == (b"picture", 0o600)
    assert "cannot be written" in rebook("case", "photo", "report-1", str(file)).err
    assert "no photo" in rebook("case", "photo", "report-2", str(tmp_path / "x")).err


def test_a_preview_shows_each_cause_with_its_cost() -> None:
    found = rebook("preview", "--ours", "--json").value
    offers = {one["cause"]: one for one in found if one["name"] == "offer_sms"}
    assert {"noshow", "failed_access", "our_fault", "weather"} <= set(offers)
    assert "we missed you" in offers["noshow"]["text"]
    assert all(one["segments"] >= 1 for one in found if one["channel"] == "sms")
    assert all(one["encoding"] == "GSM-7" for one in found if one["channel"] == "sms")
    assert "2 segments of GSM-7" in rebook("preview", "--ours", "offer_sms").out
    assert rebook("preview", "--ours", "nothing").code == 2


@pytest.mark.usefixtures("business")
def test_a_preview_shows_the_operators_own_words() -> None:
    with ledger() as session:
        configuration.store(session, "templates", Templates({"booked_sms": "Done – {when}!"}))
    (own,) = rebook("preview", "booked_sms", "--json").value
    assert own["text"] == "Done - Tue 2 Mar, 2:00 pm!"


@pytest.mark.usefixtures("business")
def test_a_clients_link_opens_the_page_of_a_visit_that_stands() -> None:
    with ledger() as session:
        row = session.get_one(Appointment, visit())
        external_id = row.external_id
    found = rebook("link", "visit", "acuity", external_id)
    assert found.out.startswith("https://book.example.com/a/")
    assert "no such appointment" in rebook("link", "visit", "acuity", "nothing").err


def test_a_preview_speaks_spanish_as_well() -> None:
    found = {one["name"]: one for one in rebook("preview", "--ours", "--json").value}
    assert found["es.late_sms"]["text"].startswith("Windward Dental: lo sentimos")
    assert "Tue 2 Mar in the afternoon" in found["answer.wish"]["text"]
    assert "mar 2 mar por la tarde" in found["es.answer.wish"]["text"]
