"""What ServiceTitan keeps: a job for a customer, and the visits that are its appointments."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sandbox.people import Client
from sandbox.wire import Json

SERVICES = [("Haircut", 45), ("Colour consultation", 30), ("Cut and colour", 60)]
FIRST_TYPE = 9101
REASONS = {31: "Customer cancelled", 32: "Cancelled by office", 33: "No Show"}
STANDING = {"Scheduled", "Dispatched", "Working"}


@dataclass
class Job:
    id: int
    customer: int
    client: Client
    service: int
    acuity_id: int
    created: datetime
    modified: datetime
    status: str = "Scheduled"
    invoiced: bool = False
    """Its invoice is posted: its visits can no longer be moved."""
    cancels: list[Json] = field(default_factory=list)
    notes: list[Json] = field(default_factory=list)


@dataclass
class Visit:
    id: int
    job: Job
    start: datetime
    end: datetime
    created: datetime
    modified: datetime
    sequence: int
    status: str = "Scheduled"
    active: bool = True
    window: tuple[datetime, datetime] | None = None
    confirmed: bool = False

    @property
    def ref(self) -> str:
        return f"{self.job.id}/{self.id}"

    def hours_in(self, start: datetime, end: datetime) -> float:
        """How much of a window it takes."""
        if not self.active or self.status not in STANDING:
            return 0.0
        shared = min(self.end, end) - max(self.start, start)
        return max(shared, timedelta()).total_seconds() / 3600
