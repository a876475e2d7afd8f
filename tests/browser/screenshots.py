"""Takes the pictures of the handbook: one story in a running house, seen by its people.

`python -m tests.browser.screenshots docs/screenshots` starts a house for it and stops it again.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.browser.chrome import Chrome, until
from tests.flows.conftest import pointed_at
from tests.flows.house import Client, House
from tests.flows.house import until as happens

DESKTOP = (1280, 900)
PHONE = (390, 700)


class Photographer:
    """One browser, one client's story; each method leaves one picture in the folder."""

    def __init__(self, chrome: Chrome, house: House, folder: Path) -> None:
        self.chrome, self.house, self.folder = chrome, house, folder

    def play(self) -> None:
        client = self.house.client()
        client.cancels()
        client.gets_offer()
        happens("the office was told", lambda: self.house.platform("slack")["messages"])
        self.sandbox()
        self.choose(client)
        client.waits()
        self.case_run(client)
        self.resume_form()
        self.booked()
        client.ends_well()
        happens("the run ended", lambda: client.run()["state_type"] == "COMPLETED")
        self.timeline(client)
        self.runs()

    def sandbox(self) -> None:
        self._screen(*DESKTOP)
        self._open(self.house.addresses["sandbox"], lambda: self.chrome.shows("New times"))
        self._take("sandbox")

    def choose(self, client: Client) -> None:
        self._screen(*PHONE, scale=2)
        self._open(client.link(), lambda: self.chrome.shows("Choose a new time"))
        self._take("client-chooses")

    def booked(self) -> None:
        """The cookie of the earlier visit is enough."""
        self._screen(*PHONE, scale=2)
        self._open(
            f"{self.house.addresses['gateway']}/offer", lambda: self.chrome.shows("Book this")
        )
        self.chrome.press("[type=radio][value='2']")
        self.chrome.press("button")
        until(lambda: self.chrome.shows("You are booked"), 120)
        self._take("client-booked")

    def case_run(self, client: Client) -> None:
        self._screen(*DESKTOP)
        self._open(self._run_page(client), lambda: self.chrome.shows("Suspended"))
        until(lambda: self.chrome.shows("hold and offer times"))
        self._take("case-waits")

    def resume_form(self) -> None:
        self._click("Resume")
        until(lambda: self.chrome.shows("Your staff id"))
        self._take("resume-form")

    def timeline(self, client: Client) -> None:
        self._screen(*DESKTOP)
        with self.house.prefect as prefect:
            key = f"timeline-{client.case().id}"
            artifact = prefect.get(f"/artifacts/{key}/latest").json()["id"]
        page = f"{self.house.addresses['prefect']}/artifacts/artifact/{artifact}"
        self._open(page, lambda: self.chrome.shows("the case is rebooked"))
        self._take("timeline")

    def runs(self) -> None:
        page = f"{self.house.addresses['prefect']}/runs"
        self._open(page, lambda: self.chrome.shows("read the inbox"))
        self._take("runs")

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
        """When nothing on the page has moved for a moment."""
        self.chrome.value(STILL)
        until(lambda: self.chrome.value("window.still === true"))
        self.chrome.photograph(self.folder / f"{name}.png", beyond=False)


STILL = """
(() => {
  window.still = false;
  let timer = 0;
  const wait = () => { clearTimeout(timer); timer = setTimeout(() => { window.still = true; }, 900); };
  new MutationObserver(wait).observe(document, {subtree: true, childList: true, attributes: true});
  wait();
})()
"""


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
    with TemporaryDirectory() as scratch:
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
