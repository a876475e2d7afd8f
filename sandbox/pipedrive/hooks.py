"""Pipedrive's webhooks, version 2: HTTP Basic, another shape than the API's, four attempts."""

import base64
import itertools
import json
import uuid
from typing import Any

from sandbox.courier import Post
from sandbox.kit import Kit
from sandbox.wire import Json

MOST = 40
COMPANY, USER = 8087566, 31


class Hooks:
    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self._ids = itertools.count(7)
        self.rows: dict[int, Json] = {}

    def add(self, given: Json) -> Json:
        number = next(self._ids)
        self.rows[number] = {
            "id": number,
            "company_id": COMPANY,
            "owner_id": USER,
            "user_id": USER,
            "version": "2.0",
            "is_active": 1,
            "add_time": self._kit.clock.now().isoformat(timespec="milliseconds"),
            "http_auth_user": None,
            "http_auth_password": None,
            **given,
        }
        return self.rows[number]

    def tell(self, action: str, row: Json | None, before: Json | None) -> None:
        for hook in list(self.rows.values()):
            fits = hook["event_object"] in ("*", "activity") and hook["event_action"] in (
                "*",
                action,
            )
            if fits and hook["is_active"]:
                self._post(hook, action, row, before)

    def _post(self, hook: Json, action: str, row: Json | None, before: Json | None) -> None:
        meta = self._meta(hook, action, row or before or {})
        data = _shaped(row) if row else None
        previous = _shaped(before) if before else None
        if data and previous:
            previous = {name: old for name, old in previous.items() if old != data[name]}
        attempts = itertools.count(1)

        def build() -> tuple[dict[str, str], bytes]:
            told = {"data": data, "previous": previous}
            body = {**told, "meta": {**meta, "attempt": next(attempts)}}
            return _headers(hook), json.dumps(body).encode()

        url = str(hook["subscription_url"])
        self._kit.courier.send(
            Post("pipedrive", url, f"{action}.activity", build, attempts=4, timeout=10.0)
        )

    def _meta(self, hook: Json, action: str, row: Json) -> Json:
        return {
            "action": action,
            "company_id": str(COMPANY),
            "correlation_id": str(uuid.uuid4()),
            "entity_id": str(row["id"]),
            "entity": "activity",
            "id": str(uuid.uuid4()),
            "is_bulk_edit": False,
            "timestamp": self._kit.clock.now().isoformat(timespec="milliseconds")[:-6] + "Z",
            "type": "general",
            "user_id": str(USER),
            "version": "2.0",
            "webhook_id": str(hook["id"]),
            "webhook_owner_id": str(USER),
            "change_source": "app",
            "host": "shore.pipedrive.com",
        }


def _headers(hook: Json) -> dict[str, str]:
    headers = {"Content-Type": "application/json"}
    if hook["http_auth_user"] or hook["http_auth_password"]:
        pair = f"{hook['http_auth_user'] or ''}:{hook['http_auth_password'] or ''}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    return headers


def _shaped(row: Json) -> Json:
    left_out = {"is_deleted", "busy", "participants", "attendees", "outcome", "note", "priority"}
    kept: dict[str, Any] = {name: value for name, value in row.items() if name not in left_out}
    for name in ("due_time", "duration"):
        kept[name] = {"timezone_id": None, "value": (row[name] or "")[:5]} if row[name] else None
    flags = {"active_flag": not row["is_deleted"], "busy_flag": row["busy"] or None}
    return {**kept, **flags, "custom_fields": {}}
