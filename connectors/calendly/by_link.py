"""The client books themself: where the plan has no booking by call, or its day is used up.

Our reference rides in the address, and comes back in the tracking fields of what is booked there.
"""

from connectors.calendly.wire import SOURCE, Row
from connectors.errors import ConnectorError, NotAllowed, OnlyByLink, TooMany
from connectors.http import Http
from connectors.parsing import documented
from rebook.domain.appointments import Appointment, Status

WORTH_WAITING = 120.0
"""Seconds: ten bookings a minute are let through soon, fifty an hour and a hundred a day are not."""


def instead(http: Http, service: str, our_ref: str, error: NotAllowed | TooMany) -> ConnectorError:
    """A link that serves for one booking; the refusal itself where it is of another kind."""
    if isinstance(error, TooMany) and (error.retry_after or 0) <= WORTH_WAITING:
        return error
    try:
        body = {"max_event_count": 1, "owner": service, "owner_type": "EventType"}
        made = http.post("scheduling_links", body)
    except ConnectorError:
        return error
    with documented():
        address = str(made["resource"]["booking_url"])
    mark = "&" if "?" in address else "?"
    tracked = f"{address}{mark}utm_source={SOURCE}&utm_content={our_ref}"
    return OnlyByLink("Calendly takes no booking by call now", tracked)


def to_move(invitee: Row, now: Appointment, error: OnlyByLink) -> OnlyByLink:
    """What stands is rescheduled by the invitee's own link, which leaves no second event."""
    own = str(invitee.get("reschedule_url") or "")
    if now.status is not Status.BOOKED or not own:
        return error
    return OnlyByLink("Calendly takes no booking by call now", own)
