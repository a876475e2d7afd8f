"""`rebook staff`, and what `rebook case` lets staff decide."""

import pytest
from typer.testing import CliRunner

from rebook.db.session import ledger
from rebook.db.tables import Audit
from rebook.services import cases, leases, staff_accounts, staff_sessions
from runtime.cli import app
from tests.runtime import desk
from tests.runtime.desk import Typed, rebook
from tests.services.office import rows

pytestmark = pytest.mark.usefixtures("ledger_db")
GOOD = "three blue kettles"


def is_right(name: str, password: str) -> bool:
    with ledger() as session:
        return staff_accounts.is_right(session, name, password)


def test_somebody_added_gets_a_password_that_is_shown_once() -> None:
    typed = rebook("staff", "add", "maria")
    once = typed.out.strip()
    assert (typed.code, len(once) >= 12, once in typed.err) == (0, True, False)
    assert is_right("maria", once)
    (listed,) = rebook("staff", "list", "--json").value
    assert listed == {"id": "maria", "state": "one-time password", "sessions": 0, "slack": ""}


def test_a_password_may_come_from_stdin() -> None:
    typed = with_stdin(f"{GOOD}\n", "staff", "add", "kim", "--password-stdin", "--slack", "U1")
    assert (typed.code, typed.out) == (0, "")
    assert is_right("kim", GOOD)
    assert "active" in rebook("staff", "list").out


@pytest.mark.parametrize("password", ["", "short", "aaaaaaaaaaaaaaaa", "maria-maria"])
def test_a_password_too_easy_is_refused_with_the_reason(password: str) -> None:
    typed = with_stdin(f"{password}\n", "staff", "add", "maria", "--password-stdin")
    assert (typed.code, "password" in typed.err) == (1, True)
    assert rebook("staff", "list", "--json").value == []


def with_stdin(text: str, *words: str) -> Typed:
    done = CliRunner().invoke(app, list(words), input=text, env={"COLUMNS": "200"})
    return Typed(done.exit_code, done.stdout, done.stderr)


def test_revoking_ends_every_session_and_stands_in_the_trail() -> None:
    once = rebook("staff", "add", "maria").out.strip()
    with ledger() as session:
        token = staff_sessions.begin(session, "maria")
    assert "1 sessions were ended" in rebook("staff", "revoke", "maria").err
    with ledger() as session:
        assert staff_sessions.find(session, token) is None
    assert not is_right("maria", once)
    assert [e.action for e in rows(Audit, actor="admin")] == ["staff_added", "staff_revoked"]
    assert rebook("staff", "revoke", "nobody").code == 1


def test_a_staff_id_is_no_free_text() -> None:
    assert rebook("staff", "add", "Maria Lopez").code == 2


@pytest.fixture
def case_id(ledger_db: str) -> str:
    desk.plant_business()
    found = desk.plant_case()
    desk.offer(found)
    with ledger() as session:
        case = cases.load(session, found)
        leases.release(case)
        case.run_id = None
        session.add(case)
    return found


def test_a_case_can_be_taken_called_booked_and_given_new_times(case_id: str) -> None:
    assert rebook("case", "take", case_id, "--by", "maria").code == 0
    case = desk.case_now(case_id)
    assert (case.state, case.owner) == ("handed_over", "maria")
    words = ("case", "called", case_id, "--by", "maria", "--note-stdin")
    assert with_stdin("She will think about it.", *words).code == 0
    assert "She will think about it." in rebook("case", "show", case_id).out
    assert rebook("case", "new-times", case_id, "--by", "maria").code == 0
    assert desk.case_now(case_id).state == "open"
    assert rebook("case", "book", case_id, "o9-9", "--by", "maria").code == 1
    assert rebook("case", "book", case_id, "o1-1", "--by", "maria").code == 0
    assert desk.case_now(case_id).state == "booking"
