"""What a technician may report of a visit, and what the visit then becomes."""

from enum import StrEnum

from rebook.domain.appointments import Status
from rebook.domain.cases import Cause


class Reported(StrEnum):
    NO_ONE_HOME = "no_one_home"
    NO_ACCESS = "no_access"
    RUNNING_LATE = "running_late"
    ANOTHER_DAY = "another_day"
    NOTE = "note"
    MISTAKE = "mistake"


CAUSES: dict[Reported, Cause] = {
    Reported.NO_ONE_HOME: Cause.NOSHOW,
    Reported.NO_ACCESS: Cause.FAILED_ACCESS,
    Reported.ANOTHER_DAY: Cause.CLIENT_CANCELLED,
}
"""Reports after which the visit needs a new time, and why."""

BECOMES: dict[Reported, Status] = {
    Reported.NO_ONE_HOME: Status.NOSHOW,
    Reported.NO_ACCESS: Status.CANCELLED,
}
"""What the system of record is told. A client who asks for another day keeps the visit until then."""
