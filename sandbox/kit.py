"""What every platform is built with."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sandbox.clock import Clock
from sandbox.config import Config
from sandbox.courier import Courier
from sandbox.credentials import Credentials


@dataclass(frozen=True)
class Kit:
    config: Config
    clock: Clock
    courier: Courier
    secrets: Credentials
    zone_name: str

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone_name)
