"""Jobber, emulated: https://developer.getjobber.com/docs"""

from datetime import timedelta
from typing import ClassVar

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from sandbox.jobber.bucket import Bucket
from sandbox.jobber.graphql import Broken, Run
from sandbox.jobber.oauth import Tokens
from sandbox.jobber.schema import Schema
from sandbox.jobber.shown import status
from sandbox.jobber.store import Store, Visit
from sandbox.kit import Kit
from sandbox.limits import Limit
from sandbox.wire import BadBody, Json, Refusal, read_form, read_json


class Jobber:
    slug: ClassVar[str] = "jobber"
    limits: ClassVar[list[Limit]] = [Limit("jobber", "/graphql", 2500, 300.0)]

    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.store = Store(kit)
        self.tokens = Tokens(kit, self.store.hooks)
        self.bucket = Bucket(enforced=kit.config.limits)

    def router(self) -> APIRouter:
        routes = APIRouter(prefix="/jobber/api")

        @routes.post("/oauth/token")
        async def token(request: Request) -> Json:
            return self.tokens.exchange(await read_form(request))

        @routes.get("/oauth/authorize")
        async def sign_in(request: Request) -> Response:
            return self.tokens.codes.sign_in(request.query_params)

        @routes.post("/graphql", dependencies=[Depends(self.tokens.guard)])
        async def graphql(request: Request) -> Json:
            try:
                return self._answer(await read_json(request))
            except BadBody:
                raise Refusal(400, {"message": "The body is not JSON"}) from None

        return routes

    def _answer(self, body: Json) -> Json:
        try:
            run = Run(
                str(body.get("query")), body.get("operationName"), body.get("variables") or {}
            )
            cost = run.cost()
            if not self.bucket.take(cost):
                refused = {"message": "Throttled", "extensions": {"code": "THROTTLED"}}
                return {"errors": [refused], "extensions": self.bucket.told(cost, acted=False)}
            data = run.answer(Schema(self.store).root(run.operation.kind))
        except (Broken, KeyError, TypeError, RecursionError) as error:
            code = {"code": "undefinedField" if isinstance(error, Broken) else "argumentError"}
            return {"errors": [{"message": str(error), "extensions": code}]}
        return {"data": data, "extensions": self.bucket.told(cost, acted=True)}

    def controls(self) -> APIRouter:
        routes = APIRouter(prefix="/_control/jobber")

        @routes.post("/expire_tokens")
        async def expire() -> Json:
            self.tokens.expire_all()
            return {"expired": True}

        @routes.post("/drain")
        async def drain() -> Json:
            self.bucket.drain()
            return {"drained": True}

        @routes.post("/{identity}/cancel")
        async def cancel(identity: str) -> Json:
            self._find(identity)
            self.store.delete(identity)
            return {"cancelled": identity}

        @routes.post("/{identity}/unschedule")
        async def unschedule(identity: str) -> Json:
            visit = self._find(identity)
            visit.start = visit.end = None
            self.store.changed(visit)
            return {"unscheduled": identity}

        @routes.post("/{identity}/missed")
        async def missed(identity: str) -> Json:
            """Nobody came: the visit was three hours ago and is not completed."""
            visit = self._find(identity)
            lasted = (visit.end - visit.start) if visit.start and visit.end else timedelta(hours=1)
            visit.end = self.kit.clock.now().replace(microsecond=0) - timedelta(hours=3)
            visit.start = visit.end - lasted
            self.store.changed(visit)
            return {"missed": identity}

        return routes

    def _find(self, identity: str) -> Visit:
        visit = self.store.visits.get(identity)
        if visit is None:
            raise Refusal(404, {"error": "no such visit"})
        return visit

    def fault(self, status: int, _wait: int) -> Refusal:
        return Refusal(status, {"message": "The request could not be served."})

    def state(self) -> Json:
        return {
            "visits": [self._shown(one) for one in self.store.visits.values()],
            "tasks": [vars(one) for one in self.store.tasks.values()],
        }

    def _shown(self, one: Visit) -> Json:
        client = one.job.client
        own = {name: value for name, value in vars(one).items() if name != "job"}
        person = {"name": f"{client.first} {client.last}", "phone": client.phone}
        return {**own, **person, "job": one.job.id, "status": status(self.store, one)}

    def entry(self, base: str) -> Json:
        return {
            "slug": self.slug,
            "connection": "jobber",
            "base_url": f"{base}/jobber/api",
            "credentials": {
                "client_id": self.tokens.client_id,
                "client_secret": self.store.hooks.secret,
                "refresh_token": self.tokens.refresh_token(0),
                "access_token": self.tokens.access_token(0),
            },
            "webhook_secrets": [self.store.hooks.secret],
            "settings": {
                "zone": self.kit.zone_name,
                "token_url": f"{base}/jobber/api/oauth/token",
                "authorize_url": f"{base}/jobber/api/oauth/authorize",
            },
        }
