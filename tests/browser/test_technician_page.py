"""The technician's page in a real browser: a small phone, no JavaScript, no signal."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.axe import violations
from tests.browser.chrome import PROGRAM, Chrome, until
from tests.browser.test_client_page import WEAKEST_CONTRAST, photograph
from tests.gateway.doorstep import JPEG, SECOND, VISIT, Phone, day_page
from tests.gateway.house import House

NO_ONE_HOME = "button[value='no_one_home']"


@pytest.fixture
def phone(plain_house: House) -> Phone:
    return Phone(plain_house, day_page(plain_house))


def test_a_report_takes_the_link_and_one_touch(chrome: Chrome, phone: Phone) -> None:
    chrome.open(f"{phone.house.address}/t/{phone.token}")
    assert chrome.value("location.pathname") == "/visits"
    photograph(chrome, "visits")
    chrome.press(NO_ONE_HOME)
    until(lambda: chrome.shows("has arrived"))
    photograph(chrome, "visits-sent")
    assert [one["kind"] for one in phone.reports()] == ["no_one_home"]
    assert phone.token not in chrome.value("document.documentElement.outerHTML + document.URL")


def test_going_back_and_pressing_again_is_the_same_report(chrome: Chrome, phone: Phone) -> None:
    chrome.open(f"{phone.house.address}/t/{phone.token}")
    key = chrome.value("document.querySelector('[name=key]').value")
    chrome.press(NO_ONE_HOME)
    until(lambda: chrome.shows("has arrived"))
    fields = phone.fields("no_one_home") | {"key": key}
    assert phone.send(fields).status_code == 303
    assert len(phone.reports()) == 1


def test_a_photo_and_a_note_go_with_the_report(
    chrome: Chrome, phone: Phone, tmp_path: Path
) -> None:
    (tmp_path / "door.jpg").write_bytes(JPEG)
    chrome.open(f"{phone.house.address}/t/{phone.token}")
    document = chrome.ask("DOM.getDocument")["root"]["nodeId"]
    chosen = chrome.ask("DOM.querySelector", nodeId=document, selector="[type=file]")
    files = [str(tmp_path / "door.jpg")]
    chrome.ask("DOM.setFileInputFiles", nodeId=chosen["nodeId"], files=files)
    chrome.value("document.querySelector('textarea').value = 'gate locked'")
    chrome.press("button[value='no_access']")
    until(lambda: chrome.shows("has arrived"))
    (said,) = phone.reports()
    assert (said["note"], bool(said["photo"])) == ("gate locked", True)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [320, 768])
def test_the_day_fits_its_screen_and_can_be_read(
    chrome: Chrome, plain_house: House, width: int, dark: bool
) -> None:
    chrome.screen(width, dark=dark)
    reported = [{"kind": "no_one_home", "outcome": "opened"}]
    long = VISIT | {"place": "W" * 60, "client": "Wolfeschlegelsteinhausen B", "reported": reported}
    token = day_page(plain_house, visits=[VISIT, long])
    chrome.open(f"{plain_house.address}/t/{token}")
    chrome.value("document.querySelectorAll('details').forEach(one => one.open = true)")
    photograph(chrome, f"visits-{width}-{'dark' if dark else 'light'}")
    assert chrome.value("document.documentElement.scrollWidth") <= width
    assert chrome.value("document.querySelectorAll('h1').length") == 1
    assert chrome.value(WEAKEST_CONTRAST) >= 4.5
    heights = "[...document.querySelectorAll('button, summary, a')].map(e => e.offsetHeight)"
    assert min(chrome.value(heights)) >= 44
    unnamed = (
        "[...document.querySelectorAll('textarea, [type=file]')].filter(e => !e.labels.length)"
    )
    assert chrome.value(f"{unnamed}.length") == 0


@pytest.fixture
def scripted(tmp_path: Path) -> Iterator[Chrome]:
    if not PROGRAM:
        pytest.skip("Chromium is not installed (Debian: apt-get install chromium)")
    browser = Chrome(tmp_path / "scripted", scripts=True)
    browser.screen(320)
    try:
        yield browser
    finally:
        browser.close()


def test_without_signal_the_report_is_sent_again_until_it_has_arrived(
    scripted: Chrome, phone: Phone
) -> None:
    scripted.open(f"{phone.house.address}/t/{phone.token}")
    _signal(scripted, there=False)
    scripted.press(NO_ONE_HOME)
    until(lambda: scripted.shows("No signal"))
    assert scripted.value("document.querySelector('button').disabled") is True
    assert phone.reports() == []
    _signal(scripted, there=True)
    until(lambda: scripted.shows("has arrived"))
    assert [one["kind"] for one in phone.reports()] == ["no_one_home"]


def test_axe_finds_nothing_wrong_in_either_language(scripted: Chrome, plain_house: House) -> None:
    reported = [{"kind": "no_one_home", "outcome": "told the office"}]
    token = day_page(plain_house, visits=[VISIT | {"reported": reported}, SECOND])
    scripted.open(f"{plain_house.address}/t/{token}")
    broken = {}
    for language, dark in (("en", False), ("es", True)):
        scripted.screen(390, dark=dark)
        for path in ("/visits", f"/visits?sent={VISIT['ref']}"):
            scripted.open(
                f"{plain_house.address}{path}{'&' if '?' in path else '?'}lang={language}"
            )
            assert scripted.value("document.documentElement.lang") == language
            scripted.value("document.querySelectorAll('details').forEach(one => one.open = true)")
            if found := violations(scripted):
                broken[f"{path} {language}"] = found
    assert broken == {}


def test_the_switch_leads_to_spanish_and_the_report_stays_there(
    scripted: Chrome, phone: Phone
) -> None:
    scripted.open(f"{phone.house.address}/t/{phone.token}")
    scripted.press("footer a[lang='es']")
    until(lambda: scripted.shows("Nota para la oficina"))
    _signal(scripted, there=False)
    scripted.press(NO_ONE_HOME)
    until(lambda: scripted.shows("Sin cobertura"))
    _signal(scripted, there=True)
    until(lambda: scripted.shows("ha llegado"))
    assert [one["kind"] for one in phone.reports()] == ["no_one_home"]


def _signal(chrome: Chrome, *, there: bool) -> None:
    chrome.ask("Network.enable")
    chrome.ask(
        "Network.emulateNetworkConditions",
        offline=not there,
        latency=0,
        downloadThroughput=-1,
        uploadThroughput=-1,
    )
