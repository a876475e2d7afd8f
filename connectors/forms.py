"""What an admin enters to connect a platform, by name, and the steps that are left to them."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from importlib import import_module

from connectors import REGISTRY
from connectors.oauth import Sends

COMMON = frozenset({"per_second"})
"""Settings that every platform takes."""
SIGNING_IN = frozenset({"authorize_url", "redirect_url", "oauth_scopes"})
"""Settings that every platform takes where a person signs in."""
Entry = Callable[[str, Mapping[str, str], Mapping[str, str]], str]
"""An address that depends on the base URL, the settings and the credentials that were entered."""


class Secret(StrEnum):
    """Where the word comes from that a platform's webhooks are verified with."""

    OURS = "a word of ours, which the platform is given"
    THEIRS = "the platform shows it, and it is entered here"
    LEARNED = "the platform makes it up, and tells it when we subscribe"
    CREDENTIAL = "one of the credentials"


class BadForm(ValueError):
    """What was entered does not fit. Names what, and never quotes a value."""


@dataclass(frozen=True)
class Learned:
    """A setting that the platform tells itself, in the address it sends a person back to."""

    parameter: str
    setting: str
    means: Mapping[str, str] | None = None
    """Our word for theirs; None where it is taken as it is, made of letters and digits."""


@dataclass(frozen=True)
class SignIn:
    """How a person lets us into their account (RFC 6749 section 4.1): what is a vendor's own about it."""

    authorize_url: str | Entry
    token_url: str | Entry
    scopes: tuple[str, ...] = ()
    """None where they are chosen in the application's own settings at the vendor."""
    separator: str = " "
    asks: Mapping[str, str] = field(default_factory=lambda: {"response_type": "code"})
    """What else stands in the address."""
    pkce: bool = False
    """RFC 7636: the code is of use only to whoever began the walk."""
    sends: Sends = Sends.FORM
    https_only: bool = False
    """People are sent back to https alone: to the gateway's page."""
    learns: tuple[Learned, ...] = ()
    own_address: tuple[str, str] | None = None
    """Where the token service names the account's base URL, and the domain that it must be in."""


@dataclass(frozen=True)
class Way:
    """What is asked for, and whether the rest is got by signing in."""

    names: tuple[str, ...]
    signs_in: bool = False


@dataclass(frozen=True)
class Form:
    """`ways` are the sets of credentials that serve, each whole; `known` settings may be left out."""

    ways: tuple[tuple[str, ...], ...]
    needed: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    secret: Secret = Secret.OURS
    secrets: tuple[str, ...] = ("current",)
    """What the secrets are called that the platform shows."""
    signs_for_apps: bool = False
    """For an application the platform signs with a key that it shows, whatever it does otherwise."""
    signs_with: str = ""
    """The credential that webhooks are signed with."""
    base_url: str = ""
    """How the address looks where each account has its own."""
    steps: tuple[str, ...] = ()
    """What is left to do at the vendor; `{hook}` is our address, `{secret}` the word it is given."""
    sign_in: SignIn | None = None
    """In place of a refresh token that was got elsewhere."""

    @property
    def learned(self) -> frozenset[str]:
        """The settings that a sign-in tells."""
        return (
            frozenset(one.setting for one in self.sign_in.learns) if self.sign_in else frozenset()
        )

    @property
    def choices(self) -> tuple[Way, ...]:
        """Signing in stands before the refresh token that it spares."""
        found = []
        for way in self.ways:
            if self.sign_in and "refresh_token" in way:
                rest = tuple(name for name in way if name != "refresh_token")
                found.append(Way(rest, signs_in=True))
            found.append(Way(way))
        return tuple(found)

    def secret_for(self, credentials: Collection[str]) -> Secret:
        """Where the word comes from with the credentials of these names."""
        return Secret.THEIRS if self.signs_for_apps and "client_id" in credentials else self.secret

    def check_settings(self, given: Mapping[str, str], *, later: Collection[str] = ()) -> None:
        """Raises `BadForm`. What is only known `later` may be missing."""
        allowed = {*self.needed, *self.known, *COMMON, *(SIGNING_IN if self.sign_in else ())}
        if unknown := sorted(set(given) - allowed):
            raise BadForm(
                f"no such setting: {', '.join(unknown)}. Known: {', '.join(sorted(allowed))}"
            )
        needed = [name for name in self.needed if name not in later]
        if missing := [name for name in needed if not given.get(name, "").strip()]:
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
