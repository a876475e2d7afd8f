"""`rebook link`: addresses that open a page of ours, to be given to those they are for."""

from datetime import date, datetime
from typing import Annotated

import typer

from rebook.db.session import ledger
from rebook.services import configuration, rounds, visits
from rebook.services.configuration import NotConfigured
from rebook.settings import settings
from runtime.commands.house import err, fail
from runtime.commands.terminal import at_work, out

NOWHERE = "nobody reaches the page yet: `rebook up`, or name the address in REBOOK_PUBLIC_URL"
app = typer.Typer(help="Addresses of our pages.", no_args_is_help=True)


@app.callback()
def links() -> None:
    """Addresses of our pages: whoever has one can open it."""


@app.command()
def visit(
    connection: Annotated[str, typer.Argument(help="The connection that holds it: `acuity`.")],
    appointment_id: Annotated[str, typer.Argument(help="The appointment's id there.")],
) -> None:
    """The page on which the client of an upcoming appointment moves or cancels it."""
    with at_work("reading the ledger"), ledger() as session:
        found = visits.find(session, connection, appointment_id)
        stands = visits.standing(session, found.group_id) if found else None
        if found is not None and stands is not None:
            visits.publish(session, found)
        address = visits.link(found.id) if found else ""
    if found is None:
        fail("there is no such appointment in the ledger")
    if stands is None:
        fail("this appointment is not booked any more")
    _reachable()
    err.print("whoever has this address may ask to move or cancel the appointment:")
    out.print(address, soft_wrap=True)


@app.command()
def technician(
    calendar: Annotated[str, typer.Option(help="Whose visits: the calendar's id there.")] = "",
    connection: Annotated[
        str, typer.Option(help="The connection that holds them; empty: the system of record.")
    ] = "",
    day: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Empty: today, where they are.")
    ] = None,
) -> None:
    """The page of one technician's visits on one day. Without a calendar: which there are."""
    try:
        with at_work("making the link"), ledger() as session:
            holder = connection or configuration.topology(session).record
            if not calendar:
                found = rounds.calendars(session, holder)
            else:
                wanted = _day(day) or rounds.today(session, holder, calendar)
                found = [rounds.link(session, holder, calendar, wanted)]
    except NotConfigured as error:
        fail(str(error))
    if calendar:
        _reachable()
    for line in found:
        out.print(line, soft_wrap=True, markup=False)


def _reachable() -> None:
    if not settings().public_url:
        fail(NOWHERE)


def _day(given: datetime | None) -> date | None:
    return given.date() if given else None
