"""A picture of every page of the staff page, at two sizes."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from rebook.db.session import ledger
from rebook.db.staff_tables import StaffMember
from rebook.domain import clock as domain_clock
from rebook.domain.decisions import Choice
from tests.browser.chrome import PROGRAM, Chrome, until
from tests.browser.gallery import Gallery
from tests.office.page import Office, Visitor
from tests.services import office
from tests.services.office import Clock, decision, wake

pytestmark = pytest.mark.full


@pytest.fixture
def gallery(tmp_path: Path) -> Iterator[Gallery]:
    if not PROGRAM:
        pytest.skip("Chromium is not installed (Debian: apt-get install chromium)")
    browser = Chrome(tmp_path / "chrome")
    try:
        yield Gallery.of(browser, tmp_path)
    finally:
        browser.close()


def test_gallery_of_the_staff_page(
    gallery: Gallery, staff_page: Office, maria: Visitor, clock: Clock
) -> None:
    chrome, address = gallery.chrome, staff_page.address
    for name, path in (("sign-in", "/sign-in"), ("refused", "/nowhere")):
        chrome.open(address + path)
        gallery.take(f"staff-{name}")
    chrome.open(f"{address}/sign-in")
    for field in ("name", "password"):
        chrome.value(f"document.querySelector('[name={field}]').value = 'not anybody here'")
    chrome.press("form button")
    until(lambda: bool(chrome.value("!!document.querySelector('[role=alert]')")))
    gallery.take("staff-sign-in-wrong")
    token = maria.http.cookies["office"]
    chrome.ask("Network.setCookie", name="office", value=token, url=address)
    for name, path in (
        ("queue-empty", "/"),
        ("closed-empty", "/closed"),
        ("password", "/password"),
    ):
        chrome.open(address + path)
        gallery.take(f"staff-{name}")
    _cases(gallery, address, clock)
    with ledger() as session:
        member = session.get_one(StaffMember, "maria")
        member.one_time_until = domain_clock.now() + timedelta(days=1)
        session.add(member)
    chrome.open(f"{address}/")
    gallery.take("staff-password-first")


def _cases(gallery: Gallery, address: str, clock: Clock) -> None:
    chrome = gallery.chrome
    kept, actor = office.offered("1")
    office.say("Can my sister come along? And is there parking <nearby>?")
    wake(actor, decision(Choice.HAND_OVER, by="kim"))
    office.offered("2", calendar="chair-2", service="Whitening")
    _, over = office.offered("3", calendar="chair-3", service="Check-up")
    wake(over, decision(Choice.CLOSE_WITHDRAWN, by="kim"))
    clock.forward(minutes=50)
    wake(actor, decision(Choice.CALL_MADE, by="kim"))
    for name, path in (
        ("queue-waiting", "/"),
        ("closed", "/closed"),
        ("case-open", f"/cases/{kept}"),
    ):
        chrome.open(address + path)
        gallery.take(f"staff-{name}")
    chrome.press("[value='o1-2']")
    chrome.press("form:has([value='o1-2']) button")
    until(lambda: chrome.shows("being done"))
    decided = str(chrome.value("document.URL"))
    wake(actor)
    chrome.open(decided)
    gallery.take("staff-case-decided")
    office.book(actor)
    chrome.open(f"{address}/cases/{kept}")
    gallery.take("staff-case-rebooked")
