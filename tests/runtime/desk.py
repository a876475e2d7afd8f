"""A small business planted in a test's ledger, and a hand that types commands at it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlmodel import Session, select
from typer.testing import CliRunner, Result

from rebook.db.session import ledger
from rebook.db.tables import Appointment, Case, Intent
from rebook.domain import clock
from rebook.domain.appointments import Person, Slot
from rebook.domain.cases import Cause
from rebook.domain.messages import Channel, InboundMessage
from rebook.domain.policy import Policy, Topology
from rebook.services import configuration, connections, leases, opening, people, replies, story
from rebook.services.connections import Account
from runtime.cli import app

PHONE, MAIL = "+18085550142", "leilani@example.com"
ZONE = "Pacific/Honolulu"
RUN = "11111111-1111-4111-8111-111111111111"


@dataclass(frozen=True)
class Typed:
    code: int
    out: str
    err: str

    @property
    def value(self) -> Any:
        return json.loads(self.out)


def rebook(*words: str) -> Typed:
    """Type a command. What is not a plain end with a code is a fault of ours."""
    done: Result = CliRunner().invoke(app, list(words), env={"COLUMNS": "200"})
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Typed(done.exit_code, done.stdout, done.stderr)


def plant_business(*, email_search: bool = False, policy: Policy | None = None) -> None:
    """Acuity keeps the record; text, mail and office channel are connected to nowhere."""
    search = {"activity_api": "true"} if email_search else {}
    with ledger() as session:
        configuration.store(session, "policy", policy or Policy())
        configuration.store(
            session,
            "topology",
            Topology(
                record="acuity",
                sms="twilio",
                email="sendgrid",
                staff="slack",
                staff_channel="C0DESK",
                business_name="Windward Studio",
            ),
        )
        for slug in ("acuity", "twilio", "sendgrid", "slack"):
            settings = search if slug == "sendgrid" else {}
            account = Account(slug, slug, "http://127.0.0.1:9", settings, CREDENTIALS[slug])
            connections.store(session, account, door_secrets=["a secret"])


CREDENTIALS: dict[str, dict[str, str]] = {
    "acuity": {"user_id": "1", "api_key": "k"},
    "twilio": {"account_sid": "AC1", "auth_token": "t"},
    "sendgrid": {"api_key": "k"},
    "slack": {"bot_token": "b"},
}


def plant_case(number: int = 1, *, phone: str = PHONE, email: str = MAIL) -> str:
    """A cancelled visit with its case, opened at once."""
    with ledger() as session:
        starts = clock.now() + timedelta(days=1)
        person = Person("Leilani", f"Sample{number}", phone, email)
        lost = Appointment(
            id=f"appointment-{number}",
            connection="acuity",
            external_id=f"90{number}",
            group_id=f"group-{number}",
            person_id=people.remember(session, person, ZONE),
            status="cancelled",
            starts_at=starts,
            ends_at=starts + timedelta(hours=1),
            zone=ZONE,
            service="Haircut",
            seen_at=clock.now(),
        )
        session.add(lost)
        session.flush()
        case, _ = opening.open_case(session, lost, cause=Cause.CLIENT_CANCELLED, at_once=True)
        return case.id


def offer(case_id: str, days: Sequence[int] = (2, 3, 4)) -> None:
    """Its run offers times and plans the first text."""
    with ledger() as session:
        actor = leases.take(session, case_id, RUN)
        noon = clock.now().replace(hour=22, minute=0, second=0, microsecond=0)
        slots = [Slot(noon + timedelta(days=d), noon + timedelta(days=d, hours=1)) for d in days]
        story.make_offer(session, actor, slots)
        story.decide(session, actor)


def answer(case_id: str, text: str, *, source: str = "twilio:SM1") -> None:
    """The client writes; the first text counts as sent."""
    with ledger() as session:
        for intent in messages(session, case_id):
            intent.claimed_at = clock.now()
            session.add(intent)
        session.flush()
        message = InboundMessage(Channel.SMS, PHONE, "+18085550100", text, source)
        replies.receive(session, message, source)


def messages(session: Session, case_id: str) -> list[Intent]:
    query = select(Intent).where(Intent.case_id == case_id, Intent.kind == "message")
    return list(session.exec(query))


def case_now(case_id: str) -> Case:
    with ledger() as session:
        return session.get_one(Case, case_id)
