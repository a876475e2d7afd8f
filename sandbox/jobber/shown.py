"""Jobber's objects as its GraphQL shows them: all the fields a client may choose from."""

from datetime import UTC, datetime
from typing import Any

from sandbox.jobber.store import Job, Store, Task, Visit
from sandbox.people import Client
from sandbox.wire import Json


def stamp(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def connection(nodes: list[Any], first: int | None = None, after: str | None = None) -> Json:
    """A relay page. A cursor is the number of the last node shown."""
    start = int(after) if after and after.isdigit() else 0
    end = start + (first or 100)
    return {
        "nodes": nodes[start:end],
        "edges": [{"cursor": str(n + 1), "node": nodes[n]} for n in range(len(nodes))[start:end]],
        "totalCount": len(nodes),
        "pageInfo": {
            "endCursor": str(min(end, len(nodes))) if nodes[start:end] else None,
            "hasNextPage": end < len(nodes),
            "hasPreviousPage": start > 0,
            "startCursor": str(start + 1) if nodes[start:end] else None,
        },
    }


def user(store: Store, identity: str) -> Json:
    first, _, last = store.users[identity].partition(" ")
    name = {"__typename": "Name", "first": first, "last": last, "full": store.users[identity]}
    return {"__typename": "User", "id": identity, "name": name}


def client(one: Client) -> Json:
    point = {"id": "", "description": "Main", "primary": True}
    digits = one.phone[2:]
    number = f"({digits[:3]}) {digits[3:6]}-{digits[6:]}"
    phone = {"number": number, "normalizedPhoneNumber": one.phone, "smsAllowed": True}
    return {
        "__typename": "Client",
        "firstName": one.first,
        "lastName": one.last,
        "name": f"{one.first} {one.last}",
        "companyName": None,
        "isCompany": False,
        "phones": [{**point, **phone, "friendly": number}],
        "emails": [{**point, "address": one.email}],
    }


def job(one: Job) -> Json:
    return {
        "__typename": "Job",
        "id": one.id,
        "jobNumber": one.number,
        "title": one.title,
        "client": client(one.client),
    }


def visit(store: Store, one: Visit) -> Json:
    place = {"street": "12 Shore Road", "street1": "12 Shore Road", "city": "Hilo"}
    return {
        "__typename": "Visit",
        "id": one.id,
        "title": f"{one.job.client.first} {one.job.client.last} - {one.job.title}",
        "createdAt": stamp(one.created),
        "startAt": stamp(one.start),
        "endAt": stamp(one.end),
        "allDay": False,
        "isComplete": one.complete,
        "completedAt": None,
        "visitStatus": lambda **_: status(store, one),
        "instructions": one.instructions or None,
        "assignedUsers": lambda **page: connection([user(store, one.user)], **page),
        "property": {"__typename": "Property", "address": place},
        "job": job(one.job),
        "client": client(one.job.client),
    }


def status(store: Store, one: Visit) -> str:
    """LATE is an incomplete visit whose end has passed."""
    now = store.kit.clock.now()
    if one.complete:
        return "COMPLETED"
    if one.start is None:
        return "UNSCHEDULED"
    if (one.end or one.start) < now:
        return "LATE"
    zone = store.kit.zone
    return (
        "TODAY" if one.start.astimezone(zone).date() == now.astimezone(zone).date() else "UPCOMING"
    )


def task(one: Task) -> Json:
    return {
        "__typename": "Task",
        "id": one.id,
        "title": one.title,
        "instructions": one.instructions or None,
        "startAt": stamp(one.start),
        "endAt": stamp(one.end),
        "allDay": one.all_day,
        "isComplete": False,
    }
