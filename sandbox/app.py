"""The sandbox as one web app: the platforms behind the door, the control, and the page."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.responses import Response
from fastapi.staticfiles import StaticFiles
from starlette.routing import BaseRoute
from starlette.types import Receive, Scope, Send

from sandbox import control, elsewhere, guard, page
from sandbox.config import Config
from sandbox.door import Door
from sandbox.limits import Limits
from sandbox.town import Town
from sandbox.wire import Refusal


class Sandbox(FastAPI):
    """The door stands outside everything else, so that it can cut a connection before an answer."""

    def __init__(self, town: Town) -> None:
        super().__init__(title="Rebook sandbox", lifespan=_closing(town), docs_url=None)
        self.town = town
        limits = Limits(elsewhere.limits()) if town.config.limits else None
        self.door = Door(town.platforms, town.clock, town.faults, town.traffic, limits)
        self._platform_routes: list[BaseRoute] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refused = guard.refusal(scope)
        if refused is not None:
            await refused.response()(scope, receive, send)
            return
        await self.door.pass_on(super().__call__, scope, receive, send)

    def open_platforms(self) -> None:
        """Serve the platforms as they stand now, in place of those of before a reset."""
        for old in self._platform_routes:
            self.router.routes.remove(old)
        before = len(self.router.routes)
        for router in self.town.routers():
            self.include_router(router)
        self._platform_routes = self.router.routes[before:]


def _closing(town: Town) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await town.courier.close()

    return lifespan


def create_app(config: Config) -> Sandbox:
    town = Town(config)
    app = Sandbox(town)

    @app.exception_handler(Refusal)
    async def refused(_: Request, refusal: Refusal) -> Response:
        return refusal.response()

    async def reset() -> None:
        await town.reset()
        app.open_platforms()

    app.include_router(control.router(town, reset))
    app.include_router(page.router(town))
    app.mount("/static", StaticFiles(packages=[("sandbox", "static")]), name="static")
    app.open_platforms()
    return app
