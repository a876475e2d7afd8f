"""Intuit's two webhook formats: an array of CloudEvents, and the older object. Both only say: look."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.records import moment


@dataclass(frozen=True)
class Event:
    realm: str
    kind: str
    """`created`, `updated`, `deleted`, `voided`, ..."""
    invoice: str
    at: datetime | None


OLD = {"Create": "created", "Update": "updated", "Delete": "deleted", "Void": "voided"}


def read(body: Any) -> list[Event]:
    """The events of invoices; one of an unknown shape says nothing."""
    found = _cloud_events(body) if isinstance(body, list) else _legacy(body)
    return [e for e in found if e.invoice.isascii() and e.invoice.isdigit()]


def _cloud_events(body: list[Any]) -> Iterator[Event]:
    for one in body:
        if not isinstance(one, Mapping):
            continue
        source, _, kind = str(one.get("type") or "").removesuffix(".v1").rpartition(".")
        if source == "qbo.invoice":
            realm, number = str(one.get("intuitaccountid")), str(one.get("intuitentityid"))
            yield Event(realm, kind, number, moment(one.get("time"), None))


def _legacy(body: Any) -> Iterator[Event]:
    for company in _rows(body, "eventNotifications"):
        for one in _rows(company.get("dataChangeEvent"), "entities"):
            if one.get("name") == "Invoice":
                kind = OLD.get(str(one.get("operation")), "")
                at = moment(one.get("lastUpdated"), None)
                yield Event(str(company.get("realmId")), kind, str(one.get("id")), at)


def _rows(value: Any, name: str) -> Iterator[Mapping[str, Any]]:
    rows = value.get(name) if isinstance(value, Mapping) else None
    yield from (row for row in (rows if isinstance(rows, list) else []) if isinstance(row, Mapping))
