"""Slack through its official client, and its clicks checked by hand."""

import hashlib
import hmac
import json
from collections.abc import Callable
from urllib.parse import parse_qs

import httpx
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from tests.sandbox.conftest import Gateway, Json, Running, eventually

CHANNEL = "C0SANDBOX1"
BUTTONS: list[Json] = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "*Lost*"}},
    {
        "type": "actions",
        "block_id": "case:1",
        "elements": [
            {
                "type": "button",
                "action_id": "call",
                "text": {"type": "plain_text", "text": "I call"},
                "value": "opaque-1",
            }
        ],
    },
]


@pytest.fixture
def slack(sandbox: Running) -> WebClient:
    entry = sandbox.connection("slack")
    return WebClient(entry["credentials"]["bot_token"], base_url=entry["base_url"])


def error_of(refused: pytest.ExceptionInfo[SlackApiError]) -> tuple[int, str]:
    response = refused.value.response
    return response.status_code, response["error"]


def test_a_message_is_posted_and_updated_in_place(slack: WebClient) -> None:
    posted = slack.chat_postMessage(channel=CHANNEL, text="one", blocks=BUTTONS)
    slack.chat_update(channel=CHANNEL, ts=posted["ts"], text="two")
    [message] = slack.conversations_history(channel=CHANNEL)["messages"]
    assert (message["ts"], message["text"]) == (posted["ts"], "two")
    assert "blocks" not in message


def test_timestamps_never_repeat(slack: WebClient) -> None:
    stamps = [slack.chat_postMessage(channel=CHANNEL, text="x")["ts"] for _ in range(5)]
    assert stamps == sorted(set(stamps))


def test_history_is_paged_newest_first_and_hides_threads(slack: WebClient) -> None:
    stamps = [slack.chat_postMessage(channel=CHANNEL, text=str(n))["ts"] for n in range(5)]
    reply = slack.chat_postMessage(channel=CHANNEL, text="reply", thread_ts=stamps[0])["ts"]
    seen, cursor = [], None
    while True:
        page = slack.conversations_history(channel=CHANNEL, limit=2, cursor=cursor)
        seen += [message["text"] for message in page["messages"]]
        cursor = page["response_metadata"]["next_cursor"]
        if not cursor:
            break
    assert seen == ["4", "3", "2", "1", "0"]
    thread = slack.conversations_replies(channel=CHANNEL, ts=stamps[0])["messages"]
    assert [message["ts"] for message in thread] == [stamps[0], reply]


def test_the_payload_of_metadata_is_shown_only_when_asked_for(slack: WebClient) -> None:
    own = {"event_type": "reschedule_case", "event_payload": {"case_id": "c1"}}
    slack.chat_postMessage(channel=CHANNEL, text="x", metadata=own)
    plain = slack.conversations_history(channel=CHANNEL)["messages"][0]["metadata"]
    full = slack.conversations_history(channel=CHANNEL, include_all_metadata=True)["messages"][0]
    assert "event_payload" not in plain
    assert full["metadata"] == own


def test_history_can_start_at_a_moment(slack: WebClient) -> None:
    first, second = (slack.chat_postMessage(channel=CHANNEL, text=t)["ts"] for t in "ab")
    after = slack.conversations_history(channel=CHANNEL, oldest=first)["messages"]
    assert [message["ts"] for message in after] == [second]
    both = slack.conversations_history(channel=CHANNEL, oldest=first, inclusive=True)["messages"]
    assert len(both) == 2


def test_a_refusal_is_a_200_that_says_not_ok(sandbox: Running, slack: WebClient) -> None:
    with pytest.raises(SlackApiError) as refused:
        slack.chat_postMessage(channel="C0NOWHERE", text="x")
    assert error_of(refused) == (200, "channel_not_found")
    with pytest.raises(SlackApiError) as missing:
        slack.chat_update(channel=CHANNEL, ts="1.000000", text="x")
    assert error_of(missing) == (200, "message_not_found")
    wrong = WebClient("xoxb-wrong", base_url=sandbox.connection("slack")["base_url"])
    with pytest.raises(SlackApiError) as unknown:
        wrong.auth_test()
    assert error_of(unknown) == (200, "invalid_auth")


@pytest.mark.parametrize(
    "blocks",
    [
        [{"type": "section"}] * 51,
        [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}],
        [{"type": "actions", "elements": []}],
        [{"type": "actions", "elements": [{"type": "button", "action_id": "a", "text": {"text": "x" * 76}}]}],
        [{"no": "type"}],
    ],
)  # fmt: skip
def test_blocks_beyond_the_limits_are_refused(slack: WebClient, blocks: list[Json]) -> None:
    with pytest.raises(SlackApiError) as refused:
        slack.chat_postMessage(channel=CHANNEL, text="x", blocks=blocks)
    assert error_of(refused) == (200, "invalid_blocks")


