"""What our own pages stored in the inbox, by kind: a press of a client, never a vendor's message."""

import json
from collections.abc import Callable
from typing import Any

from sqlmodel import Session

from rebook.domain.visits import Reported
from rebook.services import replies, visit_reports
from rebook.services.inbox import Letter

CONNECTION = "portal"
Handler = Callable[[Session, Letter, dict[str, Any]], tuple[str, str | None]]


def handle(session: Session, letter: Letter) -> tuple[str, str | None]:
    """The verdict in fixed words, and the case that was opened by it, if one was."""
    handler = HANDLERS.get(letter.kind)
    if handler is None:
        return "not a page of ours", None
    return handler(session, letter, json.loads(letter.body))


def _choice(session: Session, letter: Letter, said: dict[str, Any]) -> tuple[str, str | None]:
    verdict, _ = replies.choose_on_page(
        session,
        str(said["token"]),
        int(said["offer"]),
        int(said["slot"]),
        f"page:{letter.id}",
        letter.received_at,
    )
    return verdict, None


def _report(session: Session, letter: Letter, said: dict[str, Any]) -> tuple[str, str | None]:
    report = visit_reports.Said(
        token=str(said["token"]),
        visit=str(said["visit"]),
        kind=Reported(said["kind"]),
        key=str(said["key"]),
        note=str(said["note"]),
        photo=str(said["photo"]),
    )
    return visit_reports.receive(session, report, letter.received_at)


HANDLERS: dict[str, Handler] = {"choice": _choice, "report": _report}
MAY_OPEN_A_CASE = frozenset({"report"})
"""Read by a run, which starts the runs of the cases it opened where an operator sees it."""
