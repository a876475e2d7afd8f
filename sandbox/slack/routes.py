"""Slack's methods: one path each, JSON, form or query alike, bearer token or `token` argument."""

import json
from collections.abc import Callable

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse

from sandbox.credentials import SLACK_BOT, SLACK_BOT_USER, SLACK_CHANNEL, SLACK_TEAM
from sandbox.slack.channel import Channel
from sandbox.slack.clicks import Clicks
from sandbox.slack.errors import refusal
from sandbox.slack.team import MEMBERS, member
from sandbox.wire import BadBody, Json, read_form, read_json

STRUCTURED = {"blocks", "metadata", "attachments"}


def router(channel: Channel, clicks: Clicks) -> APIRouter:
    routes = APIRouter(prefix="/slack")
    methods = _methods(channel)

    @routes.api_route("/api/{method}", methods=["GET", "POST"])
    async def call(method: str, request: Request) -> Json:
        args = await _arguments(request)
        if method == "api.test":
            return {"ok": True}
        _authorize(channel, request, args)
        if method not in methods:
            raise refusal("unknown_method")
        return methods[method](args)

    @routes.post("/actions/{token}")
    async def respond(token: str, request: Request) -> PlainTextResponse:
        clicks.respond(token, await _json(request))
        return PlainTextResponse("ok")

    return routes


def _methods(channel: Channel) -> dict[str, Callable[[Json], Json]]:
    return {
        "auth.test": lambda _: _auth_test(),
        "chat.postMessage": lambda args: _posted(channel.post(args)),
        "chat.update": lambda args: _updated(channel.update(args)),
        "conversations.history": channel.history,
        "conversations.replies": channel.replies,
        "users.lookupByEmail": lambda args: _lookup(channel, args),
    }


def _auth_test() -> Json:
    return {
        "ok": True,
        "url": "https://sandbox.slack.test/",
        "team": "Harbour Street Studio",
        "team_id": SLACK_TEAM,
        "user": "rebook",
        "user_id": SLACK_BOT_USER,
        "bot_id": SLACK_BOT,
        "is_enterprise_install": False,
    }


def _posted(message: Json) -> Json:
    return {"ok": True, "channel": SLACK_CHANNEL, "ts": message["ts"], "message": message}


def _updated(message: Json) -> Json:
    return {**_posted(message), "text": message["text"]}


def _lookup(channel: Channel, args: Json) -> Json:
    for user_id, (_, _, email) in MEMBERS.items():
        if email == str(args.get("email", "")).lower():
            return {"ok": True, "user": member(user_id, channel.kit.zone_name)}
    raise refusal("users_not_found")


def _authorize(channel: Channel, request: Request, args: Json) -> None:
    given = request.headers.get("authorization", "").removeprefix("Bearer ") or args.get("token")
    if not given:
        raise refusal("not_authed")
    if given != channel.kit.secrets.slack_bot_token:
        raise refusal("invalid_auth")


async def _arguments(request: Request) -> Json:
    args: Json = dict(request.query_params)
    if request.headers.get("content-type", "").startswith("application/json"):
        return {**args, **await _json(request)}
    args |= await read_form(request)
    for name in STRUCTURED & args.keys():
        args[name] = _structure(str(args[name]))
    return args


def _structure(text: str) -> object:
    try:
        return json.loads(text) if text else None
    except ValueError:
        raise refusal("invalid_json") from None


async def _json(request: Request) -> Json:
    try:
        return await read_json(request)
    except BadBody:
        raise refusal("invalid_json") from None
