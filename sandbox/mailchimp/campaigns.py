"""Campaigns: made, scheduled for a quarter of an hour, and sent once to who agreed to them."""

from datetime import datetime

from sandbox.kit import Kit
from sandbox.mailchimp.audience import LIST, TEMPLATE, Audience
from sandbox.mailchimp.errors import invalid, not_found
from sandbox.wire import Json


class Campaigns:
    def __init__(self, kit: Kit, audience: Audience) -> None:
        self._kit = kit
        self._audience = audience
        self.all: dict[str, Json] = {}
        self.mails: list[Json] = []

    def create(self, told: Json) -> Json:
        recipients, settings = told.get("recipients") or {}, told.get("settings") or {}
        if told.get("type") != "regular" or recipients.get("list_id") != LIST:
            raise invalid("The type or the audience is not known.")
        if settings.get("template_id") not in (None, TEMPLATE):
            raise invalid("The template does not exist.")
        number = self._kit.secrets.make(f"mailchimp-campaign-{len(self.all)}", 10)
        self.all[number] = {
            "id": number,
            "type": "regular",
            "status": "save",
            "create_time": self._audience.now(),
            "send_time": "",
            "recipients": recipients,
            "settings": settings,
        }
        return self.all[number]

    def find(self, number: str) -> Json:
        if number not in self.all:
            raise not_found()
        return self.all[number]

    def remove(self, number: str) -> None:
        if self.find(number)["status"] == "schedule":
            raise invalid("A scheduled campaign cannot be deleted.")
        del self.all[number]

    def schedule(self, number: str, moment: object) -> None:
        campaign = self.find(number)
        try:
            at = datetime.fromisoformat(str(moment))
        except ValueError:
            raise invalid("The schedule time is not a date and time.") from None
        if at.tzinfo is None or at.minute % 15 or at.second or at <= self._kit.clock.now():
            raise invalid("A campaign is sent at a quarter of an hour to come.")
        settings = campaign["settings"]
        ready = all(
            settings.get(n) for n in ("subject_line", "from_name", "reply_to", "template_id")
        )
        if campaign["status"] != "save" or not ready:
            raise invalid("The campaign is not ready to be scheduled.")
        campaign |= {"status": "schedule", "send_time": at.isoformat()}

    def send_due(self) -> int:
        """Each once, to the members of its segment who are subscribed now."""
        due = [c for c in self.all.values() if c["status"] == "schedule" and self._is_due(c)]
        for campaign in due:
            campaign["status"] = "sent"
            segment = campaign["recipients"]["segment_opts"]["saved_segment_id"]
            for email in self._audience.segments[segment]["members"]:
                if self._audience.find(email)["status"] == "subscribed":
                    self.mails.append({"to": email, "campaign": campaign["id"]})
        return len(due)

    def _is_due(self, campaign: Json) -> bool:
        return datetime.fromisoformat(campaign["send_time"]) <= self._kit.clock.now()