def test_staff_is_found_by_mail(slack: WebClient) -> None:
    found = slack.users_lookupByEmail(email="imani@sandbox.example.com")
    assert found["user"]["id"] == "U0SANDBOX1"
    with pytest.raises(SlackApiError) as refused:
        slack.users_lookupByEmail(email="nobody@example.com")
    assert error_of(refused) == (200, "users_not_found")


def click(sandbox: Running, slack: WebClient) -> str:
    ts = str(slack.chat_postMessage(channel=CHANNEL, text="x", blocks=BUTTONS)["ts"])
    sandbox.act("/slack/click", ts=ts, action_id="call", user="U0SANDBOX2")
    return ts


def test_a_click_is_one_signed_form_field(
    sandbox: Running, slack: WebClient, gateway: Gateway
) -> None:
    ts = click(sandbox, slack)
    [hook] = gateway.wait(1, "/hooks/slack/interactivity")
    secret = sandbox.connection("slack")["webhook_secrets"][0]
    base = f"v0:{hook.headers['x-slack-request-timestamp']}:".encode() + hook.body
    digest = hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
    assert hook.headers["x-slack-signature"] == f"v0={digest}"
    payload = json.loads(parse_qs(hook.body.decode())["payload"][0])
    assert payload["container"]["message_ts"] == ts
    assert payload["user"]["id"] == "U0SANDBOX2"
    [action] = payload["actions"]
    assert (action["action_id"], action["block_id"], action["value"]) == (
        "call",
        "case:1",
        "opaque-1",
    )


MENU: list[Json] = [
    {
        "type": "actions",
        "elements": [
            {
                "type": "static_select",
                "action_id": "close",
                "placeholder": {"type": "plain_text", "text": "Close because"},
                "options": [
                    {"text": {"type": "plain_text", "text": text}, "value": value}
                    for text, value in (("Declined", "1"), ("Never lost", "2"))
                ],
            }
        ],
    }
]


def test_a_pick_from_a_menu_says_which_option(
    sandbox: Running, slack: WebClient, gateway: Gateway
) -> None:
    ts = str(slack.chat_postMessage(channel=CHANNEL, text="x", blocks=MENU)["ts"])
    sandbox.act("/slack/click", ts=ts, action_id="close", value="2")
    [hook] = gateway.wait(1, "/hooks/slack/interactivity")
    [action] = json.loads(parse_qs(hook.body.decode())["payload"][0])["actions"]
    assert action["selected_option"]["value"] == "2"
    assert "value" not in action


def test_a_menu_without_options_is_refused(slack: WebClient) -> None:
    empty = [{**MENU[0], "elements": [{**MENU[0]["elements"][0], "options": []}]}]
    with pytest.raises(SlackApiError) as refused:
        slack.chat_postMessage(channel=CHANNEL, text="x", blocks=empty)
    assert error_of(refused)[1] == "invalid_blocks"


def test_a_click_is_never_repeated(sandbox: Running, slack: WebClient, gateway: Gateway) -> None:
    gateway.answers = [500]
    click(sandbox, slack)
    done = eventually(
        lambda: [d for d in sandbox.deliveries("slack") if d["outcome"] != "waiting"] or None
    )
    assert [(d["outcome"], d["attempts"]) for d in done] == [("failed", 1)]


def test_the_response_url_replaces_the_message_five_times(
    sandbox: Running, slack: WebClient, gateway: Gateway
) -> None:
    click(sandbox, slack)
    [hook] = gateway.wait(1)
    url = json.loads(parse_qs(hook.body.decode())["payload"][0])["response_url"]
    change = {"replace_original": True, "text": "taken"}
    answers = [httpx.post(url, json=change, timeout=60).text for _ in range(6)]
    assert answers[:5] == ["ok"] * 5
    assert json.loads(answers[5])["ok"] is False
    assert slack.conversations_history(channel=CHANNEL)["messages"][0]["text"] == "taken"


def test_too_many_posts_are_429_with_retry_after(serve: Callable[..., Running]) -> None:
    running: Running = serve(limits=True)
    entry = running.connection("slack")
    bearer = {"Authorization": f"Bearer {entry['credentials']['bot_token']}"}
    url = f"{entry['base_url']}chat.postMessage"
    posts = [
        httpx.post(url, json={"channel": CHANNEL, "text": "x"}, headers=bearer, timeout=60)
        for _ in range(11)
    ]
    assert [p.status_code for p in posts] == [200] * 10 + [429]
    assert posts[10].json() == {"ok": False, "error": "ratelimited"}
    assert int(posts[10].headers["retry-after"]) >= 1
