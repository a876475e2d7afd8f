"""`rebook calls` at the terminal: who waits to be called back, and that somebody did."""

import json

import pytest
from typer.testing import CliRunner

from rebook.db.session import ledger
from rebook.domain.calls import Heard, Unanswered
from rebook.services import calls
from runtime.every_command import app
from tests.services import office


@pytest.fixture
def waiting(ledger_db: str) -> None:
    office.configure()
    with ledger() as session:
        missed = Unanswered(Heard("CA1", "+18085559999", "+18085550100", 0))
        calls.unanswered(session, "twilio", missed)


@pytest.mark.usefixtures("waiting")
def test_who_waits_is_listed_with_the_number_and_marked_as_called() -> None:
    shown = CliRunner().invoke(app, ["calls", "list", "--json"])
    (call,) = json.loads(shown.stdout)
    assert (call["number"], call["known"], call["state"]) == ("+18085559999", False, "wanted")
    listed = CliRunner().invoke(app, ["calls", "list"])
    assert "+18085559999" in listed.stdout
    done = ["calls", "done", call["id"], "--by", "kim"]
    assert CliRunner().invoke(app, done).exit_code == 0
    assert CliRunner().invoke(app, done).exit_code == 1
    assert json.loads(CliRunner().invoke(app, ["calls", "list", "--json"]).stdout) == []
