"""What an admin enters to connect a platform, by name, and the steps that are left to them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module

from connectors import REGISTRY

COMMON = frozenset({"per_second"})
"""Settings that every platform takes."""


class Secret(StrEnum):
    """Where the word comes from that a platform's webhooks are verified with."""

    OURS = "a word of ours, which the platform is given"
    THEIRS = "the platform shows it, and it is entered here"
    LEARNED = "the platform makes it up, and tells it when we subscribe"
    CREDENTIAL = "one of the credentials"


class BadForm(ValueError):
    """What was entered does not fit. Names what, and never quotes a value."""


@dataclass(frozen=True)
class Form:
    """`ways` are the sets of credentials that serve, each whole; `known` settings may be left out."""

    ways: tuple[tuple[str, ...], ...]
    needed: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    secret: Secret = Secret.OURS
    secrets: tuple[str, ...] = ("current",)
    """What the secrets are called that the platform shows."""
    signs_with: str = ""
    """The credential that webhooks are signed with."""
    base_url: str = ""
    """How the address looks where each account has its own."""
    steps: tuple[str, ...] = ()
    """What is left to do at the vendor; `{hook}` is our address, `{secret}` the word it is given."""

    def check_settings(self, given: Mapping[str, str]) -> None:
        """Raises `BadForm`."""
        allowed = {*self.needed, *self.known, *COMMON}
        if unknown := sorted(set(given) - allowed):
            raise BadForm(
                f"no such setting: {', '.join(unknown)}. Known: {', '.join(sorted(allowed))}"
            )
        if missing := [name for name in self.needed if not given.get(name, "").strip()]:
            raise BadForm(f"needed settings are empty: {', '.join(missing)}")

    def check_credentials(self, given: Mapping[str, str]) -> None:
        """Raises `BadForm`."""
        filled = {name for name, value in given.items() if value.strip()}
        ways = "; or ".join(", ".join(way) for way in self.ways)
        if unknown := sorted(set(given) - {name for way in self.ways for name in way}):
            raise BadForm(f"no such credential: {', '.join(unknown)}. Known: {ways}")
        if not any(set(way) <= filled for way in self.ways):
            raise BadForm(f"credentials are missing. Needed: {ways}")

    def check_address(self, given: str) -> None:
        """Raises `BadForm`. Credentials go over plain http to this machine alone."""
        if self.base_url and not given:
            raise BadForm(f"the base URL is needed: {self.base_url}")
        near = given.startswith(("http://127.0.0.1:", "http://localhost:"))
        if given and not near and not given.startswith("https://"):
            raise BadForm("the base URL must begin with https://")


def form_of(slug: str) -> Form:
    """Raises `KeyError` for a platform we do not know."""
    if slug not in REGISTRY:
        raise KeyError(slug)
    found: Form = import_module(f"connectors.{slug}.form").FORM
    return found
