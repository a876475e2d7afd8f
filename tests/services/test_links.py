"""Which appointments on different platforms are one visit, in whatever order they are read."""

from datetime import timedelta

import pytest

from rebook.db.session import ledger
from rebook.db.tables import Appointment as Row
from rebook.db.tables import Intent
from rebook.domain.appointments import Person, Status
from rebook.domain.verdicts import Verdict
from rebook.services import links
from tests.services import office
from tests.services.office import LEILANI, NOON, appointment, see

pytestmark = pytest.mark.usefixtures("business")


@pytest.mark.parametrize("basis", ["field", "inferred"])
def test_a_visit_cancelled_on_two_platforms_is_one_case(basis: str) -> None:
    office.linked(basis)
    rows = {row.external_id: row for row in office.rows(Row)}
    assert rows["rec"].group_id == rows["cal"].group_id
    assert rows["cal"].linked_by == basis
    first, case_id = see(appointment("cal", status=Status.CANCELLED), "google")
    assert office.case_of(str(case_id)).old_stands
    second = see(appointment("rec", status=Status.CANCELLED))
    assert (first, second) == (Verdict.OPENED, (Verdict.AMENDED, case_id))
    assert not office.case_of(str(case_id)).old_stands


def test_a_link_found_in_either_order_of_arrival() -> None:
    see(appointment("cal", same_as="acuity:rec", service="Block"), "google")
    see(appointment("rec"))
    assert len({row.group_id for row in office.rows(Row)}) == 1


def test_what_we_wrote_ourselves_belongs_to_the_visit_it_was_written_for() -> None:
    case_id, actor = office.offered()
    office.say("1")
    office.wake(actor)
    booking = office.rows(Intent, case_id=case_id, kind="booking")[0]
    see(appointment("new-9", ours=booking.id, starts_at=office.slot_times(case_id)[0]))
    row = office.rows(Row, external_id="new-9")[0]
    assert (row.group_id, row.linked_by) == (office.case_of(case_id).group_id, "ours")


def test_a_couple_that_shares_a_phone_is_two_people_with_two_visits() -> None:
    see(appointment("hers"))
    him = Person("Kimo", "Kahale", LEILANI.phone)
    see(appointment("his", person=him), "google")
    rows = office.rows(Row)
    assert len({row.person_id for row in rows}) == len({row.group_id for row in rows}) == 2


@pytest.mark.parametrize(
    "difference",
    [
        {"starts_at": NOON + timedelta(days=1, minutes=30)},
        {"ends_at": NOON + timedelta(days=1, hours=2)},
        {"service": "Root canal"},
        {"person": Person("Leilani", "Kahale", "+18085550199")},
        {"person": Person()},
    ],
    ids=lambda difference: next(iter(difference)),
)
def test_what_differs_is_not_linked_by_inference(difference: dict[str, object]) -> None:
    see(appointment("rec"))
    see(appointment("cal", **difference), "google")
    assert len({row.group_id for row in office.rows(Row)}) == 2


def test_a_visit_is_inferred_from_several_platforms_that_agree_on_it() -> None:
    office.linked("field")
    see(appointment("crm"), "zoho")
    assert len({row.group_id for row in office.rows(Row)}) == 1


def side_by_side(*rows: tuple[str, str, str]) -> None:
    """Stored by readings that did not see each other: each in a group of its own."""
    for connection, number, same_as in rows:
        see(appointment(number, same_as=same_as, service=f"Service {number}"), connection)
    with ledger() as session:
        for row in office.rows(Row):
            row.group_id, row.linked_by = f"visit-{row.external_id}", ""
            row.service = "Cleaning"
            session.add(row)


def read_for_the_first_time(connection: str) -> None:
    with ledger() as session:
        for appointment_id in links.apart(session, connection):
            links.reunite(session, session.get_one(Row, appointment_id))


@pytest.mark.parametrize("last", ["acuity", "google", "hubspot", "zoho"])
def test_whoever_is_read_last_brings_all_parts_of_a_visit_together(last: str) -> None:
    named = [(mirror, mirror, "acuity:rec") for mirror in ("google", "hubspot")]
    side_by_side(("acuity", "rec", ""), *named, ("zoho", "zo", ""))
    read_for_the_first_time(last)
    read_for_the_first_time("zoho")
    assert len({row.group_id for row in office.rows(Row)}) == 1


def test_a_loss_on_one_mirror_brings_the_other_mirrors_to_its_case() -> None:
    side_by_side(
        ("acuity", "rec", ""), ("google", "cal", "acuity:rec"), ("hubspot", "crm", "acuity:rec")
    )
    _, case_id = see(appointment("crm", same_as="acuity:rec", status=Status.CANCELLED), "hubspot")
    assert {row.group_id for row in office.rows(Row)} == {office.case_of(str(case_id)).group_id}


def test_two_of_a_kind_on_one_platform_are_two_visits() -> None:
    see(appointment("first"))
    see(appointment("second"))
    see(appointment("cal"), "google")
    assert len({row.group_id for row in office.rows(Row)}) == 3


def test_halves_of_a_visit_stored_side_by_side_are_brought_together_when_it_is_lost() -> None:
    """Two first polls that ran at once: neither saw what the other was about to commit."""
    see(appointment("halved"))
    see(appointment("event-h", same_as="acuity:halved"), "google")
    with ledger() as session:
        mirror = session.get_one(Row, office.rows(Row, external_id="event-h")[0].id)
        mirror.group_id, mirror.linked_by = "visit-of-its-own", ""
        session.add(mirror)
    _, case_id = see(appointment("halved", status=Status.CANCELLED))
    assert case_id is not None
    group = office.case_of(case_id).group_id
    assert {row.connection for row in office.rows(Row, group_id=group)} == {"acuity", "google"}
