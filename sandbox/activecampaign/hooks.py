"""ActiveCampaign's webhooks: forms with brackets, unsigned, sent once. A 410 switches one off for good."""

import itertools
from urllib.parse import urlencode

import httpx

from sandbox.activecampaign.errors import invalid, not_found
from sandbox.courier import Post
from sandbox.kit import Kit
from sandbox.wire import Json


class Hooks:
    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self._ids = itertools.count(1)
        self.registered: dict[str, Json] = {}

    def register(self, told: Json) -> Json:
        """The vendor wants https on port 443; the sandbox takes any address."""
        if not str(told.get("url", "")).startswith(("http://", "https://")):
            raise invalid("url", "The url is not valid.", "url_invalid")
        if not told.get("events") or not told.get("sources"):
            raise invalid("events", "Events and sources are required.", "events_missing")
        number = str(next(self._ids))
        names = ("name", "url", "events", "sources")
        made: Json = {name: told.get(name) for name in names}
        self.registered[number] = {**made, "listid": "0", "links": [], "state": "1", "id": number}
        return self.registered[number]

    def remove(self, number: str) -> None:
        if self.registered.pop(number, None) is None:
            raise not_found("Webhook", number)

    def deal(self, event: str, deal: Json, changed: list[str], source: str) -> None:
        person = deal["person"]
        form = {
            **self._top(event, source),
            "deal[id]": deal["id"],
            "deal[title]": deal["title"],
            "deal[stageid]": deal["stage"],
            "deal[stage_title]": deal["stage_title"],
            "deal[pipelineid]": deal["group"],
            "deal[status]": deal["status"],
            "deal[value_raw]": deal["value"],
            "deal[contactid]": deal["contact"],
            **_contact(person),
            **{f"updated_fields[{at}]": name for at, name in enumerate(changed)},
        }
        self._post(event, source, form)

    def refused(self, event: str, person: Json) -> None:
        self._post(event, "public", {**self._top(event, "public"), **_contact(person)})

    def _top(self, event: str, source: str) -> Json:
        now = self._kit.clock.now().astimezone(self._kit.zone).isoformat(timespec="seconds")
        by = {"initiated_from": source, "initiated_by": source}
        return {"type": event, "date_time": now, **by, "list": "0", "orgname": ""}

    def _post(self, event: str, source: str, form: Json) -> None:
        body = urlencode(form).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        for hook in self.registered.values():
            if event in hook["events"] and source in hook["sources"] and hook["state"] == "1":
                self._send(hook, event, headers, body)

    def _send(self, hook: Json, event: str, headers: dict[str, str], body: bytes) -> None:
        def answered(answer: httpx.Response) -> None:
            if answer.status_code == 410:
                hook["state"] = "0"

        post = Post(
            "activecampaign",
            str(hook["url"]),
            event,
            lambda: (headers, body),
            attempts=1,
            on_answer=answered,
        )
        self._kit.courier.send(post)


def _contact(person: Json) -> Json:
    names = {
        "id": "id",
        "email": "email",
        "first_name": "firstName",
        "last_name": "lastName",
        "phone": "phone",
    }
    return {f"contact[{name}]": person.get(own, "") for name, own in names.items()}
