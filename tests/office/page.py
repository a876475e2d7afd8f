"""The staff page as a process of its own, and somebody in front of it."""

import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from rebook import keyring as keys
from tests.conftest import Cluster
from tests.gateway.house import free_port
from tests.gateway.visitor import words


@dataclass
class Office:
    """`python -m office` with its own role and the one key it may have."""

    cluster: Cluster
    database: str
    clock: Path
    log: Path
    port: int = 0
    process: subprocess.Popen[bytes] | None = None
    public: str = ""
    """The address that browsers know, where a proxy stands between."""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def url(self) -> str:
        password = self.cluster.keyring.passwords["rebook_office"]
        return self.cluster.postgres.url(self.database, "rebook_office", password)

    def start(self) -> None:
        self.port = free_port()
        environment = {
            "PATH": os.environ["PATH"],
            "REBOOK_DATABASE_URL": self.url(),
            "REBOOK_OFFICE_URL": self.public or self.address,
            "REBOOK_OFFICE_PORT": str(self.port),
            "REBOOK_CLOCK_FILE": str(self.clock),
            keys.PART: keys.part_for_reading(self.cluster.keyring),
        }
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "office"], env=environment, stdout=log, stderr=log
            )
        end = time.monotonic() + 180
        while not self._answers():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < end, self.log.read_text()
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.address}/readyz", timeout=60).status_code == 200
        except httpx.TransportError:
            return False

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(20)

    def visitor(self) -> "Visitor":
        return Visitor(httpx.Client(base_url=self.address, timeout=30))


@dataclass
class Visitor:
    """A browser. It keeps its cookie and sends the hidden fields of the page it looks at."""

    http: httpx.Client
    last: httpx.Response = field(default_factory=lambda: httpx.Response(200))

    def open(self, path: str = "/") -> str:
        self.last = self.http.get(path, follow_redirects=True)
        return words(self.last.text)

    def send(self, path: str, **fields: str) -> httpx.Response:
        self.last = self.http.post(path, data=fields, follow_redirects=True)
        return self.last

    def sign_in(self, name: str, password: str) -> httpx.Response:
        return self.send("/sign-in", name=name, password=password)

    def hidden(self, name: str) -> str:
        """The value of a hidden field on the page that was opened last."""
        found = re.search(rf'name="{name}" value="([^"]*)"', self.last.text)
        assert found is not None, self.last.text
        return found.group(1)

    def decide(self, case_id: str, **fields: Any) -> httpx.Response:
        self.open(f"/cases/{case_id}")
        own = {"proof": self.hidden("proof")}
        own |= {"key": self.hidden("key")} if 'name="key"' in self.last.text else {"key": "k" * 16}
        return self.send(f"/cases/{case_id}", **(own | fields))
