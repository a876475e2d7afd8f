"""After stories full of errors: no name, number, address, word or secret of anybody in Prefect, the
logs, the process list or the gateway's environment, and none in clear in the ledger.

The town's own log is spared: it is the platforms' side, which knows everybody.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from rebook.keyring import keyring
from tests.flows import canaries
from tests.flows.conftest import pointed_at
from tests.flows.house import Client, House, until
from tests.flows.ui import UI

CANARY = "quillabamba"
"""A word nobody else says."""
WORDS = f"can my cousin Xochitl {CANARY} come instead? call her at +1 808 555 0199"
GATEWAY_MAY_HOLD = {
    "REBOOK_SUPERVISED",
    "REBOOK_GATEWAY_DATABASE_URL",
    "REBOOK_PUBLIC_URL",
    "REBOOK_GATEWAY_HOST",
    "REBOOK_GATEWAY_PORT",
    "REBOOK_GATEWAY_ADDRESS_HEADER",
    "REBOOK_GATEWAY_PROXIES",
    "REBOOK_DOOR_KEY",
    "REBOOK_SEAL_PUBLIC",
    "REBOOK_CLOCK_FILE",
    "REBOOK_FAILPOINTS",
    "PATH",
    "LANG",
    "LC_CTYPE",
    "TZ",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
}


@dataclass
class Evidence:
    """What was planted, and the command lines seen while the stories were told."""

    house: House
    planted: set[str]
    commands: set[str]


@pytest.fixture(scope="module")
def evidence(running_house: House) -> Iterator[Evidence]:
    for house in pointed_at(running_house):
        with canaries.watched_commands(house) as commands:
            tell_stories_with_errors(house)
        planted = canaries.of_people(house) | canaries.of_links(house) | canaries.of_accounts(house)
        yield Evidence(house, planted | {CANARY, "Xochitl", "808 555 0199"}, commands)


def tell_stories_with_errors(house: House) -> None:
    booker, talker, silent = (house.client() for _ in range(3))
    house.fault("acuity", "500", count=2, match="availability")
    house.fault("twilio", "acted_500", count=1, match="Messages")
    house.fault("google", "503", count=1, match="events/")
    house.control("phone/unreachable", {"number": silent.phone})
    for client in (booker, talker, silent):
        client.cancels()
    knock_at_the_door(house, booker)
    for client in (booker, talker):
        client.gets_offer()
        client.waits()
    open_the_page(booker)
    talker.replies(WORDS)
    talker.case_in("handed_over")
    booker.replies("1")
    booker.ends_well()
    UI(house).cancel(talker.waits()["id"])
    until("nobody attends", lambda: talker.case().run_id == "nobody")
    silent.waits()


def knock_at_the_door(house: House, client: Client) -> None:
    """Letters that are forged, malformed, or signed well and poisoned; each with a name in it."""
    name = f"{client.appointment['firstName']}+{client.appointment['lastName']}"
    poison = f"action=canceled&id={name}&calendarID={CANARY}&appointmentTypeID=x".encode()
    key = acuity_key(house).encode()
    signed = base64.b64encode(hmac.digest(key, poison, hashlib.sha256)).decode()
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    with httpx.Client(base_url=house.addresses["gateway"], timeout=30, headers=form) as door:
        forged = door.post("/hooks/acuity", content=poison, headers={"X-Acuity-Signature": name})
        well = door.post("/hooks/acuity", content=poison, headers={"X-Acuity-Signature": signed})
        lost = door.get(f"/o/{CANARY}", params={"name": name})
        odd = door.post(f"/hooks/{CANARY}", content=poison)
    assert forged.status_code in (401, 403)
    assert well.status_code == 200
    assert {lost.status_code, odd.status_code} == {404}


def acuity_key(house: House) -> str:
    with house.town as town:
        listed = town.get("/_control/connections").json()
    found = next(entry for entry in listed if entry["connection"] == "acuity")
    return str(found["credentials"]["api_key"])


def open_the_page(client: Client) -> None:
    with httpx.Client(follow_redirects=True, timeout=30) as browser:
        page = browser.get(client.link())
    assert page.status_code == 200
    assert client.appointment["firstName"] in page.text


def test_the_search_finds_what_is_there(evidence: Evidence, tmp_path: Path) -> None:
    """Each kind of canary, in a file of the sort that is searched."""
    (tmp_path / "log").mkdir()
    for number, canary in enumerate(sorted(evidence.planted)):
        (tmp_path / "log" / str(number)).write_bytes(b"\0one line\n" + canary.encode() + b"\xff")
    found = canaries.found_in(tmp_path / "log", evidence.planted, tmp_path / "patterns")
    assert len(found) == len(evidence.planted) > 100


def test_nothing_of_anybody_is_in_prefects_database(evidence: Evidence, tmp_path: Path) -> None:
    dumped = canaries.dump(evidence.house, "prefect", tmp_path / "prefect")
    assert (dumped / "flow_run").stat().st_size > 0
    assert canaries.found_in(dumped, evidence.planted, tmp_path / "patterns") == []


def test_nothing_of_anybody_is_in_clear_in_the_ledger(evidence: Evidence, tmp_path: Path) -> None:
    dumped = canaries.dump(evidence.house, "rebook", tmp_path / "ledger")
    assert (dumped / "person").stat().st_size > 0
    assert canaries.found_in(dumped, evidence.planted, tmp_path / "patterns") == []


def test_nothing_of_anybody_is_in_any_file_of_the_house(evidence: Evidence, tmp_path: Path) -> None:
    """Logs, database files, write-ahead logs, Prefect's own folder, temporary files."""
    folder, patterns = evidence.house.folder, tmp_path / "patterns"
    assert (folder / "logs" / "gateway.log").exists()
    assert canaries.found_in(folder, evidence.planted, patterns, "sandbox.log") == []


def test_nothing_of_anybody_stands_in_a_command_line(evidence: Evidence) -> None:
    assert any("worker start" in command for command in evidence.commands)
    secrets = evidence.planted | own_secrets()
    assert not [line for line in evidence.commands if any(secret in line for secret in secrets)]


def own_secrets() -> set[str]:
    keys = keyring()
    named = {keys.index_key, keys.link_key, keys.door_key, keys.seal_private, keys.prefect_key}
    return named | set(keys.data_keys) | set(keys.passwords.values())


def test_the_gateway_holds_its_own_secrets_and_no_others(evidence: Evidence) -> None:
    gateway = evidence.house.state["children"]["gateway"]["pid"]
    held = canaries.environment_of(gateway)
    assert set(held) <= GATEWAY_MAY_HOLD
    others = own_secrets() - {keyring().door_key, keyring().passwords["rebook_gateway"]}
    everything = "\n".join(held.values())
    assert not [secret for secret in others | evidence.planted if secret in everything]


def test_prefect_keeps_its_key_and_ours_out_of_its_database(
    evidence: Evidence, tmp_path: Path
) -> None:
    dumped = canaries.dump(evidence.house, "prefect", tmp_path / "prefect")
    assert canaries.found_in(dumped, own_secrets(), tmp_path / "patterns") == []
    blocks = (dumped / "block_document").read_text()
    assert "ENCRYPTION_KEY" not in (dumped / "configuration").read_text()
    assert len(re.findall(r"acuity|google|twilio|sendgrid|slack", blocks)) >= 5
