"""The case's story as an artifact beside its run: ids, times and fixed words only."""

from collections.abc import Mapping

from prefect.artifacts import create_markdown_artifact
from sqlmodel import Session

from rebook.db.session import ledger
from rebook.db.tables import Audit
from rebook.domain import wording
from rebook.domain.cases import Cause
from rebook.domain.timeline import CAUSES, MESSAGES, SHOWN, WORDS
from rebook.services import audit, cases, offers


def publish(case_id: str) -> None:
    """Write the artifact anew; Prefect keeps the former versions."""
    with ledger() as session:
        markdown = render(session, case_id)
    create_markdown_artifact(
        markdown, key=f"timeline-{case_id}", description=f"The story of {case_id} so far"
    )


def render(session: Session, case_id: str) -> str:
    case = cases.load(session, case_id)
    zone = offers.zone_of(session, case)
    lines = [
        f"## {case_id}: {case.state}",
        f"Why it was lost: {CAUSES[Cause(case.cause)]}"
        + (f" · how it stands: {case.reason}" if case.reason else ""),
        "",
        f"| when ({zone}) | what | details |",
        "| --- | --- | --- |",
    ]
    story = audit.story(session, case_id)
    about = {e.detail["intent"]: _about(e) for e in story if e.action == "planned"}
    lines += [_line(entry, zone, about) for entry in story if entry.action in WORDS]
    return "\n".join(lines)


def _about(planned: Audit) -> str:
    """Nothing for a booking: the entry's own words say it."""
    step, parts = planned.detail["step"], planned.detail.get("segments", 0)
    words = next((words for start, words in MESSAGES.items() if step.startswith(start)), "")
    return f"{words} ({parts} segments)" if words and parts > 1 else words


def _line(entry: Audit, zone: str, about: Mapping[str, str]) -> str:
    found = [(words, entry.detail.get(name)) for name, words in SHOWN.items()]
    details = [words.format(value) for words, value in found if value]
    who = "" if entry.actor == audit.SYSTEM else f" ({entry.actor})"
    shown = ", ".join(filter(None, [about.get(str(entry.detail.get("intent"))), *details]))
    return f"| {wording.short(entry.at, zone)} | {WORDS[entry.action]}{who} | {shown} |"
