"""ServiceTitan's HTTP surface, by module."""

from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from sandbox.servicetitan import lists
from sandbox.servicetitan.door import Door
from sandbox.servicetitan.office import TENANT, Office
from sandbox.servicetitan.wire import (
    STAFF,
    UNIT,
    read_time,
    refusal,
    shown_contacts,
    shown_customer,
    shown_job,
    shown_visit,
    stamp,
)
from sandbox.wire import BadBody, Json, read_form, read_json

TASK_FIELDS = {
    "reportedById", "assignedToId", "isClosed", "name", "businessUnitId",
    "employeeTaskTypeId", "employeeTaskSourceId", "reportedDate", "priority",
}  # fmt: skip


def router(office: Office) -> APIRouter:
    routes = APIRouter(prefix="/servicetitan")
    door = Door(office.kit)

    @routes.post("/connect/token")
    async def token(request: Request) -> Json:
        return door.exchange(await read_form(request))

    guarded = [Depends(door.guard)]
    jpm = APIRouter(prefix=f"/jpm/v2/tenant/{TENANT}", dependencies=guarded)
    _visits(jpm, office)
    _moves(jpm, office)
    _jobs(jpm, office)
    lists.add(jpm, office)
    others = APIRouter(dependencies=guarded)
    _others(others, office)
    routes.include_router(jpm)
    routes.include_router(others)
    return routes


async def body_of(request: Request, *required: str) -> Json:
    try:
        body = await read_json(request)
    except BadBody:
        raise refusal(400, "The body is not a JSON object.") from None
    if missing := [name for name in required if body.get(name) is None]:
        raise refusal(400, f"The field {missing[0]} is required.")
    return body


def _visits(routes: APIRouter, office: Office) -> None:
    @routes.get("/appointments/{number}")
    async def get(number: int) -> Json:
        return shown_visit(office.visit(number))

    @routes.post("/appointments")
    async def add(request: Request) -> Json:
        body = await body_of(request, "jobId", "start", "end")
        start, end = read_time(body["start"]), read_time(body["end"])
        return shown_visit(office.add(int(body["jobId"]), start, end))

    @routes.delete("/appointments/{number}")
    async def delete(number: int) -> Response:
        office.delete(number)
        return Response()


def _moves(routes: APIRouter, office: Office) -> None:
    @routes.patch("/appointments/{number}/reschedule")
    async def reschedule(number: int, request: Request) -> Json:
        body = await body_of(request, "start", "end")
        window: object = None
        if body.get("arrivalWindowStart") and body.get("arrivalWindowEnd"):
            window = (read_time(body["arrivalWindowStart"]), read_time(body["arrivalWindowEnd"]))
        start, end = read_time(body["start"]), read_time(body["end"])
        return shown_visit(office.reschedule(number, start, end, window))

    @routes.put("/appointments/{number}/hold")
    async def hold(number: int) -> Response:
        office.hold(number, on=True)
        return Response()

    @routes.delete("/appointments/{number}/hold")
    async def release(number: int) -> Response:
        office.hold(number, on=False)
        return Response()


def _jobs(routes: APIRouter, office: Office) -> None:
    @routes.get("/jobs/{number}")
    async def get(number: int) -> Json:
        return shown_job(office.job(number), office)

    @routes.put("/jobs/{number}/cancel")
    async def cancel(number: int, request: Request) -> Response:
        body = await body_of(request, "reasonId", "memo")
        office.cancel(number, int(body["reasonId"]), str(body["memo"]))
        return Response()

    @routes.put("/jobs/{number}/remove-cancellation")
    async def restore(number: int) -> Response:
        office.remove_cancellation(number)
        return Response()

    @routes.post("/jobs/{number}/notes")
    async def note(number: int, request: Request) -> Json:
        body = await body_of(request, "text")
        when = stamp(office.kit.clock.now())
        made = {"text": str(body["text"]), "isPinned": bool(body.get("pinToTop"))}
        made |= {"createdById": STAFF, "createdOn": when, "modifiedOn": when}
        office.job(number).notes.append(made)
        return made


def _others(routes: APIRouter, office: Office) -> None:
    @routes.get(f"/crm/v2/tenant/{TENANT}/customers/{{number}}")
    async def customer(number: int) -> Json:
        return shown_customer(_job_of(office, number))

    @routes.get(f"/crm/v2/tenant/{TENANT}/customers/{{number}}/contacts")
    async def contacts(number: int, request: Request) -> Json:
        return lists.paged(shown_contacts(_job_of(office, number)), request)

    @routes.post(f"/dispatch/v2/tenant/{TENANT}/capacity")
    async def capacity(request: Request) -> Json:
        wanted = ("startsOnOrAfter", "endsOnOrBefore", "skillBasedAvailability")
        body = await body_of(request, *wanted)
        now, zone = office.kit.clock.now(), office.kit.zone
        first, last = max(now, read_time(body[wanted[0]])), read_time(body[wanted[1]])
        return {
            "timeStamp": stamp(now),
            "availabilities": office.capacity.windows(first, last, zone),
        }

    @routes.post(f"/taskmanagement/v2/tenant/{TENANT}/tasks")
    async def task(request: Request) -> Json:
        body = await body_of(request, *sorted(TASK_FIELDS))
        number, when = len(office.tasks) + 1, stamp(office.kit.clock.now())
        made = {**body, "id": number, "taskNumber": number, "createdOn": when, "modifiedOn": when}
        office.tasks[number] = made
        return made

    @routes.get(f"/settings/v2/tenant/{TENANT}/business-units")
    async def units(request: Request) -> Json:
        when = stamp(office.kit.clock.now())
        tenant: dict[str, Any] = {"id": TENANT, "name": "harbourstreet", "modifiedOn": when}
        unit = {"id": UNIT, "active": True, "name": "Harbour Street", "tenant": tenant}
        return lists.paged([{**unit, "createdOn": when, "modifiedOn": when}], request)


def _job_of(office: Office, customer: int) -> Any:
    for job in office.jobs.values():
        if job.customer == customer:
            return job
    raise refusal(404, "The customer was not found.")
