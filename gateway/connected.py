"""Where a platform sends an admin back to who signs in for `rebook connect`.

The browser's address bar carries a code. This page reads, keeps and passes on nothing of it: it has no
link, no form and no script, and the admin carries the address to their terminal.
"""

from fastapi import APIRouter, Request, Response

from gateway import language, render
from gateway.settings import GatewaySettings
from gateway.site import READING


def router(settings: GatewaySettings) -> APIRouter:
    routes = APIRouter()

    @routes.api_route("/connected", methods=READING)
    async def connected(request: Request) -> Response:
        return render.page("connected", language.of(request, settings))

    return routes
