"""A picture of every page a client or a technician can see, and of every message, at two sizes."""

import html
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rebook.domain import texts, unsubscribing
from rebook.domain.texts import Answer, Purpose
from rebook.services import preview
from tests.browser.chrome import PROGRAM, Chrome, until
from tests.browser.gallery import Gallery
from tests.browser.test_other_pages import ENTRIES, enter
from tests.gateway.doorstep import VISIT, Phone, day_page
from tests.gateway.house import House

pytestmark = pytest.mark.full
MORE: dict[str, tuple[str, dict[str, Any], str]] = {
    "offer-alone": ("offer", {"stands": None, "free": []}, "/offer"),
    "offer-taken": ("offer", {"state": "taken"}, "/offer"),
    "offer-gone": ("offer", {"note": "slot taken"}, "/offer"),
    "offer-noted": ("offer", {}, "/offer?said=wish-2"),
    "offer-late": ("offer", {"state": "working"}, "/offer?again=20"),
    "visit-asked": ("visit", {}, "/visit?asked=move"),
}
"""States beside those of the other tests: the entry, what is different in its view, and where it stands."""
UNANSWERED = ("offer", "offer/wish", "offer/call", "offer/cancel", "visit")


@pytest.fixture
def gallery(tmp_path: Path) -> Iterator[Gallery]:
    if not PROGRAM:
        pytest.skip("Chromium is not installed (Debian: apt-get install chromium)")
    browser = Chrome(tmp_path / "chrome")
    try:
        yield Gallery.of(browser, tmp_path)
    finally:
        browser.close()


def test_gallery_of_every_page_of_a_client(gallery: Gallery, plain_house: House) -> None:
    for entry in ENTRIES:
        enter(gallery.chrome, plain_house, entry)
        gallery.take(f"page-{entry.replace('/', '-').replace('#', '-')}")
    for name, (entry, changes, address) in MORE.items():
        enter(gallery.chrome, plain_house, entry, **changes)
        gallery.chrome.open(plain_house.address + address)
        gallery.take(f"page-{name}")


def test_gallery_of_what_was_not_answered(gallery: Gallery, plain_house: House) -> None:
    """A form that came without an answer, which a browser itself would not have sent."""
    for entry in UNANSWERED:
        enter(gallery.chrome, plain_house, entry)
        gallery.chrome.value("document.querySelector('form').noValidate = true")
        gallery.chrome.press("form button")
        until(lambda: bool(gallery.chrome.value("!!document.querySelector('[role=alert]')")))
        gallery.take(f"page-{entry.replace('/', '-')}-unanswered")


def test_gallery_of_lost_links_and_opting_out(gallery: Gallery, plain_house: House) -> None:
    chrome, address = gallery.chrome, plain_house.address
    chrome.open(f"{address}/lost")
    for typed, shown, name in (("no contact", "[role=alert]", "bad"), ("+18085550142", "", "sent")):
        chrome.value(f"document.querySelector('#contact').value = '{typed}'")
        chrome.press("form button")
        if shown:
            until(lambda: bool(chrome.value("!!document.querySelector('[role=alert]')")))
        else:
            until(lambda: not chrome.value("!!document.querySelector('#contact')"))
        gallery.take(f"page-lost-{name}")
    token = unsubscribing.token(plain_house.keyring.door_key, "contact-1")
    chrome.open(f"{address}/u/contact-1/{token}")
    gallery.take("page-unsubscribe")
    chrome.press("form button")
    until(lambda: not chrome.value("!!document.querySelector('form button')"))
    gallery.take("page-unsubscribed")


def test_gallery_of_the_technicians_page(gallery: Gallery, plain_house: House) -> None:
    chrome = gallery.chrome
    reported = [{"kind": "no_one_home", "outcome": "opened"}]
    visits = [VISIT, VISIT | {"ref": "visit-3", "time": "2:00 pm", "reported": reported}]
    days: dict[str, dict[str, Any]] = {
        "day": {},
        "reported": {"visits": visits},
        "nothing": {"visits": []},
    }
    for name, changes in days.items():
        chrome.open(f"{plain_house.address}/t/{day_page(plain_house, **changes)}")
        gallery.take(f"technician-{name}")
    phone = Phone(plain_house, day_page(plain_house))
    chrome.open(f"{plain_house.address}/t/{phone.token}")
    chrome.value("document.querySelectorAll('details').forEach(one => one.open = true)")
    gallery.take("technician-note")
    chrome.press("button[value='no_one_home']")
    until(lambda: chrome.shows("has arrived"))
    gallery.take("technician-sent")
    chrome.open(f"{plain_house.address}/visits")
    chrome.value("document.querySelector('[name=key]').value = ''")
    chrome.press("button[value='no_one_home']")
    until(lambda: bool(chrome.value("!!document.querySelector('[role=alert]')")))
    gallery.take("technician-refused")


SHEET = """<!doctype html><html lang="{language}"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><style>
body {{ font: 16px/1.45 sans-serif; margin: 0; padding: 16px; color: #1a1d21; background: #fff }}
main {{ max-width: 620px; margin: auto }}
article {{ margin: 0 0 24px; overflow-wrap: anywhere }}
h2 {{ font-size: 14px; color: #4a5058 }}
.text {{ white-space: pre-line; background: #e8f1fb; border-radius: 12px; padding: 12px }}
.mail {{ border: 1px solid #767d86; padding: 12px 16px }}
.mail h3 {{ margin: 0; font-size: 16px }}
</style><title>Messages</title><main>{articles}</main></html>"""


EACH = 8
"""Messages on one picture."""


def articles(language: str, channel: str) -> list[str]:
    """Every message of a channel as its reader sees it, under the name that an operator changes."""
    made = []
    for one in preview.samples({}):
        if (one.language, one.channel) != (language, channel):
            continue
        title = f"<h2>{html.escape(f'{one.name} {one.cause}')}</h2>"
        if channel == "sms":
            shown = f'<div class="text">{html.escape(one.text)}</div>'
        else:
            shown = f'<div class="mail"><h3>{html.escape(one.subject)}</h3>{_mail(one)}</div>'
        made.append(f"<article>{title}{shown}</article>")
    return made


def _mail(one: preview.Sample) -> str:
    name = one.name.removeprefix(f"{one.language}.")
    answer = Answer(name.partition(".")[2]) if name.startswith("answer.") else None
    purpose = Purpose.ANSWER_EMAIL if answer else Purpose(name)
    fields = preview.fields(one.language)
    return texts.write(
        purpose, fields, {}, cause=one.cause, answer=answer, language=one.language
    ).html


@pytest.mark.parametrize("language", preview.LANGUAGES)
@pytest.mark.parametrize("channel", ["sms", "email"])
def test_gallery_of_every_message(
    gallery: Gallery, tmp_path: Path, channel: str, language: str
) -> None:
    made = articles(language, channel)
    for number, first in enumerate(range(0, len(made), EACH), start=1):
        sheet = tmp_path / "sheet.html"
        some = "".join(made[first : first + EACH])
        sheet.write_text(SHEET.format(language=language, articles=some))
        gallery.chrome.open(sheet.as_uri())
        gallery.take(f"message-{channel}-{language}-{number}")
