"""`rebook link`: the address of a client's page, to be handed on by whoever talks to them."""

from typing import Annotated

import typer

from rebook.db.session import ledger
from rebook.services import visits
from runtime.commands.house import err, fail
from runtime.commands.terminal import at_work, out


def link(
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
    if address.startswith("/"):
        fail("nobody reaches the page yet: `rebook up`, or name the address in REBOOK_PUBLIC_URL")
    err.print("whoever has this address may ask to move or cancel the appointment:")
    out.print(address, soft_wrap=True)
