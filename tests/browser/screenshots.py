"""Takes the pictures of the handbook: one story in a running house, seen by its people.

`python -m tests.browser.screenshots docs/screenshots` starts a house for it and stops it again.
`gallery.py` takes those of every single page and message.
"""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from rebook.db.session import ledger
from rebook.services import staff_accounts, staff_sessions
from tests.browser.chrome import Chrome, until
from tests.flows.conftest import pointed_at
from tests.flows.house import Client, House
from tests.flows.house import until as happens

DESKTOP = (1280, 900)
PHONE = (390, 700)
FEWEST_LOOKS, MOST_LOOKS = 4, 12
"""Prefect draws its graph on a canvas some time after the page is there."""


class Photographer:
    """One browser, one client's story; each method leaves one picture in the folder."""

    def __init__(self, chrome: Chrome, house: House, folder: Path) -> None:
        self.chrome, self.house, self.folder = chrome, house, folder

    def play(self) -> None:
        client = self.house.client()
        client.cancels()
        client.gets_offer()
        happens("the office was told", lambda: self.house.platform("slack")["messages"])
        happens("the calendar shows the times", self._times_are_shown)
        self.sandbox()
        self.choose(client)
        client.waits()
        self.case_run(client)
        self.resume_form()
        self.booked(client)
        happens("the run ended", lambda: client.run()["state_type"] == "COMPLETED")
        self.case_done(client)
        self.timeline(client)
        self.office()

    def _times_are_shown(self) -> bool:
        events = self.house.platform("google_calendar")["events"]
        return any(event["status"] == "tentative" for event in events)

    def sandbox(self) -> None:
        self._screen(*DESKTOP)
        self._open(self.house.addresses["sandbox"], lambda: self.chrome.shows("New times"))
        self._take("sandbox")

    def choose(self, client: Client) -> None:
        self._screen(*PHONE, scale=2)
        self._open(client.link(), lambda: self.chrome.shows("Choose a new time"))
        self._take("client-chooses")

    def booked(self, client: Client) -> None:
        """The cookie of the earlier visit is enough."""
        self._screen(*PHONE, scale=2)
        page = f"{self.house.addresses['gateway']}/offer"
        self._open(page, lambda: self.chrome.shows("Book this"))
        self.chrome.press("[type=radio][value='2']")
        self.chrome.press("button")
        until(lambda: self.chrome.shows("Booking it now"))
        client.case_in("rebooked")
        self._open(page, lambda: self.chrome.shows("You are booked"))
        self._take("client-booked")

    def case_run(self, client: Client) -> None:
        self._screen(*DESKTOP)
        self._open(self._run_page(client), lambda: self.chrome.shows("Suspended"))
        self._take("case-waits")

    def resume_form(self) -> None:
        self._click("Resume")
        until(lambda: self.chrome.shows("Your staff id"))
        self._take("resume-form")

    def case_done(self, client: Client) -> None:
        self._screen(*DESKTOP)
        self._open(self._run_page(client), lambda: self.chrome.shows("Completed"))
        self._take("case-done")

    def timeline(self, client: Client) -> None:
        self._screen(*DESKTOP)
        with self.house.prefect as prefect:
            wanted = {"key": {"any_": [f"timeline-{client.case().id}"]}}
            asked = {"artifacts": wanted, "sort": "CREATED_DESC", "limit": 1}
            (newest,) = prefect.post("/artifacts/filter", json=asked).json()
        page = f"{self.house.addresses['prefect']}/artifacts/artifact/{newest['id']}"
        self._open(page, lambda: self.chrome.shows("the case is rebooked"))
        self._take("timeline")

    def office(self) -> None:
        """The staff page: one client waits for a person, others are attended to."""
        caller, other = self.house.client(), self.house.client()
        for client in (caller, other):
            client.cancels()
        for client in (caller, other):
            client.gets_offer()
            client.waits()
        caller.replies("Please call me, I have a question about the treatment")
        case = caller.case_in("handed_over")
        self._sign_in()
        self._screen(*DESKTOP)
        address = self.house.addresses["office"]
        self._open(address, lambda: self.chrome.shows("Waiting for a person"))
        self._take("staff-queue")
        self._open(f"{address}/cases/{case.id}", lambda: self.chrome.shows("The whole story"))
        self._take("staff-case")

    def _sign_in(self) -> None:
        with ledger() as session:
            once = staff_accounts.add(session, "maria")
            staff_accounts.change_password(session, "maria", f"not {once}")
            token = staff_sessions.begin(session, "maria")
        address = self.house.addresses["office"]
        self.chrome.ask("Network.setCookie", name="office", value=token, url=address)

    def _run_page(self, client: Client) -> str:
        return f"{self.house.addresses['prefect']}/runs/flow-run/{client.run()['id']}"

    def _screen(self, width: int, height: int, *, scale: int = 1) -> None:
        self.chrome.ask(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=scale,
            mobile=scale > 1,
        )

    def _open(self, address: str, shown: Callable[[], bool]) -> None:
        self.chrome.open(address)
        until(shown, 40)

    def _click(self, words: str) -> None:
        buttons = f"[...document.querySelectorAll('button')].find(b => b.innerText === '{words}')"
        until(lambda: self.chrome.value(f"Boolean({buttons})"))
        self.chrome.value(f"{buttons}.click()")

    def _take(self, name: str) -> None:
        """When two looks a second apart are alike; a graph that moves with the time is taken anyway."""
        path = self.folder / f"{name}.png"
        former = b""
        for look in range(MOST_LOOKS):
            time.sleep(1)
            self.chrome.photograph(path, beyond=False)
            if look >= FEWEST_LOOKS and path.read_bytes() == former:
                return
            former = path.read_bytes()


@contextmanager
def some_house(folder: Path) -> Iterator[House]:
    """A house of its own, or the one that already runs in `folder`."""
    house = House(folder, {"REBOOK_SANDBOX_CLIENTS": "12"})
    runs_already = (folder / "up.json").exists()
    if not runs_already:
        house.start()
    try:
        yield from pointed_at(house)
    finally:
        if not runs_already:
            house.stop()


def main(folder: Path, data: str = "") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        place = Path(data) if data else Path(scratch) / "house"
        place.mkdir(exist_ok=True)
        with some_house(place) as house:
            chrome = Chrome(Path(scratch) / "chrome", scripts=True)
            try:
                Photographer(chrome, house, folder).play()
            finally:
                chrome.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:3])
