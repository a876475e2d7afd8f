"""What the standard suite must know of each vendor: `KIT` in the vendor's own folder of tests."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module

from connectors import REGISTRY
from connectors.contract import Capability, WebhookRequest

Signer = Callable[[bytes, str, str, bytes], WebhookRequest]
"""From a body, a URL, a kind and a secret, the request as the vendor would sign it."""


@dataclass(frozen=True)
class Kit:
    """Invented settings and credentials, an honest webhook, and what the vendor calls things."""

    path: str
    """The path below the vendor's address that the connector's base URL ends with."""
    credentials: Mapping[str, str]
    secret: bytes
    sign: Signer
    settings: Mapping[str, str] = field(default_factory=dict)
    """`{url}` in a setting stands for the vendor's address."""
    kinds: tuple[str, ...] = ("",)
    """The kinds of webhook the vendor sends: the last part of the path after the connection."""
    body: bytes = b""
    """A webhook of the first kind."""
    id: str = ""
    """An appointment, where the vendor has them."""
    was: str = ""
    """An appointment that a booking replaces, where the vendor books nothing without one."""
    calendar: str = ""
    to: str = ""
    """Whom a message goes to, where the vendor sends them."""
    extra: Mapping[Capability, Mapping[str, str]] = field(default_factory=dict)
    """Settings without which a capability makes no call."""
    succeeds: Mapping[tuple[Capability, int], str] = field(default_factory=dict)
    """Statuses that are no error for a capability, and why."""
    readings: Mapping[Capability, str] = field(default_factory=dict)
    """Recorded exchanges whose readings a create must begin with, where the platform makes it so."""
    vouching: tuple[str, ...] = ()
    """What vouches for a webhook beside headers named after a signature: a header, or `?name` of a query."""
    naive: tuple[str, str] = (
        r"(T\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(?:[+-]\d\d:?\d\d|Z)",
        r"\1",
    )
    """What takes the offset from every time in an answer: a pattern and what stands in its place."""
    deviations: Mapping[str, str] = field(default_factory=dict)
    """Faults against the spec that are none, and the line of FACTS.md that says so."""

    def signed(self, body: bytes, url: str, kind: str) -> WebhookRequest:
        return self.sign(body, url, kind, self.secret)


class Kits(dict[str, Kit]):
    """Each is read when it is first asked for: the vendors' files import this one."""

    def __missing__(self, slug: str) -> Kit:
        if slug not in REGISTRY:
            raise KeyError(slug)
        kit: Kit = import_module(f"tests.connectors.{slug}.kit").KIT
        self[slug] = kit
        return kit


KITS = Kits()
