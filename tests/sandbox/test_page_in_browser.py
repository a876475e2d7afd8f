"""The page in a real browser: what a newcomer clicks, and that it keeps itself current."""

from collections.abc import Iterator

import pytest

from tests.sandbox.browser import CHROMIUM, Browser
from tests.sandbox.conftest import Gateway, Running

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed here")


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    browser = Browser(tmp_path_factory.mktemp("chromium"))
    yield browser
    browser.close()


@pytest.fixture
def page(chromium: Browser, sandbox: Running) -> Browser:
    chromium.open(sandbox.url)
    return chromium


def text_ana(sandbox: Running, body: str) -> None:
    entry = sandbox.connection("twilio")
    login = (entry["credentials"]["account_sid"], entry["credentials"]["auth_token"])
    url = f"{entry['base_url']}/2010-04-01/Accounts/{login[0]}/Messages.json"
    form = {"To": "+18085550101", "From": "+18085550100", "Body": body}
    sandbox.http.post(url, data=form, auth=login)


def test_it_needs_no_sideways_scrolling_at_1280(page: Browser) -> None:
    assert page.run("document.documentElement.scrollWidth") <= 1280
    assert page.run("document.querySelector('#phone').getBoundingClientRect().bottom") < 900


def test_a_click_on_cancel_cancels_without_leaving_the_page(
    page: Browser, sandbox: Running, gateway: Gateway
) -> None:
    page.run("window.stayed = true")
    page.run("document.querySelector('#book form button').click()")
    page.until("document.querySelector('#book li.cancelled')")
    assert page.run("window.stayed") is True
    assert b"action=canceled" in gateway.wait(1)[0].body


def test_a_new_text_appears_by_itself_and_can_be_answered(
    page: Browser, sandbox: Running, gateway: Gateway
) -> None:
    text_ana(sandbox, "Reply 1 or 2")
    page.until("document.querySelector('#phone .theirs')")
    page.run("document.querySelector('#phone input[name=body]').value = '2'")
    page.run("document.querySelector('#phone .answer button').click()")
    page.until("document.querySelector('#phone .mine')")
    assert b"Body=2" in gateway.wait(1, "/hooks/twilio/sms")[0].body


def test_what_is_being_typed_survives_the_refresh(page: Browser, sandbox: Running) -> None:
    text_ana(sandbox, "first")
    page.until("document.querySelector('#phone .theirs')")
    page.run("document.querySelector('#phone input[name=body]').focus()")
    page.run("document.querySelector('#phone input[name=body]').value = 'half a sen'")
    text_ana(sandbox, "second")
    page.until("document.querySelectorAll('#phone .theirs').length === 2")
    assert page.run("document.querySelector('#phone input[name=body]').value") == "half a sen"
    assert page.run("document.activeElement.name") == "body"


def test_a_half_written_answer_does_not_slip_into_another_thread(
    page: Browser, sandbox: Running
) -> None:
    text_ana(sandbox, "first")
    page.until("document.querySelector('#phone .theirs')")
    page.run("document.querySelector('#phone input[name=body]').value = 'half a sen'")
    sandbox.act("/phone/reply", **{"from": "+18085550109", "body": "someone else"})
    one = sandbox.state()["acuity"]["appointments"][0]["id"]
    sandbox.act(f"/acuity/{one}/cancel", by="staff")
    page.until("document.querySelector('#book li.cancelled')")
    assert page.run("document.querySelector('#phone input[name=from]').value") == "+18085550101"


def test_no_script_of_a_mail_runs(page: Browser, sandbox: Running) -> None:
    mail = sandbox.connection("sendgrid")
    sandbox.http.post(
        f"{mail['base_url']}/v3/mail/send",
        json={
            "personalizations": [{"to": [{"email": "ana.kealoha.1@example.com"}]}],
            "from": {"email": "studio@sandbox.example.com"},
            "subject": "x",
            "content": [{"type": "text/html", "value": "<script>parent.hit = 1</script><b>hi</b>"}],
        },
        headers={"Authorization": f"Bearer {mail['credentials']['api_key']}"},
    )
    page.until("document.querySelector('#mail iframe')")
    page.open(sandbox.url)
    assert page.run("typeof window.hit") == "undefined"
