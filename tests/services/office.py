"""A business for the services' tests: its settings, its client, and short ways to act for a case."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

from sqlmodel import SQLModel, col, select

from rebook.db.session import ledger
from rebook.db.tables import Audit, Case, ClientPage, Hold, Intent, Offer, OfferSlot
from rebook.domain import clock
from rebook.domain.appointments import Appointment, Person, Slot, Status
from rebook.domain.decisions import Choice, Decision
from rebook.domain.messages import Channel, InboundMessage
from rebook.domain.pageview import open_view, token_hash
from rebook.domain.plan import Step
from rebook.domain.policy import Policy, Topology
from rebook.domain.verdicts import Verdict
from rebook.services import (
    answers,
    bookings,
    configuration,
    connections,
    intake,
    intents,
    leases,
    outreach,
    pages,
    replies,
    story,
    sync_back,
    waits,
)
from rebook.services.connections import Account
from rebook.services.intents import DOUBTFUL, Stage
from rebook.services.leases import Actor
from rebook.services.outreach import Outgoing

ZONE = "Pacific/Honolulu"
NOON = datetime(2027, 3, 1, 22, tzinfo=UTC)
"""A Monday, twelve o'clock in Honolulu."""
LEILANI = Person("Leilani", "Kahale", "+18085550101", "leilani@example.com")
TOPOLOGY = Topology(
    record="acuity",
    mirrors=("google",),
    sms="twilio",
    email="sendgrid",
    staff="slack",
    staff_channel="C0FFICE",
    business_name="Windward Dental",
    business_phone="+1 808 555 0100",
    default_zone=ZONE,
)
NUMBERS = count()
ROW = TypeVar("ROW", bound=SQLModel)


@dataclass
class Clock:
    """The clock file, moved by the test. Real time passes as well, by milliseconds."""

    file: Path

    def set(self, instant: datetime) -> None:
        offset = (instant - datetime.now(UTC)).total_seconds()
        fresh = self.file.with_suffix(".new")
        fresh.write_text(json.dumps({"offset_seconds": offset}))
        fresh.replace(self.file)

    def forward(self, **by: float) -> None:
        self.set(clock.now() + timedelta(**by))


def configure(policy: Policy | None = None, topology: Topology = TOPOLOGY) -> None:
    with ledger() as session:
        configuration.store(session, "topology", topology)
        configuration.store(session, "policy", policy or Policy())
        for slug in ("acuity", "google", "twilio", "sendgrid", "slack"):
            connections.store(session, Account(slug, slug, "", {}), door_secrets=["not a secret"])


def appointment(id: str = "1", **changes: Any) -> Appointment:  # noqa: A002  # the field's name
    start = changes.pop("starts_at", NOON + timedelta(days=1))
    given: dict[str, Any] = {
        "status": Status.BOOKED,
        "starts_at": start,
        "ends_at": start + timedelta(hours=1),
        "zone": ZONE,
        "person": LEILANI,
        "service": "Cleaning",
        "service_id": "7",
        "calendar": "chair-1",
        **changes,
    }
    return Appointment(id=id, **given)


def linked(basis: str) -> None:
    """The same visit on the record system and in the calendar."""
    see(appointment("rec"))
    named = {"same_as": "acuity:rec"} if basis == "field" else {}
    see(appointment("cal", **named), "google")


def see(seen: Appointment, connection: str = "acuity", **how: bool) -> tuple[Verdict, str | None]:
    with ledger() as session:
        return intake.observe(session, connection, seen, **how)


def lose(id: str = "1", connection: str = "acuity", **changes: Any) -> str:  # noqa: A002
    """An appointment is booked, then cancelled by its client. Returns the case."""
    see(appointment(id, **changes), connection)
    _, case_id = see(
        appointment(id, status=Status.CANCELLED, by_client=True, **changes), connection
    )
    assert case_id is not None
    return case_id


def act(case_id: str, run: str = "run-1") -> Actor:
    with ledger() as session:
        return leases.take(session, case_id, run)


def times(many: int = 6, first: datetime | None = None, calendar: str = "chair-1") -> list[Slot]:
    start = first or NOON + timedelta(days=2)
    starts = [start + timedelta(hours=12 * number) for number in range(many)]
    return [Slot(at, at + timedelta(hours=1), calendar) for at in starts]


def offer(actor: Actor, slots: Iterable[Slot] | None = None) -> int | None:
    with ledger() as session:
        return story.make_offer(session, actor, times() if slots is None else slots)


def offered(id: str = "1", **changes: Any) -> tuple[str, Actor]:  # noqa: A002
    """A case whose first text has left."""
    case_id = lose(id, **changes)
    actor = act(case_id)
    assert offer(actor, times(30)) == 1
    send(actor)
    return case_id, actor


def claim(actor: Actor, intent_id: str) -> Outgoing | None:
    with ledger() as session:
        return outreach.claim(session, actor, intent_id)


