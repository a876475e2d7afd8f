"""Attacks on the technician's page, from the door to the ledger: C3, C5, C8, C9 and C10.

tests/gateway tries the page's own form; here are a technician against another's visits, and files.
"""

import base64
import secrets
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from sqlmodel import col, select

from gateway import arrivals
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

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
SCRIPT = b"<html><script>alert(document.cookie)</script></html>"


@dataclass
class Technician:
    phone: Phone
    visit: str

    @property
    def reports(self) -> list[VisitReport]:
        """What the ledger holds of this technician's visit."""
        with ledger() as session:
            query = select(VisitReport).where(VisitReport.appointment_id == self.visit)
            return list(session.exec(query.order_by(col(VisitReport.received_at))))


@pytest.fixture
def crew(house: House) -> Iterator[tuple[Technician, Technician]]:
    """Two technicians with a visit each, which began a minute ago."""
    with Pointed(house.cluster, house.database):
        desk.plant_business()
        yield _technician(house), _technician(house)
        engine().dispose()


def _technician(house: House) -> Technician:
    calendar = f"crew-{secrets.token_hex(4)}"
    person = Person("Leilani", calendar, f"+1808{secrets.randbelow(10**7):07}", "")
    start = clock.now() - timedelta(minutes=1)
    with ledger() as session:
        row = Appointment(
            id=f"visit-{calendar}", connection="acuity", external_id=calendar, group_id=calendar,
            person_id=people.remember(session, person, "UTC"), status="booked", starts_at=start,
            ends_at=start + timedelta(hours=1), zone="UTC", service="Gutters", calendar=calendar,
            seen_at=clock.now(),
        )  # fmt: skip
        session.add(row)
        session.flush()
        day = rounds.today(session, "acuity", calendar)
        token = rounds.link(session, "acuity", calendar, day).rpartition("/")[2]
        visit = row.id
    return Technician(Phone(house, token), visit)


def read(house: House) -> None:
    """What a run does with the rows that nobody has read."""
    for row in house.rows("portal"):
        if not row["handled_at"]:
            letters.handle(row["id"], in_a_run=False)
            letters.handle(row["id"], in_a_run=True)


def slip_in(house: House, token: str, **said: str) -> None:
    """A report that the door would never have let in, as if somebody had written the row."""
    made = arrivals.report(house.keyring.seal_public, token, said)
    with house.owner() as owner:
        owner.execute(
            "INSERT INTO inbox (connection, kind, dedupe_key, twin_key, sealed, received_at,"
            " attempts, fault) VALUES (%s, %s, %s, '', %s, %s, 0, '')",
            [made.connection, made.kind, made.dedupe_key, made.sealed, made.received_at],
        )


def test_c10_one_technician_reports_nothing_of_anothers_visit(
    house: House, crew: tuple[Technician, Technician]
) -> None:
    mine, theirs = crew
    visit = theirs.phone.form().fields["visit"]
    assert mine.phone.press("no_one_home", visit=visit).status_code == 422
    key = secrets.token_hex(16)
    slip_in(house, mine.phone.token, visit=visit, kind="no_one_home", key=key, note="", photo="")
    read(house)
    assert (mine.reports, theirs.reports) == ([], [])
    assert visit not in mine.phone.get().text


def test_c10_the_form_of_one_technician_with_the_cookie_of_another_is_refused(
    house: House, crew: tuple[Technician, Technician]
) -> None:
    mine, theirs = crew
    assert mine.phone.send(theirs.phone.fields("no_one_home")).status_code == 403
    read(house)
    assert (mine.reports, theirs.reports) == ([], [])


def test_c3_a_form_sent_after_the_link_has_ended_reports_nothing(
    house: House, crew: tuple[Technician, Technician]
) -> None:
    late, _ = crew
    fields = late.phone.fields("no_one_home")
    with house.owner() as owner:
        owner.execute("UPDATE technician_page SET expires_at = updated_at - interval '1 hour'")
    assert late.phone.send(fields, JPEG).status_code == 404
    slip_in(
        house, "b" * 32, visit=fields["visit"], kind="no_access", key="0" * 32, note="", photo=""
    )
    read(house)
    assert late.reports == []


def test_c5_a_report_that_is_played_again_is_one_report_and_one_case(
    house: House, crew: tuple[Technician, Technician]
) -> None:
    one, _ = crew
    fields = one.phone.fields("no_access")
    for _ in range(3):
        assert one.phone.send(fields, JPEG).status_code == 303
        read(house)
    assert [report.kind for report in one.reports] == ["no_access"]
    with ledger() as session:
        assert len(session.exec(select(Case).where(Case.appointment_id == one.visit)).all()) == 1


def zipped() -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("../../evil.py", "import os")
    return made.getvalue()


