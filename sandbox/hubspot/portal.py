"""A HubSpot account: contacts, meetings and tasks, and the app that is told of their changes."""

import itertools
from datetime import UTC, datetime, timedelta

from sandbox import people
from sandbox.acuity.model import FIRST_APPOINTMENT, FIRST_CALENDAR, SERVICES
from sandbox.hubspot.hooks import Hooks
from sandbox.hubspot.wire import (
    NAMES,
    OF_ALL,
    OUTCOMES,
    TIMES,
    Record,
    read_time,
    refusal,
    stamp,
)
from sandbox.kit import Kit

APP = 51_879_189
LINK = "harbour/visit"
UNIQUE = {"rebook_key", "email"}


def token_of(kit: Kit) -> str:
    return f"pat-sandbox-{kit.secrets.make('hubspot-token')}"


class Portal:
    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.hooks = Hooks(kit, APP)
        self._records: dict[str, Record] = {}
        self._ids = itertools.count(90_001)
        names = people.practitioners(kit.config.clients)
        self.owners = {FIRST_CALENDAR + n: str(801 + n) for n in range(len(names))}
        visits = people.visits(kit.config.clients, kit.clock.now(), kit.zone)
        for number, visit in enumerate(visits):
            self._seed(visit, FIRST_APPOINTMENT + number)

    def _seed(self, visit: people.Visit, acuity_id: int) -> None:
        client, service = visit.client, SERVICES[visit.service]
        contact = self._keep(
            "contacts",
            {
                "firstname": client.first,
                "lastname": client.last,
                "email": client.email,
                "mobilephone": client.phone,
            },
        )
        start = visit.start.astimezone(UTC)
        meeting = self._keep(
            "meetings",
            {
                "hs_meeting_title": f"{service.name} – {client.first} {client.last[:1]}.",
                "hs_meeting_start_time": stamp(start),
                "hs_meeting_end_time": stamp(start + timedelta(minutes=service.minutes)),
                "hs_meeting_outcome": "SCHEDULED",
                "hs_timestamp": stamp(start),
                "hubspot_owner_id": self.owners[FIRST_CALENDAR + visit.calendar],
                "acuity_id": str(acuity_id),
            },
        )
        self._link(meeting, contact.id)

    def _keep(self, kind: str, properties: dict[str, str | None]) -> Record:
        now = self.kit.clock.now()
        blank: dict[str, str | None] = dict.fromkeys(NAMES[kind])
        made = Record(str(next(self._ids)), kind, {**blank, **properties}, now, now)
        self._records[made.id] = made
        return made

    def _link(self, meeting: Record, contact: str) -> None:
        meeting.linked.append(contact)
        self._records[contact].linked.append(meeting.id)

    def of(self, kind: str, *, archived: bool = False) -> list[Record]:
        if kind not in NAMES:
            raise refusal(400, "VALIDATION_ERROR", "Unable to infer object type")
        found = (one for one in self._records.values() if one.kind == kind)
        return [one for one in found if (one.archived is not None) == archived]

    def find(self, kind: str, number: str, by: str = "") -> Record:
        """By its id, or by a property whose values are unique."""
        if by and by not in UNIQUE:
            raise refusal(400, "VALIDATION_ERROR", "the property is not unique")
        for one in self.of(kind):
            if (one.properties.get(by) if by else one.id) == number:
                return one
        raise refusal(404, "OBJECT_NOT_FOUND", "Object not found")

    def create(self, kind: str, properties: dict[str, str], contacts: list[str]) -> Record:
        self.of(kind)
        checked = self._checked(kind, properties)
        for name in UNIQUE & checked.keys():
            if any(one.properties.get(name) == checked[name] for one in self.of(kind)):
                raise refusal(400, "VALIDATION_ERROR", f"another object has that {name}")
        if kind == "meetings" and "hs_timestamp" not in checked:
            raise refusal(400, "VALIDATION_ERROR", "hs_timestamp is required")
        linked = [self.find("contacts", contact) for contact in contacts]
        made = self._keep(kind, dict(checked))
        for contact in linked:
            self._link(made, contact.id)
        self.hooks.tell(made, "object.creation")
        return made

    def update(self, kind: str, number: str, properties: dict[str, str], by: str = "") -> Record:
        """By our app: what a person does there is `edit`."""
        return self._changed(self.find(kind, number, by), properties, by_app=True)

    def edit(self, number: str, properties: dict[str, str]) -> Record:
        return self._changed(self.find("meetings", number), properties, by_app=False)

    def _changed(self, one: Record, properties: dict[str, str], *, by_app: bool) -> Record:
        for name, value in self._checked(one.kind, properties).items():
            if one.properties.get(name) != value:
                one.properties[name] = value
                one.changed = self.kit.clock.now()
                self.hooks.tell(one, "object.propertyChange", name, by_app=by_app)
        return one

    def archive(self, kind: str, number: str) -> None:
        one = self.find(kind, number)
        one.archived = one.changed = self.kit.clock.now()
        self.hooks.tell(one, "object.deletion")

    def _checked(self, kind: str, properties: dict[str, str]) -> dict[str, str]:
        if unknown := properties.keys() - NAMES[kind] - OF_ALL:
            raise refusal(400, "VALIDATION_ERROR", f"PROPERTY_DOESNT_EXIST {min(unknown)}")
        if properties.get("hs_meeting_outcome", "SCHEDULED") not in OUTCOMES:
            raise refusal(400, "VALIDATION_ERROR", "INVALID_OPTION")
        told = {n: v for n, v in properties.items() if n in TIMES}
        return {**properties, **{name: stamp(read_time(value)) for name, value in told.items()}}

    def busy(self, start: datetime, end: datetime) -> bool:
        """The one owner of the meeting link is busy."""
        return any(
            read_time(one.properties["hs_meeting_start_time"]) < end
            and start < read_time(one.properties["hs_meeting_end_time"])
            for one in self.of("meetings")
            if one.properties["hubspot_owner_id"] == "801"
            and one.properties["hs_meeting_outcome"] in ("SCHEDULED", "RESCHEDULED")
        )
