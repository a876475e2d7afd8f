"""`rebook case`: what the office would ask of a case, and what it may decide about it."""

import os
import sys
import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import typer

from rebook.db.session import ledger
from rebook.domain import wording
from rebook.domain.cases import OPEN_STATES, CaseState
from rebook.domain.decisions import Choice, Decision
from rebook.services import connections, dossier, terminal, visit_reports
from rebook.services.cases import NoSuchCase
from rebook.services.connections import NoSuchConnection
from rebook.services.desk import NOTE
from rebook.services.dossier import Summary
from rebook.services.terminal import CaseIsClosed, Left
from rebook.services.visit_reports import NoPhoto
from runtime.commands.case_story import tell
from runtime.commands.house import err, fail
from runtime.commands.terminal import AsJson, at_work, out, print_columns, print_json
from runtime.ledger_access import house_is_up
from runtime.staff_id import staff_id

app = typer.Typer(help="Cases: list, show, open, decide.", no_args_is_help=True)

PATIENCE_SECONDS = 30.0
CaseId = Annotated[str, typer.Argument(metavar="ID", help="The case, as `case list` shows it.")]
By = Annotated[str, typer.Option("--by", callback=staff_id, help="Your staff id, for the record.")]
Cause = Literal["client_cancelled", "noshow", "failed_access", "our_fault", "weather"]


class Ending(StrEnum):
    """How a person may end a case."""

    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    BOOKED_ELSEWHERE = "booked_elsewhere"
    NEVER_LOST = "never_lost"


@app.command("list")
def list_cases(
    state: Annotated[list[CaseState] | None, typer.Option(help="Only these; repeatable.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Closed cases too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Open cases, newest first."""
    wanted = state or (list(CaseState) if everything else sorted(OPEN_STATES))
    with at_work("reading the ledger"), ledger() as session:
        found = dossier.summaries(session, [str(one) for one in wanted])
    if as_json:
        print_json(found)
    elif found:
        print_columns([HEADING, *map(_row, found)])
    else:
        err.print("no such cases" if state or everything else "no open cases")


HEADING = ("case", "state", "client", "lost", "cause", "acts next", "owner")


def _row(case: Summary) -> tuple[str, ...]:
    lost = wording.short(case.starts_at, case.zone)
    due = wording.short(case.next_action_at, case.zone) if case.next_action_at else ""
    cells = (case.id, case.state, case.client, lost, case.cause, due, case.owner)
    return tuple(wording.safe(cell, 60) for cell in cells)


@app.command()
def show(case_id: CaseId, as_json: AsJson = False) -> None:
    """Everything about one case: the client, what was written and said, and the whole story."""
    try:
        with at_work("reading the ledger"), ledger() as session:
            found = dossier.dossier(session, case_id)
    except NoSuchCase as error:
        fail(str(error))
    if as_json:
        print_json(found)
    else:
        tell(found)


@app.command()
def photo(
    report_id: Annotated[str, typer.Argument(metavar="REPORT", help="As `case show` names it.")],
    file: Annotated[Path, typer.Argument(help="Where to; it must not be there yet.")],
) -> None:
    """Save the photo of a technician's report, readable by you alone."""
    try:
        with at_work("reading the ledger"), ledger() as session:
            data = visit_reports.photo(session, report_id)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except NoPhoto as error:
        fail(str(error))
    except OSError as error:
        fail(f"{file} cannot be written: {error.strerror}")
    with os.fdopen(descriptor, "wb") as target:
        target.write(data)


@app.command("open")
def open_case(
    connection: Annotated[str, typer.Argument(help="The connection that holds it: `acuity`.")],
    appointment_id: Annotated[str, typer.Argument(help="The appointment's id there.")],
    cause: Annotated[Cause, typer.Option(help="Why a new time is needed.")],
    by: By,
) -> None:
    """Open a case for an appointment that no platform reports as lost."""
    from runtime.start_by_hand import PrefectAway, start_case

    try:
        with at_work("starting the run"):
            with ledger() as session:
                connections.load(session, connection)
            link = start_case(connection, appointment_id, cause=cause, by=by)
    except (NoSuchConnection, PrefectAway) as error:
        fail(str(error))
    err.print("a run opens the case; follow it here:")
    out.print(link, soft_wrap=True)


@app.command()
def close(
    case_id: CaseId,
    ending: Annotated[Ending, typer.Option("--as", help="How it ended.")],
    by: By,
) -> None:
    """End a case. Nothing more is written to the client about it."""
    _decide(case_id, Decision(Choice(f"close_{ending}"), by))


@app.command("hand-over")
def hand_over(case_id: CaseId, by: By) -> None:
    """Stop the machine for this case and give it to staff."""
    _decide(case_id, Decision(Choice.HAND_OVER, by))


@app.command()
def take(case_id: CaseId, by: By) -> None:
    """Stop the machine for this case and make it yours."""
    _decide(case_id, Decision(Choice.TAKE_CASE, by))


@app.command()
def called(
    case_id: CaseId,
    by: By,
    note: Annotated[
        bool, typer.Option("--note-stdin", help="Read what the call brought from stdin.")
    ] = False,
) -> None:
    """Note that you called the client; the reminder starts anew."""
    said = sys.stdin.read(NOTE).strip() if note else ""
    _decide(case_id, Decision(Choice.CALL_MADE, by, note=said))


@app.command()
def book(
    case_id: CaseId,
    slot: Annotated[str, typer.Argument(help="An offered time, as `case show` names it: o1-2.")],
    by: By,
) -> None:
    """Book one of the offered times for the client."""
    _decide(case_id, Decision(Choice.BOOK_SLOT, by, slot))


@app.command("new-times")
def new_times(case_id: CaseId, by: By) -> None:
    """Seek fresh times and offer them to the client."""
    _decide(case_id, Decision(Choice.OFFER_NEW_TIMES, by))


def _decide(case_id: str, decision: Decision) -> None:
    from tasks.unattended import NOBODY

    try:
        with at_work("deciding"):
            with ledger() as session:
                left = terminal.decide(session, case_id, decision, nobody=NOBODY)
            outcome = left.outcome or _await(left)
    except (NoSuchCase, CaseIsClosed) as error:
        fail(str(error))
    if not outcome:
        err.print(f"kept: the case's run takes it when it wakes; see `rebook case show {case_id}`")
    elif "refused" in outcome:
        fail(outcome)
    else:
        err.print(outcome)


def _await(left: Left) -> str:
    """A running house takes a decision within seconds; one that is down takes it when it is up."""
    end = time.monotonic() + (PATIENCE_SECONDS if house_is_up() else 0)
    while time.monotonic() < end:
        with ledger() as session:
            if taken := terminal.outcome(session, left.reply_id):
                return taken
        time.sleep(0.25)
    return ""
