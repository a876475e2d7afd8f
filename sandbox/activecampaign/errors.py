"""ActiveCampaign's errors have no common shape: 422 lists them, 403 and 404 say a sentence."""

from sandbox.wire import Refusal


def not_found(what: str, number: str) -> Refusal:
    return Refusal(404, {"message": f"No Result found for {what} with id {number}"})


def invalid(field: str, title: str, code: str, *, status: int = 422) -> Refusal:
    if status != 422:
        return Refusal(status, {"message": title})
    pointer = {"pointer": f"/data/attributes/{field}"}
    error = {"title": title, "detail": "", "code": code, "source": pointer}
    return Refusal(422, {"errors": [error]})
