"""What people do in ServiceTitan's own screens. An appointment is named `job/visit`, or by its number."""

from fastapi import APIRouter

from sandbox.servicetitan.model import Visit
from sandbox.servicetitan.office import Office
from sandbox.wire import Json, Refusal


def controls(office: Office) -> APIRouter:
    routes = APIRouter(prefix="/_control/servicetitan")

    def named(ref: str) -> Visit:
        number = ref.rpartition("/")[2]
        if not number.isdigit():
            raise Refusal(404, {"error": "there is no such appointment"})
        return office.visit(int(number))

    @routes.post("/{ref:path}/cancel")
    async def cancel(ref: str) -> Json:
        office.cancel(named(ref).job.id, 31, "called the office")
        return {"cancelled": ref}

    @routes.post("/{ref:path}/missed")
    async def missed(ref: str) -> Json:
        office.cancel(named(ref).job.id, 33, "nobody was home")
        return {"missed": ref}

    @routes.post("/{ref:path}/hold")
    async def hold(ref: str) -> Json:
        office.hold(named(ref).id, on=True)
        return {"held": ref}

    @routes.post("/{ref:path}/delete")
    async def delete(ref: str) -> Json:
        office.delete(named(ref).id)
        return {"deleted": ref}

    @routes.post("/{ref:path}/invoice")
    async def invoice(ref: str) -> Json:
        named(ref).job.invoiced = True
        return {"invoiced": ref}

    return routes
