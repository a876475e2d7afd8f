"""A technician with a phone: their page as a worker writes it, and the forms they send."""

import base64
import json
import secrets
from datetime import timedelta
from typing import Any

import httpx

from rebook.domain import clock
from rebook.domain.pageview import seal_view, token_hash
from tests.gateway.house import House
from tests.gateway.visitor import Form, form_of

JPEG = b"\xff\xd8\xff\xe0" + b"a picture of a closed door" * 40
VISIT: dict[str, Any] = {
    "ref": "appointment-1",
    "time": "9:00 am",
    "client": "Leilani K",
    "service": "Gutter cleaning",
    "place": "45-1048 Example Road",
    "status": "booked",
    "reported": [],
}
SECOND = VISIT | {
    "ref": "appointment-2",
    "time": "11:30 am",
    "client": "Kai",
    "status": "cancelled",
}
DAY: dict[str, Any] = {
    "business": "Windward Gutters",
    "business_phone": "+1 808 555 0100",
    "day": "Tuesday 24 November",
    "zone": "Pacific/Honolulu",
    "visits": [VISIT, SECOND],
}


def day_page(house: House, token: str = "", hours: float = 20, **changes: Any) -> str:
    """The page of a day, written or written anew; returns the link's token."""
    token = token or base64.b32encode(secrets.token_bytes(20)).decode().lower()
    with house.owner() as owner:
        owner.execute(
            "INSERT INTO technician_page VALUES"
            " (%(hash)s, 'acuity', 'crew-1', '2026-11-24', %(view)s, %(now)s, %(end)s)"
            " ON CONFLICT (token_hash) DO UPDATE SET view = excluded.view",
            {
                "hash": token_hash(token),
                "view": seal_view(token, DAY | changes),
                "now": clock.now(),
                "end": clock.now() + timedelta(hours=hours),
            },
        )
    return token


class Phone:
    """Its cookie jar is kept by hand, as a client's is."""

    def __init__(self, house: House, token: str) -> None:
        self.house = house
        self.token = token
        self.cookie = "__Host-visits" if house.public_url.startswith("https") else "visits"

    def get(self, path: str = "/visits", **options: Any) -> httpx.Response:
        return self.request("GET", path, **options)

    def form(self) -> Form:
        """The page's first form, nothing touched."""
        return form_of(self.get().text.partition("</form>")[0])

    def press(
        self, button: str, photo: bytes = b"", headers: dict[str, str] | None = None, **changes: str
    ) -> httpx.Response:
        return self.send(self.fields(button, **changes), photo, headers)

    def fields(self, button: str, **changes: str) -> dict[str, str]:
        found = {name: value for name, value in self.form().fields.items() if name != "photo"}
        return found | {"report": button, "note": ""} | changes

    def send(
        self, fields: dict[str, str], photo: bytes = b"", headers: dict[str, str] | None = None
    ) -> httpx.Response:
        """As a browser does: an untouched file field is an empty file."""
        parts: list[tuple[str, Any]] = [(name, (None, value)) for name, value in fields.items()]
        parts.append(("photo", ("door.jpg" if photo else "", photo, "image/jpeg")))
        return self.request("POST", "/visits", files=parts, headers=headers or {})

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"cookie": f"{self.cookie}={self.token}", **options.pop("headers", {})}
        with self.house.client() as client:
            return client.request(method, path, headers=headers, **options)

    def reports(self) -> list[dict[str, Any]]:
        """What a worker finds of this phone in the inbox."""
        rows = [row for row in self.house.rows("portal") if row["kind"] == "report"]
        found = [json.loads(self.house.opened(row)["body"]) for row in rows]
        return [report for report in found if report["token"] == self.token]