def settle(outgoing: Outgoing, stage: Stage = Stage.DONE, vendor_id: str = "SM1") -> None:
    with ledger() as session:
        outreach.settle(session, outgoing.intent_id, outgoing.fence, stage, vendor_id=vendor_id)


def send(actor: Actor) -> list[Outgoing]:
    """Every message to the client that is due leaves and is accepted."""
    with ledger() as session:
        due = intents.due(session, actor.case_id, ("message",), Stage.PLANNED)
    sent = [outgoing for intent_id in due if (outgoing := claim(actor, intent_id))]
    for number, outgoing in enumerate(sent):
        settle(outgoing, vendor_id=f"SM-{outgoing.intent_id}-{number}")
    return sent


def say(text: str, sender: str = LEILANI.phone, **changes: Any) -> tuple[str, str | None]:
    source = changes.pop("source", f"twilio:{next(NUMBERS)}")
    message = InboundMessage(Channel.SMS, sender, "+18085550100", text, source, **changes)
    with ledger() as session:
        return replies.receive(session, message, source)


def wake(actor: Actor, decision: Decision | None = None) -> str:
    with ledger() as session:
        key = waits.ensure_open(session, actor)
    with ledger() as session:
        return answers.take(session, actor, key, decision or Decision())


def decision(choice: Choice, slot: str = "", by: str = "kim") -> Decision:
    return Decision(choice, by, slot)


def book(actor: Actor, external_id: str = "new-1") -> list[str]:
    """Every booking that is due is made at the record system."""
    with ledger() as session:
        due = intents.due(session, actor.case_id, ("booking",), Stage.PLANNED)
    made = []
    for intent_id in due:
        with ledger() as session:
            order = bookings.claim(session, actor, intent_id)
        if order is not None:
            with ledger() as session:
                bookings.confirm(session, actor, order, external_id, evidence=False)
            made.append(intent_id)
    return made


def next_step(actor: Actor) -> Step:
    with ledger() as session:
        return story.decide(session, actor)


def case_of(case_id: str) -> Case:
    with ledger() as session:
        return session.get_one(Case, case_id)


def rows(table: type[ROW], **where: Any) -> list[ROW]:
    with ledger() as session:
        return list(session.exec(select(table).filter_by(**where)))


def messages(case_id: str) -> dict[str, str]:
    """Step to state of every message to the client."""
    return {intent.step: intent.state for intent in rows(Intent, case_id=case_id, kind="message")}


def slot_times(case_id: str, number: int = 1) -> list[datetime]:
    with ledger() as session:
        return list(
            session.exec(
                select(OfferSlot.starts_at)
                .join(Offer, col(Offer.id) == col(OfferSlot.offer_id))
                .where(Offer.case_id == case_id, Offer.n == number)
                .order_by(col(OfferSlot.code))
            )
        )


def held(case_id: str, state: str = "held") -> list[datetime]:
    return sorted(
        one.during.lower for one in rows(Hold, case_id=case_id, state=state) if one.during.lower
    )


def actions(case_id: str) -> list[str]:
    return [entry.action for entry in rows(Audit, case_id=case_id)]


@dataclass
class Run:
    """The loop of a case's run with platforms that always work: what was sent and what was written."""

    actor: Actor
    free: list[Slot]
    sent: list[Outgoing] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def until_it_waits(self) -> Step:
        for _ in range(50):
            step = next_step(self.actor)
            if step in (Step.WAIT, Step.DONE):
                return step
            self._do(step)
        raise AssertionError(f"the case never rests: {step}")

    def _do(self, step: Step) -> None:
        match step:
            case Step.OFFER:
                offer(self.actor, [slot for slot in self.free if slot.starts_at > clock.now()])
            case Step.SEND:
                self.sent += send(self.actor)
                self._post()
            case Step.BOOK:
                book(self.actor)
            case Step.SYNC_BACK:
                self._sync()
            case Step.FOLLOW_UP:
                with ledger() as session:
                    story.take_turn(session, self.actor)
            case Step.SETTLE:
                self._settle()

    def _post(self) -> None:
        with ledger() as session:
            for intent_id in intents.due(session, self.actor.case_id, ("staff",), Stage.PLANNED):
                intent = intents.lock(session, intent_id)
                intents.claim(intent)
                intents.settle(session, intent, Stage.DONE, vendor_id="posted")

    def _sync(self) -> None:
        with ledger() as session:
            targets = sync_back.due(session, self.actor)
        for target in targets:
            with ledger() as session:
                sync_back.done(session, self.actor, target, target.external_id)
            self.told.append(target.connection)

    def _settle(self) -> None:
        with ledger() as session:
            doubtful = intents.due(session, self.actor.case_id, ("message", "staff"), *DOUBTFUL)
        for intent_id in doubtful:
            with ledger() as session:
                outreach.judge(session, self.actor, intent_id, [])


def page(case_id: str) -> dict[str, Any]:
    """What the client's link shows."""
    secret = pages.token(case_id)
    with ledger() as session:
        return open_view(secret, session.get_one(ClientPage, token_hash(secret)).view)
