"""The page at the root: what it offers, and that nothing a message holds becomes markup."""

import re

import pytest

from sandbox.text import linked, mrkdwn
from tests.sandbox.conftest import Running

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


def text_ana(sandbox: Running, body: str) -> None:
    entry = sandbox.connection("twilio")
    login = (entry["credentials"]["account_sid"], entry["credentials"]["auth_token"])
    url = f"{entry['base_url']}/2010-04-01/Accounts/{login[0]}/Messages.json"
    form = {"To": "+18085550101", "From": "+18085550100", "Body": body}
    assert sandbox.http.post(url, data=form, auth=login).status_code == 201


def test_it_says_what_to_do_and_lists_who_can_cancel(sandbox: Running) -> None:
    html = sandbox.http.get("/").text
    assert "You are the client." in html
    assert len(re.findall(r'action="/_control/acuity/\d+/cancel"', html)) == 12


def test_a_cancel_from_the_pages_form_leads_back_to_the_page(sandbox: Running) -> None:
    one = sandbox.state()["acuity"]["appointments"][0]["id"]
    answer = sandbox.http.post(f"/_control/acuity/{one}/cancel", data={"by": "client"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    html = sandbox.http.get("/").text
    assert f"/_control/acuity/{one}/cancel" not in html
    assert "<em>cancelled</em>" in html


def test_a_text_stands_in_the_thread_with_a_clickable_link(sandbox: Running) -> None:
    text_ana(sandbox, "Pick one: http://127.0.0.1:9/o/abc.")
    html = sandbox.http.get("/").text
    assert '<a href="http://127.0.0.1:9/o/abc" target="_blank" rel="noopener">' in html
    assert "Ana Kealoha" in html


def test_the_thread_asked_for_is_open(sandbox: Running) -> None:
    for sender in ("+18085550101", "+18085550102"):
        sandbox.act("/phone/reply", **{"from": sender, "body": f"from {sender}"})
    html = sandbox.http.get("/", params={"thread": "+18085550101"}).text
    assert "from +18085550101" in html
    assert "from +18085550102" not in html


def test_nothing_in_a_message_becomes_markup(sandbox: Running) -> None:
    text_ana(sandbox, EVIL)
    slack = sandbox.connection("slack")
    bearer = {"Authorization": f"Bearer {slack['credentials']['bot_token']}"}
    button = {
        "type": "button",
        "action_id": EVIL,
        "text": {"type": "plain_text", "text": EVIL[:70]},
    }
    blocks = [
        {"type": "section", "text": {"type": "mrkdwn", "text": EVIL}},
        {
            "type": "actions",
            "elements": [button, {**button, "action_id": "b", "url": "javascript:1"}],
        },
    ]
    post = {"channel": "C0SANDBOX1", "text": EVIL, "blocks": blocks}
    sandbox.http.post(f"{slack['base_url']}chat.postMessage", json=post, headers=bearer)
    mail = sandbox.connection("sendgrid")
    sandbox.http.post(
        f"{mail['base_url']}/v3/mail/send",
        json={
            "personalizations": [{"to": [{"email": "ana@example.com"}]}],
            "from": {"email": "studio@sandbox.example.com"},
            "subject": EVIL,
            "content": [{"type": "text/html", "value": EVIL}],
        },
        headers={"Authorization": f"Bearer {mail['credentials']['api_key']}"},
    )
    page = sandbox.http.get("/")
    assert page.text.count("&lt;script&gt;alert(1)") >= 4
    assert "<script>alert" not in page.text
    assert "<img" not in page.text
    assert "javascript:" not in page.text
    assert "script-src" in page.headers["content-security-policy"] or (
        "default-src 'self'" in page.headers["content-security-policy"]
    )


def test_a_mail_is_framed_without_scripts(sandbox: Running) -> None:
    mail = sandbox.connection("sendgrid")
    sandbox.http.post(
        f"{mail['base_url']}/v3/mail/send",
        json={
            "personalizations": [{"to": [{"email": "ana.kealoha.1@example.com"}]}],
            "from": {"email": "studio@sandbox.example.com"},
            "subject": "New times",
            "content": [{"type": "text/html", "value": "<p>Hello</p>"}],
        },
        headers={"Authorization": f"Bearer {mail['credentials']['api_key']}"},
    )
    [frame] = re.findall(r"<iframe ([^>]*)>", sandbox.http.get("/").text)
    assert "allow-scripts" not in frame
    assert "&lt;p&gt;Hello&lt;/p&gt;" in frame


def test_the_calendar_shows_acuity_and_its_mirror(sandbox: Running) -> None:
    html = sandbox.http.get("/").text
    acuity, google = (html.count(f'<span class="{name}') for name in ("acuity", "google"))
    assert acuity == google > 0


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a <b> & c", "a &lt;b&gt; &amp; c"),
        ("(see http://x.test/a).", '(see <a href="http://x.test/a" target="_blank" rel="noopener">http://x.test/a</a>).'),
        ("javascript:alert(1)", "javascript:alert(1)"),
        ('http://x.test/"onclick=1', '<a href="http://x.test/" target="_blank" rel="noopener">http://x.test/</a>&#34;onclick=1'),
    ],
)  # fmt: skip
def test_links_are_found_and_the_rest_escaped(text: str, shown: str) -> None:
    assert str(linked(text)) == shown


def test_slacks_markup_becomes_links_and_bold() -> None:
    shown = str(mrkdwn("*A &amp; <b>* <http://x.test/1|run &lt;1&gt;>"))
    assert shown == (
        "<b>A &amp; &lt;b&gt;</b> "
        '<a href="http://x.test/1" target="_blank" rel="noopener">run &lt;1&gt;</a>'
    )
