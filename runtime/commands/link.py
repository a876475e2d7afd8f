"""`rebook link`: addresses that open a page of ours, to be given to those they are for."""

from datetime import date, datetime
from typing import Annotated

import typer

from rebook.db.session import ledger
from rebook.services import configuration, rounds
from rebook.services.configuration import NotConfigured
from rebook.settings import settings
from runtime.commands.house import fail
from runtime.commands.terminal import at_work, out

app = typer.Typer(help="Addresses of our pages.", no_args_is_help=True)


@app.callback()
def links() -> None:
    """Addresses of our pages: whoever has one can open it."""


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
    if calendar and not settings().public_url:
        fail("no public address is known: set REBOOK_PUBLIC_URL, or start the house")
    for line in found:
        out.print(line, soft_wrap=True, markup=False)


def _day(given: datetime | None) -> date | None:
    return given.date() if given else None
