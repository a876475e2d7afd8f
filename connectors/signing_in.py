"""The walk of a person who signs in at a platform, from the address they open to the first tokens.

State and verifier live in memory only, and nothing that was entered is quoted.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from secrets import token_urlsafe
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from connectors.forms import Entry, SignIn
from connectors.oauth import CodeGrant

NEARBY = "http://localhost:8765/connected"
"""Nothing listens there: the browser's address bar carries the code."""
PAGE = "/connected"
PLAIN = re.compile(r"[A-Za-z0-9._-]{1,64}")
ADDRESS = re.compile(r"://|(^|[?&])(code|state|error)=")
CODE = re.compile(r"[\x21-\x7e]{4,4000}")
ANSWERS: Mapping[str, str] = {
    "access_denied": "the sign-in was declined at the platform (access_denied)",
    "invalid_scope": "the application may not have these scopes (invalid_scope)",
    "unauthorized_client": "the application may not be signed in to this way (unauthorized_client)",
    "temporarily_unavailable": "the platform cannot sign anybody in now (temporarily_unavailable)",
    "server_error": "the platform failed to sign you in (server_error)",
}
"""RFC 6749 section 4.1.2.1. What an error is described with is the platform's, and not shown."""


class CannotBegin(ValueError):
    """Where people are sent back to does not serve this platform."""


class WrongReturn(ValueError):
    """What was pasted does not end this walk; another paste may."""


class Declined(Exception):
    """The platform sent the person back without a code."""


@dataclass(frozen=True)
class Account:
    """What was entered before: where the platform is, and which application asks."""

    base_url: str
    settings: Mapping[str, str]
    credentials: Mapping[str, str] = field(repr=False)

    def at(self, address: str | Entry) -> str:
        if isinstance(address, str):
            return address
        return address(self.base_url, self.settings, self.credentials)


@dataclass(frozen=True)
class Returned:
    """What the person brought back."""

    code: str = field(repr=False)
    settings: Mapping[str, str]


@dataclass(frozen=True)
class LetIn:
    """What the platform gave for it."""

    tokens: Mapping[str, str] = field(repr=False)
    base_url: str
    settings: Mapping[str, str]


@dataclass(frozen=True)
class Walk:
    """One sign-in. Made anew for each try."""

    how: SignIn
    account: Account
    redirect_url: str
    state: str = field(default_factory=lambda: token_urlsafe(32), repr=False)
    verifier: str = field(default_factory=lambda: token_urlsafe(48), repr=False)

    def address(self) -> str:
        """What the person opens in a browser, anywhere."""
        asked = {
            **self.how.asks,
            "client_id": self.account.credentials.get("client_id", ""),
            "redirect_uri": self.redirect_url,
            "state": self.state,
        }
        if scopes := self._scopes():
            asked["scope"] = scopes
        if self.how.pkce:
            asked |= {
                "code_challenge": challenge(self.verifier),
                "code_challenge_method": "S256",
            }
        place = self.account.settings.get("authorize_url") or self.account.at(
            self.how.authorize_url
        )
        return f"{place}{'&' if '?' in place else '?'}{urlencode(asked)}"

    def _scopes(self) -> str:
        """Settings separate with commas or blanks, whatever the vendor does."""
        chosen = re.split(r"[,\s]+", self.account.settings.get("oauth_scopes", "").strip())
        return self.how.separator.join([one for one in chosen if one] or self.how.scopes)

    def read(self, pasted: str) -> Returned:
        """Raises `WrongReturn` or `Declined`. A code alone serves where PKCE ties it to this walk."""
        text = "".join(pasted.split())
        if not ADDRESS.search(text):
            return self._bare(unquote(text))
        fields = _fields(text)
        if "error" in fields:
            raise Declined(ANSWERS.get(fields["error"], "the platform sent back an error"))
        if not hmac.compare_digest(fields.get("state", "").encode(), self.state.encode()):
            raise WrongReturn(
                "this is not the address this sign-in was sent back to: its state is"
                f" {'another' if fields.get('state') else 'missing'}"
            )
        if not CODE.fullmatch(fields.get("code", "")):
            raise WrongReturn("the address holds no code")
        return Returned(fields["code"], self._learned(fields))

    def _bare(self, code: str) -> Returned:
        if not self.how.pkce:
            raise WrongReturn("paste the whole address, from http to its end")
        if not CODE.fullmatch(code):
            raise WrongReturn("this is neither an address nor a code")
        return Returned(code, {})

    def _learned(self, fields: Mapping[str, str]) -> dict[str, str]:
        found = {}
        for one in self.how.learns:
            told = fields.get(one.parameter, "")
            known = one.means.get(told, "") if one.means is not None else told
            if PLAIN.fullmatch(known):
                found[one.setting] = known
        return found

    def exchange(self, returned: Returned) -> LetIn:
        """Raises the errors of `connectors.errors`."""
        settings = {**self.account.settings, **returned.settings}
        account = Account(self.account.base_url, settings, self.account.credentials)
        grant = CodeGrant(
            settings.get("token_url") or account.at(self.how.token_url),
            account.credentials.get("client_id", ""),
            account.credentials.get("client_secret", ""),
            self.how.sends,
        )
        verifier = self.verifier if self.how.pkce else ""
        tokens, told = grant(returned.code, self.redirect_url, verifier)
        return LetIn(tokens, self._base_url(told), settings)

    def _base_url(self, told: Mapping[str, Any]) -> str:
        """The account's own address, where none was entered or one of the same vendor's."""
        entered = self.account.base_url
        if self.how.own_address is None:
            return entered
        name, domain = self.how.own_address
        own = str(told.get(name) or "").rstrip("/")
        fits = _is_in(own, domain) and (not entered or _is_in(entered, domain))
        return own if fits else entered


def challenge(verifier: str) -> str:
    """RFC 7636 section 4.2, S256."""
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def redirect_for(how: SignIn, settings: Mapping[str, str], public_url: str) -> str:
    """Where people are sent back to. Raises `CannotBegin`."""
    chosen = settings.get("redirect_url", "")
    if not chosen and how.https_only:
        if not public_url.startswith("https://"):
            raise CannotBegin(
                "the platform sends people back to https addresses only: set REBOOK_PUBLIC_URL to"
                " the gateway's, or give another with --set redirect_url=..."
            )
        chosen = public_url.rstrip("/") + PAGE
    chosen = chosen or NEARBY
    near = urlsplit(chosen).hostname in ("localhost", "127.0.0.1")
    if not chosen.startswith("https://") and not (near and chosen.startswith("http://")):
        raise CannotBegin("redirect_url must begin with https://, or with http://localhost")
    return chosen


def _fields(address: str) -> dict[str, str]:
    """Raises `WrongReturn` where one came twice."""
    try:
        asked = urlsplit(address).query if "?" in address else address
        found = parse_qs(asked, keep_blank_values=True, max_num_fields=50)
    except ValueError:
        raise WrongReturn("this is no address") from None
    if any(len(values) > 1 for values in found.values()):
        raise WrongReturn("the address says something twice")
    return {name: values[0] for name, values in found.items()}


def _is_in(address: str, domain: str) -> bool:
    parts = urlsplit(address)
    host = parts.hostname or ""
    return parts.scheme == "https" and (host == domain or host.endswith(f".{domain}"))
