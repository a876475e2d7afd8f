"""ServiceTitan's lists and its export feed. Lists have pages; the feed goes on from a token."""

import base64
import binascii

from fastapi import APIRouter, Request

from sandbox.servicetitan.model import FIRST_TYPE, REASONS, SERVICES, Visit
from sandbox.servicetitan.office import Office
from sandbox.servicetitan.wire import UNIT, read_time, refusal, shown_job, shown_visit, stamp
from sandbox.wire import Json

OF_THE_FEED = 50


def paged(rows: list[Json], request: Request) -> Json:
    page = _number(request.query_params.get("page", "1"))
    size = _number(request.query_params.get("pageSize", "50"))
    first = (page - 1) * size
    data, more = rows[first : first + size], first + size < len(rows)
    return {"page": page, "pageSize": size, "hasMore": more, "data": data}


def _number(value: str) -> int:
    if not (value.isascii() and value.isdigit() and int(value)):
        raise refusal(400, "The page is not a number.")
    return int(value)


def add(routes: APIRouter, office: Office) -> None:
    _of_visits(routes, office)
    _of_jobs(routes, office)
    when = stamp(office.kit.clock.now())
    made = {"active": True, "createdOn": when, "modifiedOn": when}

    @routes.get("/job-cancel-reasons")
    async def reasons(request: Request) -> Json:
        return paged([{"id": n, "name": name, **made} for n, name in REASONS.items()], request)

    @routes.get("/job-hold-reasons")
    async def holds(request: Request) -> Json:
        return paged([{"id": 51, "name": "Waiting for parts", **made}], request)

    @routes.get("/job-types")
    async def types(request: Request) -> Json:
        rows = [
            {"id": FIRST_TYPE + n, "name": name, "duration": minutes * 60, **made}
            for n, (name, minutes) in enumerate(SERVICES)
        ]
        return paged([_job_type(row) for row in rows if _asked(row, request)], request)


def _job_type(row: Json) -> Json:
    return {
        "businessUnitIds": [UNIT],
        "skills": [],
        "tagTypeIds": [],
        "priority": "Normal",
        "soldThreshold": 0,
        "class": "Service",
        "summary": "",
        "noCharge": False,
        "enforceRecurringServiceEventSelection": False,
        "invoiceSignaturesRequired": False,
        "externalData": [],
        **row,
    }


def _asked(row: Json, request: Request) -> bool:
    ids = request.query_params.get("ids")
    return not ids or str(row["id"]) in ids.split(",")


def _of_visits(routes: APIRouter, office: Office) -> None:
    @routes.get("/export/appointments")
    async def export(request: Request) -> Json:
        token = request.query_params.get("from", "")
        rows = sorted(office.visits.values(), key=lambda one: one.sequence)
        found = [one for one in rows if _after(one, token)]
        some = found[:OF_THE_FEED]
        mark = some[-1].sequence if some else max((one.sequence for one in rows), default=0)
        return {
            "hasMore": len(found) > len(some),
            "continueFrom": base64.b64encode(f"seq:{mark}".encode()).decode(),
            "data": [{**shown_visit(one), "active": one.active} for one in some],
        }

    @routes.get("/appointments")
    async def listed(request: Request) -> Json:
        query = request.query_params
        rows = [one for one in office.visits.values() if one.active]
        if query.get("jobId"):
            rows = [one for one in rows if str(one.job.id) == query["jobId"]]
        if query.get("startsOnOrAfter"):
            rows = [one for one in rows if one.start >= read_time(query["startsOnOrAfter"])]
        if query.get("startsBefore"):
            rows = [one for one in rows if one.start < read_time(query["startsBefore"])]
        if query.get("modifiedBefore"):
            rows = [one for one in rows if one.modified < read_time(query["modifiedBefore"])]
        return paged([shown_visit(one) for one in rows], request)


def _after(one: Visit, token: str) -> bool:
    """A token of an earlier answer, a day to begin with, or nothing for all."""
    if not token:
        return True
    if len(token) == len("2020-01-01") and token[4] == "-":
        return one.modified >= read_time(token)
    try:
        kind, _, number = base64.b64decode(token, validate=True).decode().partition(":")
        return one.sequence > int(number) if kind == "seq" else False
    except (binascii.Error, ValueError):
        raise refusal(400, "The continuation token is not known.") from None


def _of_jobs(routes: APIRouter, office: Office) -> None:
    @routes.get("/jobs")
    async def listed(request: Request) -> Json:
        rows = [shown_job(one, office) for one in office.jobs.values()]
        if len(request.query_params.get("ids", "").split(",")) > 50:
            raise refusal(400, "No more than 50 ids.")
        return paged([row for row in rows if _asked(row, request)], request)

    @routes.get("/jobs/{number}/notes")
    async def notes(number: int, request: Request) -> Json:
        return paged(office.job(number).notes, request)

    @routes.get("/jobs/{number}/canceled-log")
    async def log(number: int, request: Request) -> Json:
        return paged(office.job(number).cancels, request)
