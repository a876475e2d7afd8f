"""One audience: its members, their tags and events, and static segments."""

import hashlib
import itertools

from sandbox import people
from sandbox.kit import Kit
from sandbox.mailchimp.errors import invalid, not_found, problem
from sandbox.wire import Json

LIST = "a6b5da1054"
LIST_NAME = "Harbour Street clients"
TEMPLATE = 77
JOURNEY, STEP = "12", "34"
STATUSES = {"subscribed", "unsubscribed", "cleaned", "pending", "transactional"}
REFUSING = {"unsubscribed", "cleaned"}


class Audience:
    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.members: dict[str, Json] = {}
        self.events: dict[str, list[Json]] = {}
        self.entered: list[Json] = []
        self.segments: dict[int, Json] = {}
        self._tags: dict[str, int] = {}
        self._ids = itertools.count(501)
        for who in people.clients(kit.config.clients):
            names = {"FNAME": who.first, "LNAME": who.last}
            self.put(who.email, {"status_if_new": "subscribed", "merge_fields": names})

    def now(self) -> str:
        return self.kit.clock.now().isoformat(timespec="seconds")

    def find(self, key: str) -> Json:
        """By the MD5 of the address in small letters, or by the address."""
        found = self.members.get(key) or self.members.get(digest(key))
        if found is None:
            raise not_found()
        return found

    def put(self, email: str, told: Json) -> Json:
        """Who is here keeps their status unless one is named; who refused is not taken in again."""
        if "@" not in email:
            raise invalid("Please provide a valid email address.")
        key = digest(email)
        known = self.members.get(key)
        status = told.get("status") or (known or {}).get("status") or told.get("status_if_new")
        if status not in STATUSES:
            raise invalid("The status is not one of the documented ones.")
        if known and known["status"] in REFUSING and status == "subscribed":
            raise problem(400, "Member In Compliance State", "The member has unsubscribed.")
        kept: Json = known or {"id": key, "email_address": email, "tags": [], "merge_fields": {}}
        merged = {**kept["merge_fields"], **(told.get("merge_fields") or {})}
        list_id = {"list_id": LIST, "contact_id": key, "unique_email_id": key[:10]}
        self.members[key] = {**kept, **list_id, "merge_fields": merged}
        return self.change(key, status)

    def change(self, key: str, status: str) -> Json:
        member = self.find(key)
        member |= {"status": status, "last_changed": self.now()}
        return member

    def tag(self, key: str, name: str, status: str) -> None:
        """Adding a tag that is there already adds nothing."""
        member = self.find(key)
        tags = [one for one in member["tags"] if one != name]
        member["tags"] = [*tags, name] if status == "active" else tags

    def tag_id(self, name: str) -> int:
        return self._tags.setdefault(name, 900 + len(self._tags))

    def note_event(self, key: str, told: Json) -> None:
        member = self.find(key)
        name = str(told.get("name") or "")
        if not 2 <= len(name) <= 30:
            raise invalid("An event's name has 2 to 30 characters.")
        happened = {
            "name": name,
            "occurred_at": self.now(),
            "properties": told.get("properties") or {},
        }
        self.events.setdefault(member["id"], []).insert(0, happened)

    def enter(self, journey: str, step: str, email: str) -> None:
        """Who is not on the audience cannot enter, and who refused gets nothing."""
        member = self.find(email)
        if (journey, step) != (JOURNEY, STEP):
            raise not_found()
        self.entered.append({"email_address": member["email_address"], "journey": journey})

    def add_segment(self, name: str, emails: list[str]) -> Json:
        number = next(self._ids)
        self.segments[number] = {"name": name, "members": [], "created_at": self.now()}
        self.fill(number, emails)
        return self.segment(number)

    def fill(self, number: int, emails: list[str]) -> Json:
        if number not in self.segments:
            raise not_found()
        known = [one for one in emails if digest(one) in self.members]
        inside: list[str] = self.segments[number]["members"]
        added = [one for one in known if one not in inside]
        inside.extend(added)
        missing = [one for one in emails if one not in known]
        error = {"email_addresses": missing, "error": "Email addresses are not on the list."}
        return {
            "members_added": [self.find(one) for one in added],
            "members_removed": [],
            "errors": [error] if missing else [],
            "total_added": len(added),
            "total_removed": 0,
            "error_count": 1 if missing else 0,
        }

    def empty(self, number: int, emails: list[str]) -> None:
        self.segment(number)
        gone = {one.lower() for one in emails}
        kept = self.segments[number]
        kept["members"] = [one for one in kept["members"] if one.lower() not in gone]

    def aboard(self, number: int) -> list[Json]:
        self.segment(number)
        return [self.find(one) for one in self.segments[number]["members"]]

    def segment(self, number: int) -> Json:
        if number not in self.segments:
            raise not_found()
        kept = self.segments[number]
        counted = {"id": number, "name": kept["name"], "member_count": len(kept["members"])}
        return {**counted, "type": "static", "created_at": kept["created_at"], "list_id": LIST}


def digest(email: str) -> str:
    return hashlib.md5(email.lower().encode(), usedforsecurity=False).hexdigest()
