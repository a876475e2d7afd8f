"""Signing in at the emulated platforms: a code is good once, for minutes, and for what it was made for."""

import base64
import hashlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.sandbox.conftest import PLAIN, Running

BACK = "http://localhost:8765/connected"
VERIFIER = "a-verifier-of-at-least-forty-three-letters-and-more"
CHALLENGE = (
    base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
)


@dataclass
class Vendor:
    """Google, as an application sees it."""

    entry: dict[str, Any]

    def sign_in(self, **changes: str) -> httpx.Response:
        asked = {
            "response_type": "code",
            "client_id": self.entry["credentials"]["client_id"],
            "redirect_uri": BACK,
            "scope": "calendar",
            "state": "s-1",
            "access_type": "offline",
            **changes,
        }
        kept = {name: value for name, value in asked.items() if value}
        return httpx.get(
            self.entry["settings"]["authorize_url"], params=kept, verify=PLAIN, timeout=60
        )

    def code(self, **changes: str) -> str:
        answer = self.sign_in(**changes)
        told = parse_qs(urlsplit(answer.headers["location"]).query)
        assert (answer.status_code, told["state"]) == (302, ["s-1"])
        return told["code"][0]

    def exchange(self, code: str, **changes: str) -> httpx.Response:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": BACK,
            "client_id": self.entry["credentials"]["client_id"],
            "client_secret": self.entry["credentials"]["client_secret"],
            **changes,
        }
        return httpx.post(self.entry["settings"]["token_url"], data=form, verify=PLAIN, timeout=60)


@pytest.fixture
def vendor(sandbox: Running) -> Vendor:
    return Vendor(sandbox.connection("google"))


def refused(answer: httpx.Response) -> bool:
    return (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_a_code_gives_tokens_once(vendor: Vendor) -> None:
    code = vendor.code()
    given = vendor.exchange(code).json()
    assert {"access_token", "refresh_token", "expires_in", "scope"} <= set(given)
    assert refused(vendor.exchange(code))
    again = {"grant_type": "refresh_token", "refresh_token": given["refresh_token"]}
    assert vendor.exchange("", **again).json()["access_token"] != given["access_token"]


def test_a_code_lapses_after_ten_minutes_of_the_towns_clock(
    vendor: Vendor, sandbox: Running
) -> None:
    code = vendor.code()
    sandbox.act("/clock", offset_seconds=601)
    assert refused(vendor.exchange(code))


def test_a_code_is_good_for_its_redirect_address_and_its_verifier_alone(vendor: Vendor) -> None:
    assert refused(vendor.exchange(vendor.code(), redirect_uri=f"{BACK}/other"))
    tied = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    assert refused(vendor.exchange(vendor.code(**tied)))
    assert refused(vendor.exchange(vendor.code(**tied), code_verifier=VERIFIER[::-1]))
    assert vendor.exchange(vendor.code(**tied), code_verifier=VERIFIER).status_code == 200


def test_without_offline_access_there_is_no_refresh_token(vendor: Vendor) -> None:
    assert "refresh_token" not in vendor.exchange(vendor.code(access_type="")).json()


@pytest.mark.parametrize("name", ["client_id", "redirect_uri", "scope", "response_type"])
def test_nobody_is_signed_in_where_something_is_missing_or_strange(
    vendor: Vendor, name: str
) -> None:
    assert vendor.sign_in(**{name: ""}).status_code == 400
    assert vendor.sign_in(client_id="another").status_code == 400
    assert vendor.sign_in(redirect_uri="http://plain.example/").status_code == 400
