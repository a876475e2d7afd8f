"""A booking as a file that a phone adds to its calendar."""

from fastapi import Response

from gateway.site import Seen
from rebook.domain import ics

ATTACHED = {"Content-Disposition": 'attachment; filename="appointment.ics"'}


def calendar_file(seen: Seen) -> Response | None:
    """None where nothing is booked."""
    view = seen.view
    what = view.service or str(seen.words("visit"))
    entry = view.entry(" · ".join(part for part in (what, view.business) if part))
    if entry is None:
        return None
    return Response(ics.write(entry), media_type="text/calendar", headers=ATTACHED)
