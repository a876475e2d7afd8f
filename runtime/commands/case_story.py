"""A case told on a terminal: who, what was written and said, what others must be told, and the trail."""

from datetime import datetime

from rich.markup import escape

from rebook.domain import wording
from rebook.services.dossier import Dossier, FromTheVisit, Message, Said, Target
from runtime.commands.terminal import out, print_columns


def tell(found: Dossier) -> None:
    zone = found.case.zone
    _head(found)
    _section("Offered", [f"{slot.name}  {slot.shown}{' (replaced)' * slot.superseded}"
                         for slot in found.offered])  # fmt: skip
    _section("Written", [line for message in found.messages for line in _written(message, zone)])
    _section("Said", [line for reply in found.replies for line in _said(reply, zone)])
    _section(
        "Booked",
        [
            f"{wording.short(one.starts_at, one.zone)} as {one.appointment} on {one.connection}"
            for one in found.bookings
        ],
    )
    _section("From the visit", [line for one in found.reports for line in _reported(one, zone)])
    _section("Other systems", [_target(target, zone) for target in found.targets])
    _story(found)


def _head(found: Dossier) -> None:
    case = found.case
    out.print(f"[bold]{escape(case.id)}[/bold] is [bold]{escape(case.state)}[/bold]")
    facts = {
        "client": case.client or "unknown",
        **{
            contact.channel: _one_line(contact.value) + " (asked for silence)" * contact.silenced
            for contact in found.contacts
        },
        "lost": f"{_one_line(case.service) or 'appointment'}, {_time(case.starts_at, case.zone)}",
        "where": f"{case.connection} {case.appointment}",
        "cause": case.cause,
        "why": case.reason,
        "owner": case.owner,
        "opened": _time(case.opened_at, case.zone),
        "closed": _time(case.closed_at, case.zone),
        "acts next": _time(case.next_action_at, case.zone),
        "run": case.run or "",
    }
    for name, value in facts.items():
        if value:
            out.print(f"  {name:<10} {escape(_one_line(value, 200))}", soft_wrap=True)
    out.print(f"  times are {case.zone}")


def _section(title: str, lines: list[str]) -> None:
    if lines:
        out.print(f"\n[bold]{title}[/bold]")
    for line in lines:
        out.print(f"  {escape(line)}", soft_wrap=True)


def _written(message: Message, zone: str) -> list[str]:
    state = ", ".join(part for part in (message.state, message.delivery, message.reason) if part)
    tries = f", {message.attempts} attempts" if message.attempts > 1 else ""
    head = (
        f"{_time(message.at, zone)}  {message.channel} to {_one_line(message.to)}: {state}{tries}"
    )
    words = [message.subject, *message.text.splitlines()]
    return [head, *(f"    | {_one_line(line, 400)}" for line in words if line.strip())]


def _said(reply: Said, zone: str) -> list[str]:
    who = "staff" if reply.channel == "staff" else "client"
    taken = f"{reply.understood}, by rule: {reply.rule}"
    sure = f" ({reply.confidence:.0%})" if reply.confidence < 1 else ""
    head = f"{_time(reply.at, zone)}  {who} by {reply.channel}: {taken}{sure} -> {reply.outcome}"
    return [head, *(f"    | {_one_line(line, 400)}" for line in reply.said.splitlines())]


def _reported(report: FromTheVisit, zone: str) -> list[str]:
    photo = f", photo: rebook case photo {report.id} FILE" if report.photo else ""
    kind = report.kind.replace("_", " ")
    head = f"{_time(report.at, zone)}  {kind} -> {report.outcome}{photo}"
    return [head, *(f"    | {_one_line(line, 400)}" for line in report.note.splitlines())]


def _target(target: Target, zone: str) -> str:
    done = f"done {_time(target.done_at, zone)}" if target.done_at else target.state
    extra = ", ".join(part for part in (target.fault, target.owner) if part)
    return f"{target.connection} {target.appointment}: {done}" + (f" ({extra})" if extra else "")


def _story(found: Dossier) -> None:
    out.print("\n[bold]Story[/bold]")
    rows = [("when", "who", "what", "details")]
    for entry in found.story:
        details = ", ".join(f"{name} {value}" for name, value in entry.detail.items())
        rows.append((_time(entry.at, found.case.zone), entry.actor, entry.action, details))
    print_columns([tuple(_one_line(cell, 300) for cell in row) for row in rows])


def _time(instant: datetime | None, zone: str) -> str:
    return wording.short(instant, zone) if instant else ""


def _one_line(text: str, longest: int = 80) -> str:
    """What came from outside, without what could steer a terminal."""
    plain = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(plain.split())[:longest]
