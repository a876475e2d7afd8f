"""Where a platform sends an admin back to: a page that keeps nothing and passes nothing on."""

import re
from collections.abc import Callable

import pytest

from tests.gateway.house import House

CODE, STATE = "4/0A-code-canary", "state-canary"
CAME = {"code": CODE, "state": STATE, "realmId": "realm-canary", "lang": "es"}


@pytest.mark.parametrize("came", [CAME, {"error": "canary", "state": STATE}, {}])
def test_the_page_says_what_to_do_and_carries_no_code_onwards(
    house: House, came: dict[str, str]
) -> None:
    with house.client() as client:
        answer = client.get("/connected", params=came)
    assert answer.status_code == 200
    assert "rebook connect" in answer.text
    assert "canary" not in answer.text + str(answer.headers)
    assert re.findall(r'(?:href|src|action)="([^"]*)"', answer.text) == ["/page.css"]
    assert not re.search(r"<(script|form|img|iframe|a|meta http)\b", answer.text)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert "set-cookie" not in answer.headers


def test_the_page_only_reads(house: House) -> None:
    with house.client() as client:
        assert client.head("/connected", params=CAME).status_code == 200
        assert client.post("/connected", params=CAME, content="x").status_code == 405
        assert client.get("/connected/", params=CAME).status_code == 404


def test_the_log_has_the_route_and_nothing_of_the_code(another: Callable[..., House]) -> None:
    house = another()
    house.start()
    with house.client() as client:
        client.get("/connected", params=CAME)
    house.stop()
    log = house.log.read_text()
    assert '"route": "/connected"' in log
    assert "canary" not in log
