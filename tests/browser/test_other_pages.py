"""Every page of a client in a real browser: by keyboard alone, without JavaScript, small and enlarged."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.axe import violations
from tests.browser.chrome import PROGRAM, Chrome, until
from tests.gateway.house import CALENDAR, FREE, VISIT, House, at

SHOTS = os.environ.get("REBOOK_SCREENSHOTS", "")
ENTRIES: dict[str, dict[str, Any]] = {
    "offer": {"free": FREE, "stands": at(0)},
    "offer/times": {"free": FREE},
    "offer/wish": {},
    "offer/call": {},
    "offer/cancel": {"stands": at(0)},
    "offer#seeking": {"state": "seeking", "stands": at(0)},
    "offer#working": {"state": "working"},
    "offer#booked": {"state": "booked", "booked": at(0), "calendar": CALENDAR, "visit": "a" * 32},
    "offer#withdrawn": {"state": "withdrawn"},
    "offer#kept": {"state": "kept", "stands": at(0)},
    "offer#staff": {"state": "staff"},
    "offer#closed": {"state": "closed"},
    "visit": VISIT,
    "visit#gone": {**VISIT, "state": "gone"},
    "lost": {},
    "missing": {},
}
"""By address and, after the mark, what the page shows there."""


@pytest.fixture
def scripted(tmp_path: Path) -> Iterator[Chrome]:
    """The pages have no scripts; the checker is one."""
    if not PROGRAM:
        pytest.skip("Chromium is not installed (Debian: apt-get install chromium)")
    browser = Chrome(tmp_path / "chrome", scripts=True)
    try:
        yield browser
    finally:
        browser.close()


def enter(chrome: Chrome, house: House, entry: str, **changes: Any) -> str:
    """Through the link, as a client comes. Returns the token."""
    path = entry.partition("#")[0]
    token = house.page(**(ENTRIES[entry] | changes))
    if path == "missing":
        chrome.open(f"{house.address}/o/{'b' * 32}")
        return token
    door = "a" if path.startswith("visit") else "o"
    if path != "lost":
        chrome.open(f"{house.address}/{door}/{token}")
    chrome.open(f"{house.address}/{path}")
    return token


def photograph(chrome: Chrome, name: str) -> None:
    if SHOTS:
        chrome.photograph(Path(SHOTS) / f"{name}.png")


def test_axe_finds_nothing_wrong_on_any_page_in_either_language(
    scripted: Chrome, plain_house: House
) -> None:
    broken = {}
    for language, dark in (("en", False), ("es", True)):
        scripted.screen(390, dark=dark)
        scripted.open(f"{plain_house.address}/lost?lang={language}")
        for entry in ENTRIES:
            enter(scripted, plain_house, entry)
            assert scripted.value("document.documentElement.lang") == language, entry
            if found := violations(scripted):
                broken[f"{entry} {language}"] = found
    assert broken == {}


def test_axe_finds_what_is_wrong(scripted: Chrome, plain_house: House) -> None:
    enter(scripted, plain_house, "lost")
    scripted.value("document.querySelector('label[for=contact]').remove()")
    assert any(found.startswith("label:") for found in violations(scripted))


@pytest.mark.parametrize("width", [320, 1280])
def test_every_page_fits_its_screen_and_what_is_touched_is_large_enough(
    chrome: Chrome, plain_house: House, width: int
) -> None:
    """320 pixels are also what is left of 1,280 at 400 %, and less than at 200 %."""
    chrome.screen(width)
    long = {"service": "Deep-tissue-and-sports-massage-for-two", "place": "W" * 60}
    for entry in ENTRIES:
        enter(chrome, plain_house, entry, **long)
        photograph(chrome, f"{entry.replace('/', '-').replace('#', '-')}-{width}")
        assert chrome.value("document.documentElement.scrollWidth") <= width, entry
        heights = (
            "[...document.querySelectorAll('.slot, button, a, select')].map(e => e.offsetHeight)"
        )
        assert min(chrome.value(heights), default=44) >= 44, entry


def test_text_at_twice_its_size_still_fits(chrome: Chrome, plain_house: House) -> None:
    for entry in ENTRIES:
        chrome.screen(640)
        enter(chrome, plain_house, entry)
        chrome.value("document.documentElement.style.fontSize = '200%'")
        photograph(chrome, f"{entry.replace('/', '-').replace('#', '-')}-twice")
        assert chrome.value("document.documentElement.scrollWidth") <= 640, entry


def test_a_wish_is_sent_with_the_keyboard_alone(chrome: Chrome, plain_house: House) -> None:
    enter(chrome, plain_house, "offer")
    press_until(chrome, "document.activeElement.getAttribute('href') === '/offer/wish'")
    chrome.key("Enter", "\r")
    until(lambda: chrome.shows("Which day suits you better?"))
    press_until(chrome, "document.activeElement.id === 'day'")
    chrome.key("ArrowDown")
    press_until(chrome, "document.activeElement.tagName === 'BUTTON'")
    chrome.key("Enter", "\r")
    until(lambda: chrome.shows("We have your answer"))


def test_a_visit_is_moved_with_the_keyboard_alone(chrome: Chrome, plain_house: House) -> None:
    enter(chrome, plain_house, "visit")
    press_until(chrome, "document.activeElement.name === 'asked'")
    chrome.key(" ", " ")
    press_until(chrome, "document.activeElement.tagName === 'BUTTON'")
    chrome.key("Enter", "\r")
    until(lambda: chrome.shows("Looking for times"))


def test_the_other_language_is_one_press_away(chrome: Chrome, plain_house: House) -> None:
    enter(chrome, plain_house, "offer")
    chrome.press("footer a[lang=es]")
    until(lambda: chrome.shows("Elija una nueva hora"))
    chrome.press("a[href='/offer/wish']")
    until(lambda: chrome.shows("¿Qué día le viene mejor?"))


def press_until(chrome: Chrome, reached: str) -> None:
    for _ in range(30):
        chrome.key("Tab")
        if chrome.value(reached):
            return
    raise AssertionError(f"the keyboard never comes to where {reached}")
