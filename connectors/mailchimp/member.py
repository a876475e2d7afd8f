"""One person on the audience. Only who takes campaigns gets one, and nobody is subscribed again by us."""

from collections.abc import Mapping
from typing import Any

from connectors.errors import NotFound, OptedOut, Refused
from connectors.http import Http
from connectors.mailchimp.client import member_path
from connectors.parsing import documented
from rebook.domain.appointments import Person

SUBSCRIBED = "subscribed"
GONE = ("unsubscribed", "cleaned")
MARK = "rebook_started"


class Member:
    def __init__(
        self, http: Http, list_id: str, person: Person, settings: Mapping[str, str]
    ) -> None:
        self._http = http
        self._list = list_id
        self._person = person
        self._settings = settings
        self.email = person.email
        self.path = member_path(list_id, person.email)

    def require_consent(self) -> None:
        """Raises `OptedOut`, `Refused` without consent, `NotFound` for who is not on the audience."""
        try:
            found = self._http.get(self.path, fields="status")
        except NotFound:
            if not self._settings.get("add_as"):
                raise
            found = self._add()
        with documented():
            status = str(found["status"])
        if status in GONE:
            raise OptedOut("the member does not take campaigns", code="unsubscribed")
        if status != SUBSCRIBED:
            raise Refused("the member has not agreed to campaigns", code="no_consent")

    def _add(self) -> Any:
        """`status` is not sent: it would subscribe somebody again who was faster than we are."""
        names = {"FNAME": self._person.given_name, "LNAME": self._person.family_name}
        body = {
            "email_address": self.email,
            "status_if_new": self._settings["add_as"],
            "merge_fields": {tag: value for tag, value in names.items() if value},
        }
        return self._http.put(self.path, body)

    def has_started(self, our_ref: str) -> bool:
        answer = self._http.get(f"{self.path}/events", count=100)
        with documented():
            return any(
                event["name"] == MARK and (event.get("properties") or {}).get("ref") == our_ref
                for event in answer["events"]
            )

    def mark_started(self, our_ref: str, *, silent: bool) -> None:
        """An event that we can read back. A silent one starts no automation."""
        event = {"name": MARK, "properties": {"ref": our_ref}, "is_syncing": silent}
        self._http.post(f"{self.path}/events", event)

    def tag_anew(self, tag: str) -> None:
        """Taken off first: a flow starts when a tag is added, not when it is there."""
        for status in ("inactive", "active"):
            self.tag(tag, status)

    def tag(self, name: str, status: str) -> None:
        body = {"tags": [{"name": name, "status": status}]}
        self._http.post(f"{self.path}/tags", body)

    def tags(self) -> set[str]:
        """The names of those it bears."""
        answer = self._http.get(self.path, fields="tags")
        with documented():
            return {str(one["name"]) for one in answer["tags"]}
