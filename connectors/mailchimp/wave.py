"""Many at once: everybody of the same quarter of an hour is in one segment and gets one campaign.

Segment and campaign carry the wave's name, so that a repeat and a second run find them.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from connectors.errors import NotFound, Refused, VendorFault
from connectors.http import Http
from connectors.mailchimp.client import rows
from connectors.parsing import documented, whole_number
from rebook.domain import clock

QUARTER = timedelta(minutes=15)
NEEDED = ("subject", "from_name", "reply_to", "template")
PLANNED = "save"


def departure(now: datetime) -> datetime:
    """The second full quarter of an hour from now: Mailchimp sends at those only."""
    past = timedelta(minutes=now.minute % 15, seconds=now.second, microseconds=now.microsecond)
    return now - past + 2 * QUARTER


def named(leaves: datetime) -> str:
    return f"Rebook {leaves:%Y-%m-%d %H:%M} UTC"


class Wave:
    def __init__(self, http: Http, list_id: str, settings: Mapping[str, str]) -> None:
        if not all(settings.get(name) for name in NEEDED):
            raise Refused(
                "the campaign's subject, sender or template is not set", code="no_campaign"
            )
        self._http = http
        self._list = list_id
        self._settings = settings
        self._leaves = departure(clock.now())
        self.name = named(self._leaves)

    def board(self, email: str) -> str:
        """Puts the address into the segment and makes sure the campaign leaves. Returns its id."""
        segment = self._segment()
        path = f"lists/{self._list}/segments/{segment}"
        answer = self._http.post(path, {"members_to_add": [email]})
        with documented():
            if answer.get("errors"):
                raise Refused("the address was not taken into the segment", code="not_added")
        campaign, status = self._campaign(segment)
        if status == PLANNED:
            leaves = self._leaves.isoformat(timespec="seconds")
            self._http.post(f"campaigns/{campaign}/actions/schedule", {"schedule_time": leaves})
        return campaign

    def leave(self, email: str) -> None:
        """Out of every wave that has not left: what has left cannot be called back, and was all."""
        for segment in self._waiting():
            path = f"lists/{self._list}/segments/{segment}"
            self._http.post(path, {"members_to_remove": [email]})

    def has_aboard(self, email: str) -> bool:
        for segment in self._waiting():
            path = f"lists/{self._list}/segments/{segment}/members"
            members = rows(self._http, path, "members", fields="members.email_address")
            with documented():
                if any(str(one["email_address"]).casefold() == email.casefold() for one in members):
                    return True
        return False

    def _waiting(self) -> list[int]:
        """Segments of the waves to come: an address may be in the next one and the one after."""
        names = {named(self._leaves), named(self._leaves - QUARTER)}
        with documented():
            return sorted(int(one["id"]) for one in self._segments() if one["name"] in names)

    def _segments(self) -> Iterator[Mapping[str, Any]]:
        since = (self._leaves - 4 * QUARTER).isoformat(timespec="seconds")
        path = f"lists/{self._list}/segments"
        return rows(self._http, path, "segments", type="static", since_created_at=since)

    def _segment(self) -> int:
        path = f"lists/{self._list}/segments"
        with documented():
            known = sorted(int(one["id"]) for one in self._segments() if one["name"] == self.name)
            if known:
                return known[0]
            made = self._http.post(path, {"name": self.name, "static_segment": []})
            return int(made["id"])

    def _campaign(self, segment: int) -> tuple[str, str]:
        """Made where there is none; where two runs made one each, the first stays."""
        if known := self._campaigns():
            return known[0]
        made = self._http.post("campaigns", self._body(segment))
        with documented():
            own = str(made["id"])
        known = self._campaigns()
        if not known:
            raise VendorFault("the campaign that was made is not listed")
        if known[0][0] != own:
            with suppress(NotFound):
                self._http.delete(f"campaigns/{own}")
        return known[0]

    def _campaigns(self) -> list[tuple[str, str]]:
        """Ids and statuses, the oldest first."""
        since = (self._leaves - 4 * QUARTER).isoformat(timespec="seconds")
        asked = {"list_id": self._list, "since_create_time": since}
        with documented():
            found = [
                (str(one["create_time"]), str(one["id"]), str(one["status"]))
                for one in rows(self._http, "campaigns", "campaigns", **asked)
                if one["settings"].get("title") == self.name
            ]
        return [(campaign, status) for _made, campaign, status in sorted(found)]

    def _body(self, segment: int) -> dict[str, Any]:
        return {
            "type": "regular",
            "recipients": {"list_id": self._list, "segment_opts": {"saved_segment_id": segment}},
            "settings": {
                "title": self.name,
                "subject_line": self._settings["subject"],
                "from_name": self._settings["from_name"],
                "reply_to": self._settings["reply_to"],
                "template_id": whole_number(self._settings, "template", 0),
            },
        }
