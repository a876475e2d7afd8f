"""The staff page in a real browser: without JavaScript, on a phone and on a desk's screen."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from rebook.domain.decisions import Choice
from tests.browser.chrome import PROGRAM, Chrome, until
from tests.browser.test_client_page import SHOTS, WEAKEST_CONTRAST, photograph
from tests.office.conftest import PASSWORD, add
from tests.office.page import Office, Visitor
from tests.services import office
from tests.services.office import Clock, decision, wake


@pytest.fixture
def chrome(tmp_path: Path) -> Iterator[Chrome]:
    if not PROGRAM:
        pytest.skip("Chromium is not installed (Debian: apt-get install chromium)")
    browser = Chrome(tmp_path / "chrome")
    try:
        yield browser
    finally:
        browser.close()


@pytest.fixture
def signed_in(chrome: Chrome, staff_page: Office, maria: Visitor) -> Chrome:
    token = maria.http.cookies["office"]
    chrome.ask("Network.setCookie", name="office", value=token, url=staff_page.address)
    return chrome


CASES: list[str] = []


@pytest.fixture
def case_id(staff_page: Office, clock: Clock) -> str:
    """One that waits for a person, beside two others; made once."""
    if not CASES:
        CASES.append(_story(clock))
    return CASES[0]


def _story(clock: Clock) -> str:
    kept, actor = office.offered("1")
    office.say("Can my sister come along? And is there parking <nearby>?")
    wake(actor, decision(Choice.HAND_OVER, by="kim"))
    office.offered("2", calendar="chair-2", service="Whitening")
    clock.forward(minutes=50)
    office.offered("3", calendar="chair-3", service="Check-up")
    wake(actor, decision(Choice.CALL_MADE, by="kim"))
    return kept


def test_one_signs_in_and_books_a_time_with_the_keyboard_alone(
    chrome: Chrome, staff_page: Office, case_id: str
) -> None:
    add("yara")
    chrome.screen(390)
    chrome.open(f"{staff_page.address}/sign-in")
    for text in ("yara", PASSWORD):
        chrome.key("Tab")
        if chrome.value("document.activeElement.tagName") == "A":
            chrome.key("Tab")
        chrome.ask("Input.insertText", text=text)
    chrome.key("Enter", "\r")
    until(lambda: chrome.shows("Waiting for a person"))
    photograph(chrome, "staff-queue-phone")
    chrome.open(f"{staff_page.address}/cases/{case_id}")
    chrome.value("document.querySelector('[value=\"o1-2\"]').focus()")
    chrome.key(" ", " ")
    chrome.key("Tab")
    chrome.key("Enter", "\r")
    until(lambda: chrome.shows("Book this time: being done"))
    photograph(chrome, "staff-decided-phone")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("page", ["queue", "case", "closed", "password", "sign-in"])
def test_every_page_fits_its_screen_and_can_be_read(
    signed_in: Chrome, staff_page: Office, case_id: str, page: str, width: int, dark: bool
) -> None:
    chrome = signed_in
    chrome.screen(width, dark=dark)
    path = {"queue": "/", "case": f"/cases/{case_id}"}.get(page, f"/{page}")
    chrome.open(staff_page.address + path)
    photograph(chrome, f"staff-{page}-{width}-{'dark' if dark else 'light'}")
    assert chrome.value("document.documentElement.scrollWidth") <= width
    assert chrome.value("document.documentElement.lang") == "en"
    assert chrome.value("document.querySelectorAll('h1').length") == 1
    assert chrome.value(WEAKEST_CONTRAST) >= 4.5
    assert chrome.value(UNNAMED) == []
    assert chrome.value(SKIPPED_LEVELS) is False


UNNAMED = """
[...document.querySelectorAll('input:not([type=hidden]), textarea, button, a')]
  .filter(e => !(e.labels && e.labels.length ? e.labels[0].innerText : e.innerText).trim())
  .map(e => e.outerHTML)
"""
"""What can be reached and has no name."""

SKIPPED_LEVELS = """
[...document.querySelectorAll('h1, h2, h3')].map(e => Number(e.tagName[1]))
  .some((level, n, all) => n > 0 && level > all[n - 1] + 1)
"""


def test_what_is_touched_is_large_enough(
    signed_in: Chrome, staff_page: Office, case_id: str
) -> None:
    signed_in.screen(390)
    signed_in.open(f"{staff_page.address}/cases/{case_id}")
    heights = "[...document.querySelectorAll('button, .pick, textarea')].map(e => e.offsetHeight)"
    assert min(signed_in.value(heights)) >= 40


def test_on_a_desks_screen_the_first_decision_is_seen_at_once(
    signed_in: Chrome, staff_page: Office, case_id: str
) -> None:
    size = {"width": 1280, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    signed_in.ask("Emulation.setDeviceMetricsOverride", **size)
    for name, path in (("staff-queue", "/"), ("staff-case", f"/cases/{case_id}")):
        signed_in.open(staff_page.address + path)
        if SHOTS:
            signed_in.photograph(Path(SHOTS) / f"{name}.png", beyond=False)
    lowest = "document.querySelector('.actions button').getBoundingClientRect().bottom"
    assert signed_in.value(lowest) <= 900
