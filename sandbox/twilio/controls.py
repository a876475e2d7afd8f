"""What people do with their phones, under /_control/twilio."""

from fastapi import APIRouter, Request

from sandbox.twilio.calls import Calls
from sandbox.wire import BadBody, Json, Refusal, read_json


def router(calls: Calls) -> APIRouter:
    routes = APIRouter(prefix="/_control/twilio")

    @routes.post("/call")
    async def call(request: Request) -> Json:
        """Somebody dials the studio's number; `from` may be a number that hides itself."""
        caller = str((await _given(request)).get("from", ""))
        if not caller:
            raise Refusal(400, {"error": "from is required"})
        return calls.begin(caller).shown()

    @routes.post("/call/{sid}/answer")
    async def answer(sid: str, request: Request) -> Json:
        """`keys` or `speech`; neither is silence until the question ends."""
        given = await _given(request)
        keys, speech = (str(given.get(name, "")) for name in ("keys", "speech"))
        return calls.answer(calls.find(sid), keys=keys, speech=speech).shown()

    @routes.post("/call/{sid}/hang_up")
    async def hang_up(sid: str) -> Json:
        calls.hang_up(calls.find(sid))
        return calls.find(sid).shown()

    @routes.get("/call/{sid}")
    async def shown(sid: str) -> Json:
        return calls.find(sid).shown()

    @routes.post("/takes_calls")
    async def takes_calls(request: Request) -> Json:
        """A number at which somebody picks up when a call is put through."""
        calls.answering.add(str((await _given(request)).get("number", "")))
        return {"answering": sorted(calls.answering)}

    return routes


async def _given(request: Request) -> Json:
    try:
        return await read_json(request)
    except BadBody:
        raise Refusal(400, {"error": "the body is not a JSON object"}) from None
