"""A client with a browser: follows a link, reads the page, sends the form the page holds."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import httpx

from tests.gateway.house import House


@dataclass
class Form(HTMLParser):
    """What a page would send if one pressed its button and touched nothing else."""

    fields: dict[str, str] = field(default_factory=dict)
    radios: list[dict[str, str | None]] = field(default_factory=list)
    tags: list[tuple[str, list[tuple[str, str | None]]]] = field(default_factory=list)
    action: str = ""
    method: str = ""

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append((tag, attrs))
        if tag == "form":
            self.action, self.method = str(given["action"]), str(given["method"])
        if tag == "input" and given.get("type") == "radio":
            self.radios.append(given)
        elif tag == "input":
            self.fields[str(given["name"])] = str(given.get("value") or "")


def form_of(html: str) -> Form:
    form = Form()
    form.feed(html)
    return form


def words(html: str) -> str:
    """The page's visible text in one line."""
    body = html.partition("<body>")[2]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body)).strip()


class Visitor:
    """Its cookie jar is kept by hand: the gateway is behind https in public, and not here."""

    def __init__(self, house: House, token: str, cookie: str = "offer") -> None:
        self.house = house
        self.token = token
        self.cookie = f"__Host-{cookie}" if house.public_url.startswith("https") else cookie

    def get(self, path: str = "/offer", **options: Any) -> httpx.Response:
        return self.request("GET", path, **options)

    def form(self) -> Form:
        return form_of(self.get().text)

    def send(self, path: str, **answers: str) -> httpx.Response:
        """The form of a page, with answers in it."""
        fields = form_of(self.get(path).text).fields | answers
        return self.request("POST", path.partition("?")[0], data=fields)

    def choose(self, slot: str | None, **changes: str) -> httpx.Response:
        fields = self.form().fields | ({} if slot is None else {"slot": slot}) | changes
        return self.post(fields)

    def post(self, fields: dict[str, str], **options: Any) -> httpx.Response:
        return self.request("POST", "/offer", data=fields, **options)

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"cookie": f"{self.cookie}={self.token}", **options.pop("headers", {})}
        with self.house.client() as client:
            return client.request(method, path, headers=headers, **options)
