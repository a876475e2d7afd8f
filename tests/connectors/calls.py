"""One call of each capability, as a flow would make it; what the standard suite tries on every vendor."""

from collections.abc import Callable
from typing import Any

from connectors import REGISTRY, connector_class
from connectors.contract import Capability, Connector, OutgoingMessage
from tests.connectors.kits import KITS
from tests.connectors.samples import ANA, END, START, booking, query, slot, times_on_offer

Call = Callable[[Connector], Any]

HOOK = "https://gw.example.com/hooks/one"


def message(slug: str) -> OutgoingMessage:
    return OutgoingMessage(
        KITS[slug].to, "Two times are free: 1 or 2?", "intent-1", subject="New times"
    )


def call(slug: str, capability: Capability) -> Call:
    """The capability's call with arguments that are well formed for the vendor."""
    own, calendar, to = KITS[slug].id, KITS[slug].calendar, KITS[slug].to
    wanted = booking(calendar, was=KITS[slug].was)
    calls: dict[Capability, Call] = {
        Capability.POLL: lambda c: list(c.poll_changes(None)),
        Capability.FETCH: lambda c: c.fetch_appointment(own),
        Capability.AVAILABILITY: lambda c: c.find_slots(query(calendar)),
        Capability.BUSY: lambda c: c.busy_times(calendar, START, END),
        Capability.BOOK: lambda c: c.book(wanted, our_ref="intent-1"),
        Capability.MOVE: lambda c: c.move(own, slot(calendar)),
        Capability.CANCEL: lambda c: c.cancel(own, "rebooked"),
        Capability.MARK_NOSHOW: lambda c: c.mark_noshow(own),
        Capability.ANNOTATE: lambda c: c.annotate(own, "Rebook: new times were offered"),
        Capability.SUGGEST: lambda c: c.show_offer(times_on_offer(own), our_ref="case-1"),
        Capability.TASK: lambda c: c.create_task("Call back", "a client", our_ref="intent-1"),
        Capability.CAMPAIGN: lambda c: c.start_campaign(ANA, our_ref="intent-1"),
        Capability.MESSAGE: lambda c: c.send_message(message(slug)),
        Capability.UPDATE_MESSAGE: lambda c: c.update_message(f"{to}:1.2", message(slug)),
        Capability.EVIDENCE: lambda c: c.find_message(message(slug), START),
        Capability.WATCH: lambda c: c.watch(HOOK, "a-secret-of-nobody", None),
    }
    return calls[capability]


CREATES = (Capability.BOOK, Capability.MOVE, Capability.MESSAGE, Capability.TASK)
WITHOUT_A_CALL = {Capability.WEBHOOK}


def tried() -> list[tuple[str, Capability]]:
    """Every vendor with every capability it has that calls it."""
    return [
        (slug, capability)
        for slug in REGISTRY
        for capability in sorted(connector_class(slug).capabilities() - WITHOUT_A_CALL)
    ]
