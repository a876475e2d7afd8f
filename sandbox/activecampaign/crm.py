"""The studio's deals, one for each visit, and its contacts. All ids are text, as the API tells them."""

import itertools
from datetime import datetime, timedelta

from sandbox import people
from sandbox.activecampaign.errors import invalid, not_found
from sandbox.activecampaign.hooks import Hooks
from sandbox.acuity.model import FIRST_APPOINTMENT, SERVICES
from sandbox.kit import Kit
from sandbox.wire import Json

PIPELINE = "4"
STAGES = {"15": "Booked", "16": "Missed", "17": "Cancelled", "18": "Rescheduled"}
STARTS_FIELD, ENDS_FIELD, LINK_FIELD = "7", "8", "9"
FIELDS = {STARTS_FIELD: "Starts", ENDS_FIELD: "Ends", LINK_FIELD: "Acuity id"}
AUTOMATION = "42"


class Crm:
    def __init__(self, kit: Kit, hooks: Hooks) -> None:
        self.kit = kit
        self.hooks = hooks
        self.contacts: dict[str, Json] = {}
        self.deals: dict[str, Json] = {}
        self.fields: dict[str, dict[str, str]] = {}
        self.notes: dict[str, list[Json]] = {}
        self.entries: dict[str, Json] = {}
        self.lists: dict[str, str] = {}
        """The status of each contact on the one list: 1 takes campaigns, 2 does not."""
        self._ids = itertools.count(1)
        for number, visit in enumerate(
            people.visits(kit.config.clients, kit.clock.now(), kit.zone)
        ):
            self._seed(number, visit)

    def _seed(self, number: int, visit: people.Visit) -> None:
        who, service = visit.client, SERVICES[visit.service]
        told = {"email": who.email, "firstName": who.first, "lastName": who.last}
        contact = self.put_contact({**told, "phone": who.phone})
        ends = visit.start + timedelta(minutes=service.minutes)
        deal_id = self._next()
        self.fields[deal_id] = {
            STARTS_FIELD: visit.start.isoformat(),
            ENDS_FIELD: ends.isoformat(),
            LINK_FIELD: str(FIRST_APPOINTMENT + number),
        }
        self._keep(deal_id, {"title": service.name, "contact": contact["id"], "stage": "15"})

    def _next(self) -> str:
        return str(next(self._ids))

    def now(self) -> str:
        """In the account's own offset, to the second."""
        return self.kit.clock.now().astimezone(self.kit.zone).isoformat(timespec="seconds")

    def put_contact(self, told: Json) -> Json:
        """An upsert by e-mail address; who is new is on the list."""
        email = str(told.get("email") or "").lower()
        if "@" not in email:
            raise invalid("email", "Contact Email Address is not valid.", "email_invalid")
        found = next((c for c in self.contacts.values() if c["email"].lower() == email), None)
        if found is None:
            number = self._next()
            blank = {"phone": "", "firstName": "", "lastName": "", "deleted": "0"}
            found = {"id": number, "email": email, **blank, "cdate": self.now()}
            self.contacts[number], self.lists[number] = found, "1"
        names = ("firstName", "lastName", "phone")
        found |= {name: str(told[name]) for name in names if name in told}
        return found

    def contact(self, contact_id: str) -> Json:
        if contact_id not in self.contacts:
            raise not_found("Subscriber", contact_id)
        return self.contacts[contact_id]

    def deal(self, deal_id: str) -> Json:
        if deal_id not in self.deals:
            raise not_found("Deal", deal_id)
        return self.deals[deal_id]

    def create(self, told: Json) -> Json:
        for name in ("title", "contact", "currency", "group", "stage"):
            if not told.get(name):
                raise invalid(name, f"The deal {name} was not provided.", f"{name}_missing")
        self.contact(str(told["contact"]))
        deal_id = self._next()
        self._write_fields(deal_id, told.get("fields") or [])
        self._keep(deal_id, told)
        return self.deals[deal_id]

    def update(self, deal_id: str, told: Json, *, source: str = "api") -> Json:
        deal = self.deal(deal_id)
        self._require_stage(str(told.get("stage") or deal["stage"]))
        changed = {n: str(v) for n, v in told.items() if n in deal and deal[n] != str(v)}
        self._write_fields(deal_id, told.get("fields") or [])
        deal |= {**changed, "mdate": self.now()}
        self.hooks.deal("deal_update", self.told(deal), ["mdate", *changed], source)
        return deal

    def told(self, deal: Json) -> Json:
        """What a webhook says of a deal, its contact beside it."""
        contact = self.contacts.get(deal["contact"], {})
        return {**deal, "stage_title": STAGES[deal["stage"]], "person": contact}

    def whole(self, deal: Json) -> Json:
        """For tests to look at."""
        notes = [one["note"] for one in self.notes.get(deal["id"], [])]
        shown = {FIELDS[key]: value for key, value in self.fields.get(deal["id"], {}).items()}
        return {**deal, "stage_title": STAGES[deal["stage"]], "fields": shown, "notes": notes}

    def note(self, deal_id: str, text: str) -> Json:
        self.deal(deal_id)
        made = {"id": self._next(), "note": text, "cdate": self.now()}
        self.notes.setdefault(deal_id, []).append(made)
        return made

    def enter(self, contact: str, automation: str) -> Json:
        """An automation does not take in who is in it already."""
        inside = [e for e in self.entries.values() if e["contact"] == contact]
        if automation != AUTOMATION or inside or contact not in self.contacts:
            raise invalid("", "Could not create SubscriberSeries", "", status=403)
        number = self._next()
        entry = {"contact": contact, "seriesid": automation, "automation": automation}
        self.entries[number] = {**entry, "status": "1", "adddate": self.now(), "id": number}
        return self.entries[number]

    def leave(self, number: str) -> None:
        if self.entries.pop(number, None) is None:
            raise not_found("ContactAutomation", number)

    def _keep(self, deal_id: str, told: Json) -> None:
        self._require_stage(str(told["stage"]))
        now = self.now()
        self.deals[deal_id] = {
            "id": deal_id,
            "title": str(told["title"]),
            "description": str(told.get("description") or ""),
            "contact": str(told["contact"]),
            "owner": str(told.get("owner") or "1"),
            "group": PIPELINE,
            "stage": str(told["stage"]),
            "status": str(told.get("status") or 0),
            "value": str(told.get("value") or 0),
            "currency": str(told.get("currency") or "usd"),
            "cdate": now,
            "mdate": now,
            "isDisabled": False,
            "links": {"notes": f"/api/3/deals/{deal_id}/notes"},
        }
        self.hooks.deal("deal_add", self.told(self.deals[deal_id]), [], "api")

    def _require_stage(self, stage: str) -> None:
        if stage not in STAGES:
            raise invalid("stage", "The stage does not exist.", "stage_invalid")

    def _write_fields(self, deal_id: str, fields: list[Json]) -> None:
        own = self.fields.setdefault(deal_id, {})
        own |= {str(one["customFieldId"]): str(one["fieldValue"]) for one in fields}

    def changed_since(self, day: str) -> list[Json]:
        """Of that day and later; the filter knows no hours."""
        kept = [one for one in self.deals.values() if one["mdate"][:10] >= day]
        return sorted(kept, key=lambda one: (datetime.fromisoformat(one["cdate"]), int(one["id"])))
