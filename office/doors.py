"""Signing in, choosing a password, signing out."""

from threading import BoundedSemaphore

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from office import render
from office.visits import (
    Anybody,
    OwnForm,
    Visit,
    address_of,
    forget,
    remember,
    require_proof,
    token_of,
)
from rebook.db.session import ledger
from rebook.services import staff_accounts, staff_sessions
from rebook.services.staff_accounts import BadPassword

WRONG = "That is not a staff id and its password."
TOO_OFTEN = "Too many tries. Wait a quarter of an hour, or ask your admin for a new password."
HASHING = BoundedSemaphore(2)
"""Each look at a password takes 64 MB for a moment."""
routes = APIRouter()


@routes.get("/sign-in")
def enter() -> Response:
    return render.page("sign_in", alert="")


@routes.post("/sign-in")
def sign_in(request: Request, form: OwnForm) -> Response:
    """The same words for a wrong name and a wrong password. Who was signed in here is signed out."""
    name, password = form.get("name", "").strip()[:200], form.get("password", "")[:1000]
    with ledger() as session:
        allowed = staff_sessions.may_try(session, name)
    if not allowed:
        return render.page("sign_in", 429, alert=TOO_OFTEN, headers={"Retry-After": "900"})
    with HASHING, ledger() as session:
        right = staff_accounts.is_right(session, name, password)
        if right:
            staff_sessions.end(session, token_of(request))
        token = staff_sessions.begin(session, name) if right else ""
        if not right:
            staff_sessions.failed(session, name)
    if not right:
        return render.page("sign_in", 401, alert=WRONG)
    answer = RedirectResponse("/", 303)
    remember(answer, address_of(request), token)
    return answer


@routes.get("/password")
def password(visit: Anybody) -> Response:
    return render.page("password", visit=visit, alert="")


@routes.post("/password")
def choose_password(request: Request, visit: Anybody, form: OwnForm) -> Response:
    """Every session of theirs ends; this browser gets a new one."""
    require_proof(visit, form)
    if not _may_guess(visit):
        headers = {"Retry-After": "900"}
        return render.page("password", 429, visit=visit, alert=TOO_OFTEN, headers=headers)
    try:
        with HASHING, ledger() as session:
            _change(visit, form, session)
            token = staff_sessions.begin(session, visit.staff_id)
    except BadPassword as error:
        return render.page("password", 422, visit=visit, alert=f"{error}.".capitalize())
    answer = RedirectResponse("/", 303)
    remember(answer, address_of(request), token)
    return answer


def _may_guess(visit: Visit) -> bool:
    """Their own password is asked for, so tries are counted as at the door."""
    if visit.must_choose:
        return True
    with ledger() as session:
        return staff_sessions.may_try(session, visit.staff_id)


def _change(visit: Visit, form: dict[str, str], session: Session) -> None:
    wanted = form.get("password", "")
    if wanted != form.get("again", ""):
        raise BadPassword("the two are not the same")
    if not visit.must_choose and not staff_accounts.is_right(
        session, visit.staff_id, form.get("former", "")
    ):
        raise BadPassword("that is not your password so far")
    staff_accounts.change_password(session, visit.staff_id, wanted)


@routes.post("/sign-out")
def sign_out(request: Request, visit: Anybody, form: OwnForm) -> Response:
    require_proof(visit, form)
    with ledger() as session:
        staff_sessions.end(session, visit.token)
    answer = RedirectResponse("/sign-in", 303)
    forget(answer, address_of(request))
    return answer


@routes.get("/office.css")
def style() -> Response:
    cached = {"Cache-Control": "public, max-age=300"}
    return Response(render.STYLE, media_type="text/css", headers=cached)
