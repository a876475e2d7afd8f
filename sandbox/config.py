"""What a sandbox is started with."""

from dataclasses import dataclass
from pathlib import Path

SEED = "rebook-sandbox"


@dataclass(frozen=True)
class Config:
    """`zone` empty means: a place where it is about noon right now."""

    gateway: str
    clock_file: Path | None = None
    clients: int = 12
    limits: bool = True
    seed: str = SEED
    zone: str = ""
    platforms: tuple[str, ...] = ()
    """Platforms beside the five of the first story; see `sandbox.elsewhere`."""

    def hook(self, path: str) -> str:
        """The address our gateway listens on for one kind of webhook."""
        return f"{self.gateway.rstrip('/')}/hooks/{path}"
