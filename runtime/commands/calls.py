"""`rebook calls`: who rang, has no case, and waits for the office to ring back."""

from typing import Annotated

import typer

from rebook.db.session import ledger
from rebook.domain import wording
from rebook.services import call_backs, configuration
from runtime.commands.house import err, fail
from runtime.commands.terminal import AsJson, at_work, print_columns, print_json
from runtime.staff_id import staff_id

app = typer.Typer(help="Callers who wait to be called back.", no_args_is_help=True)


@app.command("list")
def list_calls(as_json: AsJson = False) -> None:
    """Who waits, longest first, with their number."""
    with at_work("reading the ledger"), ledger() as session:
        found = call_backs.waiting(session)
        zone = configuration.topology(session).default_zone
    if as_json:
        print_json(found)
    elif found:
        rows = [
            (call.id, wording.short(call.called_at, zone), call.number,
             "a client" if call.known else "not known")
            for call in found
        ]  # fmt: skip
        print_columns([("call", "called", "number", "caller"), *rows])
    else:
        err.print("nobody waits to be called back")


@app.command()
def done(
    call_id: Annotated[str, typer.Argument(metavar="ID", help="As `calls list` shows it.")],
    by: Annotated[str, typer.Option("--by", callback=staff_id, help="Your staff id.")],
) -> None:
    """Somebody rang back: the caller waits no more."""
    with at_work("writing to the ledger"), ledger() as session:
        known = call_backs.done(session, call_id, by)
    if not known:
        fail(f"nobody waits under {call_id}: `rebook calls list` shows who does")
