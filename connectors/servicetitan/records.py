"""Reads of ServiceTitan's records, fifty at a time; what is kept between them is small and shared."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connectors.errors import NotFound
from connectors.http import Http
from connectors.parsing import documented
from connectors.servicetitan import wire
from connectors.servicetitan.wire import About, Row
from rebook.domain.appointments import Appointment, Person

AT_ONCE = 50
PAGE = 200


class Tenant:
    """One tenant's modules: `jpm`, `crm`, `dispatch`, `taskmanagement`, `settings`."""

    def __init__(self, http: Http, settings: Mapping[str, str]) -> None:
        self.http = http
        self.settings = settings

    def path(self, module: str, rest: str) -> str:
        return f"{module}/v2/tenant/{self.settings.get('tenant', '')}/{rest}"

    def get(self, module: str, rest: str, **query: Any) -> Any:
        return self.http.get(self.path(module, rest), **query)

    def listed(self, module: str, rest: str, **query: Any) -> Iterator[Row]:
        """Every row of every page."""
        page = 1
        while True:
            answer = self.get(module, rest, page=page, pageSize=PAGE, **query)
            with documented():
                rows, more = list(answer["data"]), bool(answer["hasMore"])
            yield from rows
            if not (more and rows):
                return
            page += 1


class Records:
    """Appointments with what belongs to them. Job types and cancel reasons are read once."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._services: dict[str, str] = {}
        self._reasons: dict[str, str] | None = None

    def appointments(self, rows: Sequence[Row]) -> list[Appointment]:
        """At most fifty. One whose job is gone by now is left out."""
        with documented():
            wanted = {str(int(row["jobId"])) for row in rows}
        ids = ",".join(sorted(wanted))
        jobs = {str(job["id"]): job for job in self._listed("jobs", ids)} if ids else {}
        people: dict[str, Person] = {}
        return [
            self._with(row, jobs[str(row["jobId"])], people)
            for row in rows
            if str(row["jobId"]) in jobs
        ]

    def appointment(self, row: Row) -> Appointment:
        with documented():
            job = self._tenant.get("jpm", f"jobs/{int(row['jobId'])}")
        return self._with(row, job, {})

    def _with(self, row: Row, job: Row, people: dict[str, Person]) -> Appointment:
        with documented():
            customer, cancelled = str(int(row["customerId"])), row["status"] == "Canceled"
            service = self._service(str(job["jobTypeId"]))
        if customer not in people:
            people[customer] = self._person(customer)
        reason = self._reason(str(row["jobId"])) if cancelled else frozenset[str]()
        about = About(job, people[customer], service, reason)
        return wire.appointment(row, about, self._tenant.settings)

    def _person(self, customer_id: str) -> Person:
        try:
            customer = self._tenant.get("crm", f"customers/{customer_id}")
            contacts = list(self._tenant.listed("crm", f"customers/{customer_id}/contacts"))
        except NotFound:
            return Person()
        return wire.person(customer, contacts, self._tenant.settings.get("region") or "US")

    def _service(self, job_type: str) -> str:
        if job_type not in self._services:
            names = {str(row["id"]): row["name"] for row in self._listed("job-types", job_type)}
            self._services[job_type] = str(names.get(job_type) or "")
        return self._services[job_type]

    def cancelled_for(self, job_id: str) -> str:
        """The reason's id of the latest cancellation, whether or not it still stands; else nothing."""
        log = list(self._tenant.listed("jpm", f"jobs/{job_id}/canceled-log"))
        with documented():
            told = [(str(entry["createdOn"]), str(entry["reasonId"])) for entry in log]
        return max(told)[1] if told else ""

    def reason_to_hold(self) -> str:
        """The id of the first reason to hold that is in use; else nothing."""
        reasons = self._tenant.listed("jpm", "job-hold-reasons", active="True")
        with documented():
            return next((str(reason["id"]) for reason in reasons), "")

    def _reason(self, job_id: str) -> frozenset[str]:
        """Of the latest cancellation that stands."""
        try:
            log = list(self._tenant.listed("jpm", f"jobs/{job_id}/canceled-log"))
        except NotFound:
            return frozenset()
        with documented():
            standing = [(str(e["createdOn"]), str(e["reasonId"])) for e in log if e["active"]]
        if not standing:
            return frozenset()
        reason = max(standing)[1]
        return frozenset({reason, self._names().get(reason, reason)})

    def _names(self) -> dict[str, str]:
        if self._reasons is None:
            rows = self._tenant.listed("jpm", "job-cancel-reasons", active="Any")
            self._reasons = {str(r["id"]): str(r["name"]).strip().casefold() for r in rows}
        return self._reasons

    def _listed(self, what: str, ids: str) -> list[Row]:
        return list(self._tenant.listed("jpm", what, ids=ids))
