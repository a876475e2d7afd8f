"""The whole town: one clock, one courier, the platforms, rebuilt from scratch by a reset."""

from typing import Any

from fastapi import APIRouter

from sandbox import elsewhere
from sandbox.acuity import Acuity
from sandbox.clock import Clock
from sandbox.config import Config
from sandbox.courier import Courier
from sandbox.credentials import Credentials
from sandbox.door import Platform
from sandbox.faults import Faults
from sandbox.google_calendar import GoogleCalendar
from sandbox.kit import Kit
from sandbox.sendgrid import SendGrid
from sandbox.slack import Slack
from sandbox.traffic import Traffic
from sandbox.twilio import Twilio
from sandbox.zones import noon_zone

ALIASES = {"google": "google_calendar"}


class Town:
    """`routes` is what the platforms answer to right now; it changes with a reset."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.clock = Clock(config.clock_file)
        self.faults = Faults()
        self.traffic = Traffic()
        self.courier = Courier(self.clock, self.faults, self.traffic)
        self.secrets = Credentials(config.seed)
        self.build()

    def build(self) -> None:
        zone = self.config.zone or noon_zone(self.clock.now())
        kit = Kit(self.config, self.clock, self.courier, self.secrets, zone)
        self.kit = kit
        self.acuity = Acuity(kit)
        self.google = GoogleCalendar(kit, self.acuity.book)
        self.twilio = Twilio(kit)
        self.sendgrid = SendGrid(kit)
        self.slack = Slack(kit)
        self.others = elsewhere.build(kit)
        self.built = self.clock.now()

    async def reset(self) -> None:
        """Everything as at the start, the clock excepted; what was under way is forgotten."""
        await self.courier.forget()
        self.faults.clear()
        self.traffic.clear()
        self.build()

    def platforms(self) -> dict[str, Platform]:
        every: list[Any] = [self.acuity, self.google, self.twilio, self.sendgrid, self.slack]
        return {**{platform.slug: platform for platform in every}, **self.others}

    def routers(self) -> list[APIRouter]:
        return [
            self.acuity.router(),
            self.google.router(),
            self.twilio.router(),
            self.twilio.controls(),
            self.sendgrid.router(),
            self.slack.router(),
            *(platform.router() for platform in self.others.values()),
            *(platform.controls() for platform in self.others.values()),
        ]

    def state(self) -> dict[str, Any]:
        return {
            "now": self.clock.now().isoformat(),
            "offset_seconds": self.clock.offset(),
            "zone": self.kit.zone_name,
            "acuity": self.acuity.state(),
            "google_calendar": self.google.state(),
            "twilio": self.twilio.state(),
            "sendgrid": self.sendgrid.state(),
            "slack": self.slack.state(),
            **{slug: platform.state() for slug, platform in self.others.items()},
        }
