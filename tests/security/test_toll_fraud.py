"""C18: somebody fills the calendar with numbers that earn money for every text sent to them."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from rebook.db.session import ledger
from rebook.db.tables import Audit, Intent
from rebook.db.tally_table import TextTally
from rebook.domain import toll
from rebook.domain.appointments import Person
from rebook.domain.policy import Policy
from rebook.services import tolls
from tests.services import office
from tests.services.office import Clock

pytestmark = pytest.mark.usefixtures("business")
HOME = "+1 808 521 1000"


def lose(number: int, phone: str, email: str = "") -> str:
    """A cancelled visit of one more invented client; its first text is tried. Returns the case."""
    person = Person(f"Client{number}", "Example", phone, email)
    case_id = office.lose(f"toll-{number}", person=person, calendar=f"chair-{number}")
    actor = office.act(case_id)
    office.offer(actor, office.times(calendar=f"chair-{number}"))
    office.send(actor)
    return case_id


def texts() -> list[str]:
    """What became of every text."""
    return [intent.state for intent in office.rows(Intent, channel="sms")]


def reasons() -> set[str]:
    return {intent.reason for intent in office.rows(Intent, channel="sms") if intent.reason}


@pytest.mark.parametrize(
    ("number", "countries", "why"),
    [
        ("+18085211234", "", ""),
        ("+18765551234", "", toll.ABROAD),
        ("+8821234567890", "", toll.ABROAD),
        ("+3725512345", "", toll.ABROAD),
        ("+16045551234", "", toll.ABROAD),
        ("+16045551234", "US, CA", ""),
        ("+18085211234", "ES", toll.ABROAD),
        ("+34612345678", "es", ""),
        ("+34803123456", "ES", toll.PREMIUM),
        ("+19005551234", "US", toll.PREMIUM),
        ("+447012345678", "", toll.ABROAD),
        ("911", "", toll.NO_NUMBER),
        ("", "", toll.NO_NUMBER),
        ("not a number", "", toll.NO_NUMBER),
    ],
)
def test_c18_texts_go_to_the_businesss_own_countries_and_to_no_premium_number(
    number: str, countries: str, why: str
) -> None:
    assert toll.refusal(number, countries, HOME) == why


def test_c18_a_business_that_names_no_number_and_no_country_is_not_kept_from_its_clients() -> None:
    assert toll.refusal("+34612345678", "", "") == ""
    assert toll.refusal("+34803123456", "", "") == toll.PREMIUM


def test_c18_a_client_abroad_is_written_a_mail_instead_and_nobody_waits_for_the_text() -> None:
    case_id = lose(1, "+3725512345", "client@example.com")
    actor = office.act(case_id)
    assert texts() == ["given_up"]
    assert reasons() == {toll.ABROAD}
    run = office.Run(actor, office.times())
    run.until_it_waits()
    assert [one.to for one in run.sent] == ["client@example.com"]


def test_c18_a_thousand_numbers_of_one_range_get_as_many_texts_as_a_day_allows() -> None:
    office.configure(Policy(texts_a_day_to_a_block=5))
    for number in range(12):
        lose(number, f"+1808521{1000 + number}")
    lose(99, "+18085229999")
    assert sorted(texts()) == ["done"] * 6 + ["given_up"] * 7
    assert reasons() == {tolls.FULL_BLOCK}
    assert len(office.rows(Audit, action="text_refused")) == 7


def test_c18_the_day_has_a_limit_in_all_and_the_next_day_is_another(at_noon: Clock) -> None:
    office.configure(Policy(texts_a_day=3))
    for number in range(5):
        lose(number, f"+1808{520 + number}1234")
    assert sorted(texts()) == ["done"] * 3 + ["given_up"] * 2
    at_noon.forward(days=1)
    lose(9, "+18085291234")
    assert texts().count("done") == 4


def test_c18_of_many_that_leave_at_the_same_moment_no_more_than_the_limit_do() -> None:
    def one(_: int) -> bool:
        with ledger() as session:
            return tolls._count(session, "+1808521", 7)

    with ThreadPoolExecutor(8) as threads:
        left = list(threads.map(one, range(40)))
    assert left.count(True) == 7


def test_c18_no_number_and_no_range_of_numbers_is_readable_in_the_tally() -> None:
    lose(1, "+18085211234")
    tallies = office.rows(TextTally)
    assert len(tallies) == 2
    assert {len(row.block_key) for row in tallies} == {64}
