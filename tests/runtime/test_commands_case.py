"""What an admin at the terminal sees of cases and may decide about them."""

import pytest
from sqlmodel import select

from rebook.db.session import ledger
from rebook.db.tables import Audit, Case, Reply
from rebook.domain.decisions import Decision
from rebook.services import answers, leases, waits
from tasks.unattended import NOBODY
from tests.runtime import desk
from tests.runtime.desk import rebook

pytestmark = pytest.mark.usefixtures("ledger_db")


@pytest.fixture
def case_id(ledger_db: str) -> str:
    desk.plant_business()
    return desk.plant_case()


def test_the_list_shows_open_cases_with_the_clients_name(case_id: str) -> None:
    shown = rebook("case", "list")
    assert (shown.code, case_id in shown.out, "Leilani Sample1" in shown.out) == (0, True, True)


def test_an_empty_list_says_so(ledger_db: str) -> None:
    shown = rebook("case", "list")
    assert (shown.code, shown.out, "no open cases" in shown.err) == (0, "", True)


def test_closed_cases_are_listed_on_demand_only(case_id: str) -> None:
    rebook("case", "close", case_id, "--as", "declined", "--by", "kai")
    assert case_id not in rebook("case", "list").out
    assert case_id in rebook("case", "list", "--all").out
    assert [one["id"] for one in rebook("case", "list", "--state", "declined", "--json").value] == [
        case_id
    ]


def test_a_script_gets_every_case_as_json(case_id: str) -> None:
    (found,) = rebook("case", "list", "--json").value
    assert found["client"] == "Leilani Sample1"
    assert (found["connection"], found["appointment"]) == ("acuity", "901")
    assert found["starts_at"].endswith("+00:00")


def test_an_unknown_state_is_a_usage_error(case_id: str) -> None:
    assert rebook("case", "list", "--state", "lost").code == 2


def test_a_case_shows_what_was_written_said_understood_and_done(case_id: str) -> None:
    desk.offer(case_id)
    desk.answer(case_id, "the second one please")
    shown = rebook("case", "show", case_id)
    assert shown.code == 0
    for words in (
        desk.PHONE,
        desk.MAIL,
        "Haircut",
        "o1-2",
        "Hi Leilani",
        "the second one please",
        "by rule:",
        "not taken up yet",
        "opened",
        "offered",
    ):
        assert words in shown.out


def test_the_whole_case_comes_as_json_too(case_id: str) -> None:
    desk.offer(case_id)
    desk.answer(case_id, "2")
    found = rebook("case", "show", case_id, "--json").value
    assert found["replies"][0]["understood"] == "accept"
    assert [slot["name"] for slot in found["offered"]] == ["o1-1", "o1-2", "o1-3"]
    assert found["messages"][0]["to"] == desk.PHONE
    assert found["story"][0]["action"] == "opened"


def test_what_a_client_wrote_cannot_steer_the_terminal(case_id: str) -> None:
    desk.offer(case_id)
    desk.answer(case_id, "\x1b]0;gotcha\x07[bold red]yes[/bold red]\x1b[2J")
    shown = rebook("case", "show", case_id).out
    assert "\x1b" not in shown
    assert "[bold red]yes[/bold red]" in shown


@pytest.mark.parametrize(
    "words", [("show",), ("close", "--as", "declined", "--by", "kai"), ("hand-over", "--by", "kai")]
)
def test_an_unknown_case_is_a_plain_error(ledger_db: str, words: tuple[str, ...]) -> None:
    desk.plant_business()
    done = rebook("case", words[0], "case-none", *words[1:])
    assert (done.code, "there is no case case-none" in done.err) == (1, True)


@pytest.mark.parametrize(
    ("ending", "state"),
    [
        ("declined", "declined"),
        ("withdrawn", "withdrawn"),
        ("booked_elsewhere", "rebooked"),
        ("never_lost", "voided"),
    ],
)
def test_a_case_no_run_acts_for_is_closed_at_once(case_id: str, ending: str, state: str) -> None:
    done = rebook("case", "close", case_id, "--as", ending, "--by", "kai")
    assert (done.code, desk.case_now(case_id).state) == (0, state)


def test_a_case_whose_run_was_taken_away_can_be_closed(case_id: str) -> None:
    with ledger() as session:
        session.get_one(Case, case_id).run_id = NOBODY
    assert rebook("case", "close", case_id, "--as", "withdrawn", "--by", "kai").code == 0
    assert desk.case_now(case_id).state == "withdrawn"


def test_handing_over_names_the_assignee_and_plans_a_note_to_the_office(case_id: str) -> None:
    assert rebook("case", "hand-over", case_id, "--by", "kai").code == 0
    case = desk.case_now(case_id)
    assert (case.state, case.owner, case.reason) == ("handed_over", "office", "taken by staff")
    found = rebook("case", "show", case_id, "--json").value
    assert [message["channel"] for message in found["messages"]] == ["staff"]


def test_a_decision_is_left_for_the_run_that_acts(case_id: str) -> None:
    desk.offer(case_id)
    done = rebook("case", "close", case_id, "--as", "declined", "--by", "kai")
    assert (done.code, "when it wakes" in done.err) == (0, True)
    assert desk.case_now(case_id).state == "offered"
    assert woken(case_id) == "operator: the case was closed"
    assert desk.case_now(case_id).state == "declined"


def woken(case_id: str) -> str:
    """The case's run wakes and takes what was left for it."""
    with ledger() as session:
        actor = leases.take(session, case_id, desk.RUN)
        key = waits.ensure_open(session, actor)
        answers.take(session, actor, key, Decision())
        return session.exec(select(Reply).where(Reply.case_id == case_id)).one().outcome


def test_a_decision_from_the_terminal_is_audited_under_its_maker(case_id: str) -> None:
    rebook("case", "close", case_id, "--as", "declined", "--by", "kai.m")
    with ledger() as session:
        made = session.exec(select(Audit).where(Audit.actor == "staff:kai.m")).all()
        source = session.exec(select(Reply.source)).one()
    assert "decided_at_terminal" in [entry.action for entry in made]
    assert source.startswith("cli:")


def test_a_closed_case_takes_no_decision(case_id: str) -> None:
    rebook("case", "close", case_id, "--as", "declined", "--by", "kai")
    again = rebook("case", "hand-over", case_id, "--by", "kai")
    assert (again.code, "closed already: declined" in again.err) == (1, True)


@pytest.mark.parametrize("by", ["", "Kai M", "kai@example.com", "x" * 41])
def test_a_staff_id_is_no_free_text(case_id: str, by: str) -> None:
    assert rebook("case", "hand-over", case_id, "--by", by).code == 2
    assert desk.case_now(case_id).state == "open"


def test_a_case_is_not_opened_on_a_connection_that_is_not_there(case_id: str) -> None:
    done = rebook("case", "open", "acuty", "901", "--cause", "noshow", "--by", "kai")
    assert (done.code, "no connection named acuty" in done.err) == (1, True)


def test_without_prefect_no_case_is_opened_and_the_reason_is_plain(
    case_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    done = rebook("case", "open", "acuity", "901", "--cause", "noshow", "--by", "kai")
    assert (done.code, "rebook up" in done.err) == (1, True)
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    done = rebook("case", "open", "acuity", "901", "--cause", "noshow", "--by", "kai")
    assert (done.code, "did not do it (ConnectError)" in done.err) == (1, True)
