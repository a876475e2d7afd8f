"""Lets the driver of the peers' bench drive a house: `python -m tests.bench.driven DRIVER [its options]`.

The driver knows an engine that takes starts and replies, and three fake vendors that it asks what they
were told. Here a start is a cancellation in the sandbox's Acuity, a reply a text from the client's phone;
what the vendors were told is read off the sandbox: invitations (`sms`), bookings (`calendar`) and
confirmations (`slack`), at the time at which a look every quarter of a second found them.
"""

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.flows.conftest import pointed_at
from tests.flows.house import Client, House, until
from tests.flows.killing import is_back, pid_of

Seen = dict[str, dict[str, list[float]]]
KINDS = ("sms", "calendar", "slack")
VENDOR = {"sms": "twilio", "calendar": "acuity"}
"""Whose answers the driver may hold back."""
NOT_THE_ENGINE = "sandbox"
LOOK_SECONDS = 0.25
PEOPLE = 600


class Adapter:
    """The engine and the fake vendors in one, as the driver speaks to them."""

    def __init__(self, house: House, folder: Path) -> None:
        self.house = house
        self.pidfile = folder / "pids"
        self._taking = threading.Lock()
        self._clients: dict[str, Client] = {}
        self._seen: Seen = {kind: {} for kind in KINDS}
        self._children: dict[str, int] = {}
        self.note_children()

    def note_children(self) -> None:
        names = [name for name in self.house.state["children"] if name != NOT_THE_ENGINE]
        self._children = {name: pid_of(self.house, name) for name in names}
        self.pidfile.write_text(" ".join(map(str, self._children.values())))

    def start(self, said: Any) -> Any:
        """Once a case: the sender of a start that was refused sends it again."""
        with self._taking:
            known = said["case_id"] in self._clients
            client = self._clients.setdefault(said["case_id"], self.house.client())
        if not known:
            client.cancels()
        return {}

    def reply(self, said: Any) -> Any:
        self._clients[said["case_id"]].replies(str(said["choice"]))
        return {}

    def reset(self, _said: Any) -> Any:
        self._clients.clear()
        self._seen = {kind: {} for kind in KINDS}
        return {}

    def delay(self, said: Any) -> Any:
        with self.house.town as town:
            town.delete("/_control/faults").raise_for_status()
        for kind, seconds in said.items():
            if seconds:
                more = {"match": "POST", "seconds": seconds, "count": 100_000}
                self.house.fault(VENDOR[kind], "acted_timeout", **more)
        return {}

    def up(self, _said: Any) -> Any:
        """The supervisor starts again what was killed."""
        for name, pid in self._children.items():
            until(f"{name} is back", partial(is_back, self.house, name, pid), 120)
        self.note_children()
        return {}

    def look(self) -> None:
        """What the vendors have been told since the last look."""
        texts = [
            m for m in self.house.platform("twilio")["messages"] if m["direction"] != "inbound"
        ]
        visits = self.house.platform("acuity")["appointments"]
        now, seen = time.time(), self._seen
        for case_id, client in list(self._clients.items()):
            mine = [text["body"] for text in texts if text["to"] == client.phone]
            new = [v for v in visits if str(v["id"]) != client.appointment_id]
            booked = [v for v in new if v["phone"] == client.phone and not v["canceled"]]
            counts = {
                "sms": sum("New times" in text for text in mine),
                "calendar": len(booked),
                "slack": sum("booked!" in text for text in mine),
            }
            for kind, count in counts.items():
                known = seen[kind].setdefault(case_id, []) if count else []
                known += [now] * (count - len(known))

    def wait(self, asked: dict[str, str]) -> Any:
        kind, end = asked["kind"], time.monotonic() + float(asked.get("timeout", 60))
        while True:
            calls = self._seen[kind]
            reached = asked["case"] in calls if "case" in asked else len(calls) >= int(asked["n"])
            if reached or time.monotonic() > end:
                return {"reached": reached, "unique": len(calls), "now": time.time()}
            time.sleep(LOOK_SECONDS)

    def stats(self, _asked: dict[str, str]) -> Any:
        return {
            kind: {
                "total": sum(map(len, calls.values())),
                "unique": len(calls),
                "duplicates": sum(len(times) - 1 for times in calls.values()),
                "last": max((times[0] for times in calls.values()), default=None),
            }
            for kind, calls in self._seen.items()
        }

    def dump(self, _asked: dict[str, str]) -> Any:
        return {**self._seen, "links": {}}


@contextmanager
def served(adapter: Adapter) -> Iterator[str]:
    posts: dict[str, Callable[[Any], Any]] = {
        "/start": adapter.start, "/reply": adapter.reply, "/reset": adapter.reset,
        "/delay": adapter.delay, "/up": adapter.up,
    }  # fmt: skip
    gets = {"/wait": adapter.wait, "/stats": adapter.stats, "/dump": adapter.dump}

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            self._say(posts[self.path](json.loads(body or b"{}")))

        def do_GET(self) -> None:
            url = urlsplit(self.path)
            self._say(gets[url.path](dict(parse_qsl(url.query))))

        def _say(self, answer: Any) -> None:
            body = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_request(self, code: object = "-", size: object = "-") -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(LOOK_SECONDS):
            adapter.look()

    threads = [threading.Thread(target=server.serve_forever), threading.Thread(target=watch)]
    for thread in threads:
        thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    ended.set()
    server.shutdown()
    for thread in threads:
        thread.join()
    server.server_close()


def drive(driver: str, options: list[str]) -> int:
    """The driver prints its figures as one line of JSON."""
    with tempfile.TemporaryDirectory(prefix="rebook-driven-") as name:
        folder = Path(name)
        limits = {"REBOOK_SANDBOX_CLIENTS": str(PEOPLE), "REBOOK_SANDBOX_LIMITS": "false"}
        house = House(folder, limits)
        house.start()
        try:
            for pointed in pointed_at(house):
                adapter = Adapter(pointed, folder)
                with served(adapter) as url:
                    call = f"urllib.request.urlopen('{url}/up', b'{{}}')"
                    up = f'{sys.executable} -c "import urllib.request; {call}"'
                    places = ["--start", f"{url}/start", "--reply", f"{url}/reply", "--fake", url]
                    places += ["--pidfile", str(adapter.pidfile), "--data", name, "--up", up]
                    command = [sys.executable, driver, "--engine", "rebook", *places, *options]
                    return subprocess.run(command, check=False).returncode
        finally:
            house.stop()
    return 1


if __name__ == "__main__":
    sys.exit(drive(sys.argv[1], sys.argv[2:]))
