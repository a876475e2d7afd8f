"""The controls change the town: a web page open in the same browser must not be able to work them."""

import httpx
import pytest

from tests.sandbox.conftest import Running

ELSEWHERE: list[dict[str, str]] = [
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": ""},
    {"origin": "http://localhost:1"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "cross-site", "origin": "https://evil.example"},
    {"host": "evil.example"},
    {"host": "evil.example", "origin": "http://evil.example", "sec-fetch-site": "same-origin"},
    {"host": "127.0.0.1.evil.example"},
    {"host": "evil.example:80"},
    {"host": "[::1"},
]


def moved(sandbox: Running) -> float:
    return float(sandbox.state()["offset_seconds"])


def post(sandbox: Running, path: str, headers: dict[str, str]) -> httpx.Response:
    return sandbox.http.post(path, json={"advance_seconds": 60}, headers=headers)


@pytest.mark.parametrize("headers", ELSEWHERE, ids=str)
def test_a_page_from_elsewhere_cannot_work_the_controls(
    sandbox: Running, headers: dict[str, str]
) -> None:
    before = moved(sandbox)
    assert post(sandbox, "/_control/clock", headers).status_code == 403
    assert sandbox.http.get("/_control/state", headers=headers).status_code == 403
    assert moved(sandbox) == before


def test_a_form_that_a_foreign_page_sends_without_asking_is_refused(sandbox: Running) -> None:
    headers = {"origin": "https://evil.example", "content-type": "text/plain"}
    answer = sandbox.http.post("/_control/reset", content=b"{}", headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (
        403,
        "the request comes from another site",
    )


def test_the_controls_of_every_platform_are_guarded(sandbox: Running) -> None:
    headers = {"origin": "https://evil.example"}
    for path in ("/_control/hubspot/cancel", "/_control/jobber/x", "/_control/nothing"):
        assert post(sandbox, path, headers).status_code == 403


@pytest.mark.parametrize("site", ["same-origin", "none", None])
def test_the_towns_own_page_and_programs_here_may(sandbox: Running, site: str | None) -> None:
    before, host = moved(sandbox), sandbox.url.partition("//")[2]
    headers = {"sec-fetch-site": site, "origin": f"http://{host}"} if site else {}
    assert post(sandbox, "/_control/clock", headers).status_code == 200
    assert moved(sandbox) == pytest.approx(before + 60)


@pytest.mark.parametrize("host", ["localhost:8010", "town.localhost:8010", "sandbox:8010", "[::1]"])
def test_names_that_only_this_network_knows_are_its_own(sandbox: Running, host: str) -> None:
    headers = {"host": host, "origin": f"http://{host}", "sec-fetch-site": "same-origin"}
    assert post(sandbox, "/_control/clock", headers).status_code == 200


def test_the_platforms_themselves_are_called_from_anywhere_with_their_credentials(
    sandbox: Running,
) -> None:
    answer = sandbox.http.get("/acuity/api/v1/me", headers={"origin": "https://evil.example"})
    assert answer.status_code == 401
