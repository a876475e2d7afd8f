"""Finding free times on the system of record and offering some of them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from prefect.logging import get_run_logger
from sqlmodel import Session, select

from connectors.contract import Capability, Connector, SlotQuery
from rebook.db.session import ledger, reading
from rebook.db.tables import Appointment
from rebook.domain import clock
from rebook.domain.appointments import Busy, Slot
from rebook.domain.policy import Policy
from rebook.domain.slots import free_slots, overlaps_any
from rebook.domain.wishes import Wish, best
from rebook.failpoints import fp
from rebook.services import cases, configuration, leases, offers, story, wished
from rebook.services.leases import Actor
from rebook.settings import settings
from tasks.accounts import connector_of
from tasks.retry import VENDOR_READ
from tasks.step import step

LONG_READ = 30.0
"""Seconds that a read which is repeated three times may take beyond a lease."""
ENOUGH, SPARE = 24, 3
"""How many free times are looked for, and how many must be left, for each that is offered."""


@dataclass(frozen=True)
class Question:
    """What is asked of the record system, and whose calendars beside it count."""

    record: str
    query: SlotQuery
    policy: Policy
    mirrors: list[tuple[str, str]]
    wish: Wish | None


def offer_new_times(actor: Actor) -> None:
    """The step: look for times, then hold and offer some."""
    with ledger() as session:
        leases.extend(leases.check(session, actor), settings().lease_seconds + LONG_READ)
    make_offer(actor, find_times(actor.case_id))


@step("find free times", **VENDOR_READ)
def find_times(case_id: str) -> list[Slot]:
    """Free times of the record system less what the mirrors show as busy."""
    with ledger() as session:
        asked = _question(session, case_id)
    connector = connector_of(asked.record)
    busy = list(busy_on_mirrors(asked.mirrors, asked.query))

    def search(query: SlotQuery) -> list[Slot]:
        return _open_to_us(_available(connector, query, asked.policy), busy, asked.record)

    slots = as_wished(asked, asked.wish, search) if asked.wish else _soonest(asked, search)
    get_run_logger().info("%d free times on %s", len(slots), asked.record)
    return slots


def busy_on_mirrors(mirrors: Sequence[tuple[str, str]], query: SlotQuery) -> Iterator[Busy]:
    """When the mirrors' calendars are taken; a list of deals or tickets knows nothing of that."""
    for connection, calendar in mirrors:
        connector = connector_of(connection)
        if Capability.BUSY in connector.capabilities():
            yield from connector.busy_times(calendar, query.starts_at, query.ends_at)


def _soonest(asked: Question, search: Callable[[SlotQuery], list[Slot]]) -> list[Slot]:
    slots = search(asked.query)
    if len(slots) < asked.policy.slots_per_offer * SPARE:
        slots = search(replace(asked.query, enough=0))
    return slots


def as_wished(asked: Question, wish: Wish, search: Callable[[SlotQuery], list[Slot]]) -> list[Slot]:
    """What is free within the wish, else what is nearest to it."""
    first = max(asked.query.starts_at, wish.start)
    last = min(asked.query.ends_at, wish.start + wish.span + wish.length)
    most = asked.policy.slots_per_offer * SPARE
    if last - first >= wish.length:
        slots = search(replace(asked.query, starts_at=first, ends_at=last, enough=0))
        if any(wish.met_by(slot.starts_at) for slot in slots):
            return best(slots, wish, most=most)
    return best(search(replace(asked.query, enough=0)), wish, most=most)


def _open_to_us(slots: Sequence[Slot], busy: Sequence[Busy], record: str) -> list[Slot]:
    """Without what a mirror shows as busy and what other cases hold."""
    with reading() as session:
        held = offers.held(session, record, slots)
    return [
        slot
        for slot in slots
        if not overlaps_any(slot.starts_at, slot.ends_at, busy)
        and not overlaps_any(slot.starts_at, slot.ends_at, held.get(slot.calendar, ()))
    ]


def _question(session: Session, case_id: str) -> Question:
    case = cases.load(session, case_id)
    policy = cases.policy_of(session, case)
    record = configuration.topology(session).record
    group = session.exec(select(Appointment).where(Appointment.group_id == case.group_id)).all()
    lost = next((row for row in group if row.connection == record), None) or session.get_one(
        Appointment, case.appointment_id
    )
    now = clock.now()
    query = SlotQuery(
        service_id=lost.service_id,
        starts_at=now + timedelta(minutes=policy.earliest_minutes),
        ends_at=now + timedelta(days=policy.latest_days),
        minutes=round((lost.ends_at - lost.starts_at).total_seconds() / 60),
        zone=lost.zone,
        calendar=lost.calendar,
        enough=policy.slots_per_offer * ENOUGH,
    )
    mirrors = list(_busy_sources(group, record))
    return Question(record, query, policy, mirrors, wished.sought(session, case))


def _busy_sources(group: Sequence[Appointment], record: str) -> Iterator[tuple[str, str]]:
    """The mirrors' calendars on which this visit stood."""
    for row in group:
        if row.connection != record and row.calendar:
            yield row.connection, row.calendar


def _available(connector: Connector, query: SlotQuery, policy: Policy) -> list[Slot]:
    """The platform's own availability, or business hours less what its calendar shows as busy."""
    if Capability.AVAILABILITY in connector.capabilities():
        return [slot for slot in connector.find_slots(query) if _inside(slot, query)]
    busy = connector.busy_times(query.calendar, query.starts_at, query.ends_at)
    return free_slots(
        busy,
        starts_at=query.starts_at,
        ends_at=query.ends_at,
        minutes=query.minutes,
        zone=query.zone,
        hours=(policy.business_from_hour, policy.business_to_hour),
        days=policy.business_days,
        calendar=query.calendar,
    )


def _inside(slot: Slot, query: SlotQuery) -> bool:
    first: datetime = query.starts_at
    return first <= slot.starts_at and slot.ends_at <= query.ends_at


@step("hold and offer times")
def make_offer(actor: Actor, slots: list[Slot]) -> int | None:
    """Hold some of the times exclusively and plan the message. Returns the offer's number."""
    with ledger() as session:
        number = story.make_offer(session, actor, slots)
        fp("offer.before_commit")
    fp("offer.after_commit")
    return number
