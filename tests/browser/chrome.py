"""A headless Chromium of the distribution, driven over its debugging socket."""

import base64
import json
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from websockets.sync.client import ClientConnection, connect

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
OPTIONS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--remote-debugging-port=0",
]


class Chrome:
    """One tab. JavaScript of pages is off unless asked for; what we ask the tab still works."""

    def __init__(self, folder: Path, *, scripts: bool = False) -> None:
        command = [PROGRAM, *OPTIONS, f"--user-data-dir={folder}", "about:blank"]
        self.process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        note = folder / "DevToolsActivePort"
        until(lambda: note.exists() and len(note.read_text().split("\n")) > 1)
        port = note.read_text().split("\n")[0]
        with urlopen(f"http://127.0.0.1:{port}/json/list") as listed:
            page = next(tab for tab in json.load(listed) if tab["type"] == "page")
        self.line: ClientConnection = connect(page["webSocketDebuggerUrl"], max_size=None)
        self.number = 0
        self.ask("Page.enable")
        self.ask("Emulation.setScriptExecutionDisabled", value=not scripts)

    def close(self) -> None:
        self.line.close()
        self.process.terminate()
        self.process.wait(20)

    def ask(self, method: str, **parameters: Any) -> Any:
        self.number += 1
        self.line.send(json.dumps({"id": self.number, "method": method, "params": parameters}))
        while True:
            said = json.loads(self.line.recv(timeout=30))
            if said.get("id") == self.number:
                assert "error" not in said, said
                return said["result"]

    def screen(self, width: int, height: int = 800, *, dark: bool = False) -> None:
        self.ask(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=2,
            mobile=True,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.ask("Emulation.setEmulatedMedia", features=[scheme])

    def open(self, address: str) -> None:
        self.ask("Page.navigate", url=address)
        until(lambda: self.value("document.readyState") == "complete")

    def value(self, expression: str) -> Any:
        found = self.ask("Runtime.evaluate", expression=expression, returnByValue=True)
        return found["result"].get("value")

    def text(self) -> str:
        return str(self.value("document.body.innerText"))

    def shows(self, words: str) -> bool:
        return words in self.text()

    def press(self, selector: str) -> None:
        """With a finger's aim: in the middle of what is seen."""
        x, y = self.value(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
            " e.scrollIntoView({block: 'center'}); const r = e.getBoundingClientRect();"
            " return [r.x + r.width / 2, r.y + r.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def key(self, name: str, text: str = "") -> None:
        codes = {"Tab": 9, "Enter": 13, " ": 32, "ArrowDown": 40}
        for kind in ("keyDown", "keyUp"):
            said = {"text": text} if text and kind == "keyDown" else {}
            self.ask(
                "Input.dispatchKeyEvent",
                type=kind,
                key=name,
                windowsVirtualKeyCode=codes[name],
                **said,
            )

    def photograph(self, path: Path, *, beyond: bool = True) -> None:
        """The whole page, or only what the screen shows of it; the file's name says the kind."""
        kind = {"format": "webp", "quality": 60} if path.suffix == ".webp" else {}
        taken = self.ask("Page.captureScreenshot", captureBeyondViewport=beyond, **kind)
        path.write_bytes(base64.b64decode(taken["data"]))


def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)
