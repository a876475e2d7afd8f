"""`rebook staff`: who may sign in to the staff page."""

import sys
from typing import Annotated

import typer

from rebook.db.session import ledger
from rebook.services import staff_accounts, staff_sessions
from rebook.services.staff_accounts import BadPassword, NoSuchMember
from runtime.commands.house import err, fail
from runtime.commands.terminal import AsJson, at_work, out, print_columns, print_json
from runtime.staff_id import staff_id

app = typer.Typer(help="People of the office: add, list, revoke.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(callback=staff_id, help="The staff id, such as `maria`.")]


@app.command()
def add(
    name: Name,
    from_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from stdin, one line.")
    ] = False,
    slack: Annotated[
        str, typer.Option(help="Their user id in Slack, so that a button pressed there is theirs.")
    ] = "",
) -> None:
    """Let somebody sign in, or give them a new password. Prints a one-time password."""
    password = sys.stdin.readline().rstrip("\r\n") if from_stdin else ""
    if from_stdin and not password:
        fail("no password came in on stdin")
    try:
        with at_work("adding"), ledger() as session:
            once = staff_accounts.add(session, name, password=password, slack_id=slack)
    except BadPassword as error:
        fail(str(error))
    if once:
        err.print(f"{name} signs in with this, once, within three days:")
        out.print(once, markup=False)
    else:
        err.print(f"{name} may sign in")


@app.command()
def revoke(name: Name) -> None:
    """End somebody's right to sign in, and every session of theirs at once."""
    try:
        with at_work("revoking"), ledger() as session:
            ended = staff_accounts.revoke(session, name)
    except NoSuchMember as error:
        fail(str(error))
    err.print(f"{name} may no longer sign in; {ended} sessions were ended")


@app.command("list")
def list_members(as_json: AsJson = False) -> None:
    """Who may sign in, and who is signed in now."""
    with at_work("reading the ledger"), ledger() as session:
        found = [
            {
                "id": member.id,
                "state": _state(member.revoked_at, member.one_time_until),
                "sessions": staff_sessions.open_count(session, member.id),
                "slack": member.slack_id,
            }
            for member in staff_accounts.everybody(session)
        ]
    if as_json:
        print_json(found)
    elif found:
        rows = [tuple(str(value) for value in one.values()) for one in found]
        print_columns([("staff id", "state", "signed in", "slack"), *rows])
    else:
        err.print("nobody yet: `rebook staff add NAME`")


def _state(revoked: object, one_time: object) -> str:
    if revoked:
        return "revoked"
    return "one-time password" if one_time else "active"
