"""The life of a case: states, events, and the one table that says which event leads where."""

from enum import StrEnum


class Cause(StrEnum):
    """Why the appointment was lost."""

    CLIENT_CANCELLED = "client_cancelled"
    NOSHOW = "noshow"
    FAILED_ACCESS = "failed_access"
    OUR_FAULT = "our_fault"
    WEATHER = "weather"
    CANCELLED = "cancelled"
    """Cancelled, and the platform does not say by whom."""
    STANDS = "stands"
    """It was not lost: somebody on the way to it has word for the office, or its client lost the link."""


class CaseState(StrEnum):
    OPEN = "open"
    """Lost and noticed; in grace, or its next offer is being prepared."""
    OFFERED = "offered"
    """Slots are held and the client has been, or is being, told of them."""
    BOOKING = "booking"
    """The client chose; the slot is being booked on the system of record."""
    HANDED_OVER = "handed_over"
    """Waits for a named person."""
    REBOOKED = "rebooked"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    REFUSED_CONTACT = "refused_contact"
    EXPIRED = "expired"
    VOIDED = "voided"


class CaseEvent(StrEnum):
    OFFER_MADE = "offer_made"
    SLOT_CHOSEN = "slot_chosen"
    SLOT_LOST = "slot_lost"
    NEW_TIMES_WANTED = "new_times_wanted"
    BOOKING_CONFIRMED = "booking_confirmed"
    BOOKED_ELSEWHERE = "booked_elsewhere"
    HANDED_TO_STAFF = "handed_to_staff"
    CLIENT_DECLINED = "client_declined"
    CLIENT_WITHDREW = "client_withdrew"
    CONTACT_REFUSED = "contact_refused"
    TIME_RAN_OUT = "time_ran_out"
    NEVER_LOST = "never_lost"


OPEN_STATES = frozenset(
    {CaseState.OPEN, CaseState.OFFERED, CaseState.BOOKING, CaseState.HANDED_OVER}
)
CLOSED_STATES = frozenset(CaseState) - OPEN_STATES

_ENDINGS = {
    CaseEvent.BOOKED_ELSEWHERE: CaseState.REBOOKED,
    CaseEvent.CLIENT_DECLINED: CaseState.DECLINED,
    CaseEvent.CLIENT_WITHDREW: CaseState.WITHDRAWN,
    CaseEvent.CONTACT_REFUSED: CaseState.REFUSED_CONTACT,
    CaseEvent.TIME_RAN_OUT: CaseState.EXPIRED,
    CaseEvent.NEVER_LOST: CaseState.VOIDED,
}

TRANSITIONS: dict[tuple[CaseState, CaseEvent], CaseState] = {
    **{
        (state, event): ending
        for state in (CaseState.OPEN, CaseState.OFFERED, CaseState.HANDED_OVER)
        for event, ending in _ENDINGS.items()
    },
    (CaseState.OPEN, CaseEvent.OFFER_MADE): CaseState.OFFERED,
    (CaseState.OPEN, CaseEvent.SLOT_CHOSEN): CaseState.BOOKING,
    (CaseState.OPEN, CaseEvent.HANDED_TO_STAFF): CaseState.HANDED_OVER,
    (CaseState.OFFERED, CaseEvent.SLOT_CHOSEN): CaseState.BOOKING,
    (CaseState.OFFERED, CaseEvent.NEW_TIMES_WANTED): CaseState.OPEN,
    (CaseState.OFFERED, CaseEvent.HANDED_TO_STAFF): CaseState.HANDED_OVER,
    (CaseState.BOOKING, CaseEvent.SLOT_LOST): CaseState.OPEN,
    (CaseState.BOOKING, CaseEvent.BOOKING_CONFIRMED): CaseState.REBOOKED,
    (CaseState.BOOKING, CaseEvent.BOOKED_ELSEWHERE): CaseState.REBOOKED,
    (CaseState.BOOKING, CaseEvent.HANDED_TO_STAFF): CaseState.HANDED_OVER,
    (CaseState.HANDED_OVER, CaseEvent.SLOT_CHOSEN): CaseState.BOOKING,
    (CaseState.HANDED_OVER, CaseEvent.NEW_TIMES_WANTED): CaseState.OPEN,
}


class IllegalTransition(Exception):
    """This event cannot happen to a case in this state."""

    def __init__(self, state: CaseState, event: CaseEvent) -> None:
        super().__init__(f"a case that is {state} cannot take {event}")
        self.state = state
        self.event = event


def next_state(state: CaseState, event: CaseEvent) -> CaseState:
    """Where `event` leads from `state`. Raises `IllegalTransition`."""
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise IllegalTransition(state, event) from None
