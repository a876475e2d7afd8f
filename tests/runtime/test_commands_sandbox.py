"""Any client can be pointed at the running sandbox."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from rebook.settings import settings
from runtime.folder_lock import FolderLock
from runtime.ports import answers, choose
from runtime.state import FILE, LOCK
from tests.runtime.desk import rebook
from tests.runtime.waiting import until


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("REBOOK_DATA_DIR", str(tmp_path))
    settings.cache_clear()
    yield tmp_path
    settings.cache_clear()


@pytest.fixture
def running(folder: Path) -> Iterator[str]:
    """A sandbox, and a supervisor's word that it runs."""
    port = choose().sandbox
    gateway = "http://127.0.0.1:9"
    place = ["--port", str(port), "--gateway", gateway, "--clock-file", str(folder / "clock")]
    sandbox = subprocess.Popen([sys.executable, "-m", "sandbox", *place])
    lock = FolderLock(folder / LOCK)
    lock.acquire()
    address = f"http://127.0.0.1:{port}"
    named = {"gateway": gateway, "prefect": gateway, "sandbox": address}
    (folder / FILE).write_text(json.dumps({"pid": 1, "addresses": named, "children": {}}))
    try:
        until(lambda: answers(port, "/"), "the sandbox")
        yield address
    finally:
        lock.release()
        sandbox.terminate()
        sandbox.wait(20)


def test_a_script_gets_what_it_needs_to_sign_in(running: str) -> None:
    listed = {one["slug"]: one for one in rebook("sandbox", "list", "--json").value}
    assert set(listed) == {"acuity", "google_calendar", "twilio", "sendgrid", "slack"}
    acuity = listed["acuity"]
    who = (acuity["credentials"]["user_id"], acuity["credentials"]["api_key"])
    assert httpx.get(f"{acuity['base_url']}/me", auth=who, timeout=60).status_code == 200
    assert acuity["webhook_url"].endswith("/hooks/acuity")
    assert acuity["webhook_secrets"] != []


def test_a_person_sees_the_same(running: str) -> None:
    shown = rebook("sandbox", "list")
    assert (shown.code, f"{running}/acuity/api/v1" in shown.out) == (0, True)


def test_without_a_sandbox_it_says_how_to_start_one(folder: Path) -> None:
    said = rebook("sandbox", "list", "--json")
    assert (said.code, said.out, "rebook up --sandbox" in said.err) == (1, "", True)


def test_a_house_without_sandbox_has_none_to_list(folder: Path) -> None:
    lock = FolderLock(folder / LOCK)
    lock.acquire()
    (folder / FILE).write_text(json.dumps({"pid": 1, "addresses": {}, "children": {}}))
    try:
        assert rebook("sandbox", "list").code == 1
    finally:
        lock.release()