@pytest.mark.parametrize(
    "file",
    [
        SCRIPT,
        b"GIF89a" + SCRIPT,
        b"%PDF-1.7 " + SCRIPT,
        b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        zipped(),
        b"MZ" + b"\0" * 200,
        b"\x7fELF" + b"\0" * 200,
        b" \xff\xd8\xff" + SCRIPT,
        b"RIFF1234WAVE" + SCRIPT,
        b"\xff\xd8",
    ],
    ids=["html", "gif", "pdf", "svg", "zip", "exe", "elf", "shifted", "wave", "cut"],
)
def test_c8_a_file_of_another_kind_is_refused_whatever_it_says_it_is(
    house: House, crew: tuple[Technician, Technician], file: bytes
) -> None:
    one, _ = crew
    answer = one.phone.press("no_access", file, note="gate locked")
    assert answer.status_code == 422
    assert "gate locked" in answer.text
    read(house)
    assert one.reports == []


@pytest.mark.parametrize(
    "file",
    [JPEG + SCRIPT, PNG + SCRIPT, JPEG + zipped()],
    ids=["jpeg html", "png html", "jpeg zip"],
)
def test_c8_a_photo_that_is_also_something_else_is_shown_by_no_address(
    house: House, crew: tuple[Technician, Technician], file: bytes
) -> None:
    """It is kept encrypted, and leaves the ledger into a file on the admin's own disk alone."""
    one, _ = crew
    assert one.phone.press("no_access", file).status_code == 303
    read(house)
    (report,) = one.reports
    assert base64.b64decode(report.photo) == file
    for path in ("/visits", f"/visits?photo={report.id}", f"/visits/{report.id}", f"/{report.id}"):
        answer = one.phone.get(path)
        assert b"alert(document.cookie)" not in answer.content
        assert not answer.headers["content-type"].startswith("image/")
    with house.owner() as owner:
        query = "SELECT photo::text AS photo FROM visit_report WHERE id = %s"
        (row,) = owner.execute(query, [report.id]).fetchall()
    assert "alert" not in row["photo"]
    assert base64.b64encode(file).decode()[:40] not in row["photo"]


@pytest.mark.parametrize(
    "name",
    [
        "../../../../tmp/owned.jpg",
        "..\\..\\owned.jpg",
        "/etc/cron.d/owned",
        'a.jpg"; name="visit',
        "a.jpg%00.php",
        "<img src=x onerror=alert(1)>.jpg",
        "n" * 5_000,
    ],
    ids=lambda name: name[:12],
)
def test_c9_the_name_of_a_file_is_used_for_nothing(
    house: House, crew: tuple[Technician, Technician], name: str
) -> None:
    one, _ = crew
    parts: list[tuple[str, Any]] = [
        (key, (None, value)) for key, value in one.phone.fields("no_access").items()
    ]
    parts.append(("photo", (name, JPEG, "text/html")))
    answer = one.phone.request("POST", "/visits", files=parts)
    assert answer.status_code in (303, 400)
    read(house)
    assert len(one.reports) == (1 if answer.status_code == 303 else 0)
    for report in one.reports:
        assert base64.b64decode(report.photo) == JPEG
        assert "owned" not in f"{report.id} {report.source} {report.note}"
    assert "owned" not in one.phone.get().text


def test_c7_a_body_larger_than_any_photo_is_refused_before_it_is_read(
    house: House, crew: tuple[Technician, Technician]
) -> None:
    one, _ = crew
    assert one.phone.press("no_access", JPEG + b"\0" * 7_000_000).status_code == 413
    many = [("photo", ("a.jpg", JPEG, "image/jpeg"))] * 50
    assert one.phone.request("POST", "/visits", files=many).status_code == 400
    read(house)
    assert one.reports == []


@pytest.mark.parametrize(
    "note",
    [
        "<script>alert(1)</script>",
        "<!channel> *bold* <https://evil.example|here>",
        "a\0b",
        "\u202egnp\x1b[31m",
        "line\r\nBcc: all@evil.example",
        "'; DROP TABLE inbox; --",
    ],
    ids=lambda note: note[:12],
)
def test_c8_a_note_is_kept_for_the_office_and_said_to_nobody_else(
    house: House, crew: tuple[Technician, Technician], note: str
) -> None:
    one, _ = crew
    assert one.phone.press("no_access", note=note).status_code == 303
    read(house)
    (report,) = one.reports
    assert report.note == note
    page = one.phone.get()
    assert "No access" in words(page.text)
    assert note not in page.text
    with house.owner() as owner:
        rows = owner.execute("SELECT detail::text AS detail FROM audit").fetchall()
    assert not any("evil" in row["detail"] or "alert" in row["detail"] for row in rows)
