"""The queue, the page of a case, and the decisions made there."""

import re
import secrets
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from office import render
from office.visits import Member, OwnForm, Visit, require_proof
from rebook.db.session import ledger
from rebook.domain.decisions import LABELS, Choice, Decision
from rebook.domain.timeline import WORDS
from rebook.services import desk, dossier
from rebook.services.cases import NoSuchCase
from rebook.services.desk import CannotDecide

REFRESH_SECONDS, REFRESHES = 2, 30
KEY = re.compile(r"[\w-]{10,40}")
ID = re.compile(r"[A-Za-z0-9_-]{1,60}")
routes = APIRouter()


def _case_id(case_id: str) -> str:
    """Raises `NoSuchCase` for what no id of ours can be, so that nothing else reaches the ledger."""
    if not ID.fullmatch(case_id):
        raise NoSuchCase("there is no such case")
    return case_id


CaseId = Annotated[str, Depends(_case_id)]


@routes.get("/")
def queue(visit: Member) -> Response:
    with ledger() as session:
        found = desk.queue(session)
    return render.page("queue", visit=visit, queue=found)


@routes.get("/closed")
def closed(visit: Member) -> Response:
    with ledger() as session:
        found = desk.closed(session)
    return render.page("closed", visit=visit, cases=found)


@routes.get("/cases/{case_id}")
def show(request: Request, visit: Member, case_id: CaseId) -> Response:
    asked = request.query_params
    return _case(visit, case_id, done=asked.get("done", ""), again=_small(asked.get("again", "")))


@routes.post("/cases/{case_id}")
def decide(visit: Member, case_id: CaseId, form: OwnForm) -> Response:
    """Sent twice it is one decision: `key` was made with the page that the form stood on."""
    require_proof(visit, form)
    key = form.get("key", "")
    if not KEY.fullmatch(key):
        return _case(visit, case_id, alert="Open this page again.", status=422)
    try:
        with ledger() as session:
            reply = desk.decide(session, case_id, _decision(visit, form), key=key)
    except CannotDecide as error:
        return _case(visit, case_id, alert=str(error), status=409)
    return RedirectResponse(f"/cases/{reply.case_id}?done={reply.id}", 303)


def _decision(visit: Visit, form: dict[str, str]) -> Decision:
    try:
        choice = Choice(form.get("choice", ""))
    except ValueError:
        raise CannotDecide("Choose what should happen.") from None
    decision = Decision(choice, visit.staff_id)
    if choice is Choice.BOOK_SLOT:
        return replace(decision, slot=form.get("slot", ""))
    if choice is Choice.CALL_MADE:
        return replace(decision, note=form.get("note", "").replace("\r\n", "\n").strip())
    return decision


def _case(
    visit: Visit,
    case_id: str,
    *,
    done: str = "",
    again: int = 0,
    alert: str = "",
    status: int = 200,
) -> Response:
    """Raises `NoSuchCase`."""
    done = done if ID.fullmatch(done) else ""
    with ledger() as session:
        found = dossier.dossier(session, case_id)
        outcome = desk.outcome(session, case_id, done) if done else None
        values = {
            "times": desk.times(session, case_id),
            "choices": desk.choices(session, case_id),
            "notes": desk.notes(session, case_id),
        }
    pending = outcome is not None and not outcome.words and again < REFRESHES
    next_look = f"/cases/{case_id}?done={done}&again={again + 1}"
    return render.page(
        "case",
        status,
        headers={"Refresh": f"{REFRESH_SECONDS}; url={next_look}"} if pending else {},
        visit=visit,
        found=found,
        outcome=outcome,
        alert=alert,
        key=secrets.token_urlsafe(12),
        labels=LABELS,
        words=WORDS,
        **values,
    )


def _small(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 3 else 0
