"""What our own pages stored in the inbox, by kind: a press of a client, never a vendor's message."""

import json
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from rebook.domain.visits import Reported
from rebook.services import lost_links, presses, replies, silencing, visit_reports, wishes
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


def _unsubscribe(session: Session, letter: Letter, said: dict[str, Any]) -> tuple[str, str | None]:
    contact, token = str(said["contact"]), str(said["token"])
    source = f"unsubscribe:{letter.id}"
    return silencing.by_link(session, contact, token, source, letter.received_at), None


def _time(session: Session, letter: Letter, said: dict[str, Any]) -> tuple[str, str | None]:
    start = datetime.fromisoformat(said["start"])
    verdict, _ = presses.choose_time(
        session, str(said["token"]), start, f"page:{letter.id}", letter.received_at
    )
    return verdict, None


def _wish(session: Session, letter: Letter, said: dict[str, Any]) -> tuple[str, str | None]:
    verdict, _ = presses.wish(
        session,
        str(said["token"]),
        date.fromisoformat(said["day"]),
        str(said["part"]),
        f"page:{letter.id}",
        letter.received_at,
    )
    return verdict, None


def _press(session: Session, letter: Letter, said: dict[str, Any]) -> tuple[str, str | None]:
    token, meaning = str(said["token"]), str(said["meaning"])
    if meaning == "keep":
        return presses.keep_visit(session, token)
    verdict, _ = presses.press(session, token, meaning, f"page:{letter.id}", letter.received_at)
    return verdict, None


def _visit(session: Session, _: Letter, said: dict[str, Any]) -> tuple[str, str | None]:
    return wishes.ask(session, str(said["token"]), str(said["asked"]))


def _lost(session: Session, letter: Letter, said: dict[str, Any]) -> tuple[str, str | None]:
    return lost_links.send(session, str(said["contact"]), letter.id, letter.received_at), None


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


HANDLERS: dict[str, Handler] = {
    "choice": _choice,
    "time": _time,
    "wish": _wish,
    "press": _press,
    "visit": _visit,
    "lost": _lost,
    "unsubscribe": _unsubscribe,
    "report": _report,
}
MAY_OPEN_A_CASE = frozenset({"report"})
"""Read by a run, which starts the runs of the cases it opened where an operator sees it."""
