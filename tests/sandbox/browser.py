"""A headless Chromium of the distribution, driven over its debugging socket."""

import itertools
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import httpx
from websockets.sync.client import connect

from tests.sandbox.conftest import eventually

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
OPTIONS = ["--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0"]


class Browser:
    """One page. `run` evaluates JavaScript and gives back its value."""

    def __init__(self, folder: Path, size: tuple[int, int] = (1280, 900)) -> None:
        assert CHROMIUM
        shape = [f"--user-data-dir={folder}", f"--window-size={size[0]},{size[1]}"]
        self._log = folder / "log"
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                [CHROMIUM, *OPTIONS, *shape, "about:blank"], stdout=log, stderr=log
            )
        port = eventually(self._port, 30)
        pages = httpx.get(f"http://127.0.0.1:{port}/json", timeout=60).json()
        page = next(one for one in pages if one["type"] == "page")
        self._socket = connect(page["webSocketDebuggerUrl"], max_size=None)
        self._ids = itertools.count(1)

    def _port(self) -> str | None:
        found = re.search(r"DevTools listening on ws://[^:]+:(\d+)/", self._log.read_text())
        return found[1] if found else None

    def call(self, method: str, **params: object) -> Any:
        number = next(self._ids)
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            answer = json.loads(self._socket.recv(timeout=20))
            if answer.get("id") == number:
                assert "error" not in answer, answer
                return answer["result"]

    def open(self, url: str) -> None:
        self.call("Page.navigate", url=url)
        eventually(lambda: self.run("document.readyState") == "complete" or None)

    def run(self, script: str) -> Any:
        result = self.call("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def until(self, script: str) -> None:
        """Wait for a condition on the page."""
        eventually(lambda: self.run(f"Boolean({script})") or None)

    def close(self) -> None:
        self._socket.close()
        self._process.terminate()
        self._process.wait(10)
