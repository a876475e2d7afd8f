"""The contract every vendor keeps. A capability is a method that is implemented, or disclaimed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from connectors.http import Http
from connectors.tokens import TokenStore
from rebook.domain.appointments import (
    Appointment,
    Busy,
    Change,
    ChangeKind,
    Person,
    Slot,
    TimesOnOffer,
)
from rebook.domain.calls import Heard, Spoken, Unanswered
from rebook.domain.messages import DeliveryReport, InboundMessage, OptOut, PollNow, StaffAction


class Capability(StrEnum):
    """Values are the names of the methods that implement them."""

    WEBHOOK = "translate"
    POLL = "poll_changes"
    FETCH = "fetch_appointment"
    AVAILABILITY = "find_slots"
    BUSY = "busy_times"
    BOOK = "book"
    MOVE = "move"
    CANCEL = "cancel"
    MARK_NOSHOW = "mark_noshow"
    ANNOTATE = "annotate"
    SUGGEST = "show_offer"
    TASK = "create_task"
    MESSAGE = "send_message"
    UPDATE_MESSAGE = "update_message"
    EVIDENCE = "find_message"
    CAMPAIGN = "start_campaign"
    WATCH = "watch"


OF_A_CALENDAR = (
    Capability.FETCH,
    Capability.AVAILABILITY,
    Capability.BUSY,
    Capability.BOOK,
    Capability.MOVE,
    Capability.CANCEL,
    Capability.MARK_NOSHOW,
    Capability.ANNOTATE,
    Capability.SUGGEST,
)
"""What only a platform that keeps appointments can do: a messenger disclaims them in one line."""


class SignatureCovers(StrEnum):
    """What a vendor's webhook signature vouches for; NOTHING means a shared secret alone."""

    BODY = "body"
    URL = "url"
    TIME = "time"
    NOTHING = "nothing"


@dataclass(frozen=True)
class WebhookRequest:
    """What arrived at the door. `url` is the configured public URL with the exact query string."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    kind: str = ""
    """The last part of the path after the connection: `sms`, `status`, `events`, `interactivity`."""

    def header(self, name: str) -> str:
        """A header by its lower-case name, or an empty string."""
        return self.headers.get(name, "")


@dataclass(frozen=True)
class Verified:
    """`dedupe_key` is the vendor's own event id, or None where it sends none."""

    dedupe_key: str | None = None


@dataclass(frozen=True)
class Answer:
    """A reply the vendor insists on: a challenge echoed, TwiML, a SOAP acknowledgement."""

    body: bytes = b""
    content_type: str = "text/plain"
    status: int = 200
    store: bool = True
    """False for a pure handshake, which is answered and not kept."""
    ask: bool = False
    """A worker makes the answer while the vendor waits; this one stands in, and the request is kept,
    where none comes in time."""


@dataclass(frozen=True)
class StoredWebhook:
    """A verified request as it was kept: it can be translated a week later."""

    kind: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime


@dataclass(frozen=True)
class Page:
    """Changes of one page with the cursor that follows them; a cursor is opaque outside its vendor."""

    appointments: Sequence[Appointment]
    cursor: str
    messages: Sequence[InboundMessage] = ()
    last: bool = False
    gone: Sequence[str] = ()
    """Ids of appointments that no longer exist and that the platform no longer describes."""
    opt_outs: Sequence[OptOut] = ()
    """Contact points that refused messages there, so that a lost webhook loses no refusal."""


@dataclass(frozen=True)
class SlotQuery:
    """Free times for a service on a calendar ('' = any that serves it) in a period."""

    service_id: str
    starts_at: datetime
    ends_at: datetime
    minutes: int
    zone: str
    calendar: str = ""
    enough: int = 0
    """A platform that is asked day by day may stop after as many, soonest first; 0 asks for all."""


@dataclass(frozen=True)
class BookingRequest:
    """A slot for a person. `was` is the id of the appointment it replaces."""

    slot: Slot
    person: Person
    service: str
    service_id: str
    zone: str
    was: str = ""
    note: str = ""


@dataclass(frozen=True)
class OutgoingMessage:
    """One message. `our_ref` is the intent id, which the vendor must echo where it can."""

    to: str
    text: str
    our_ref: str
    subject: str = ""
    html: str = ""
    reply_token: str = ""
    """What the address of an answer must carry, where the channel has reply addresses."""
    callback_url: str = ""
    thread: str = ""
    buttons: Sequence["Button"] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    files: Sequence["Attachment"] = ()


@dataclass(frozen=True)
class Attachment:
    """A calendar file of a mail; `method` is what it asks of a calendar: PUBLISH, CANCEL."""

    name: str
    method: str
    body: str


@dataclass(frozen=True)
class Button:
    """A choice offered to staff: what it says, and what comes back when it is pressed or picked."""

    label: str
    action: str
    value: str
    style: str = ""
    options: Sequence[tuple[str, str]] = ()
    """(label, value) each: a menu instead of a button."""


@dataclass(frozen=True)
class Watch:
    """A subscription at a vendor; `expires_at` None means it does not lapse."""

    id: str
    resource: str = ""
    expires_at: datetime | None = None
    secret: str = field(default="", repr=False)
    """What the vendor made up to sign with: kept among the door's secrets, never beside the rest."""


Translated = Change | InboundMessage | DeliveryReport | StaffAction | OptOut | PollNow | Unanswered


class Connector:
    """One account on one platform. Built with its HTTP client and its connection's settings.

    `settings` are plain values an admin may edit; credentials live inside `http` or are handed
    over by `connectors.build` and are never shown. All datetimes are aware. Errors are those of
    `connectors.errors`. Creates are never retried here.
    """

    slug: ClassVar[str]
    name: ClassVar[str]
    docs: ClassVar[str]
    webhook_kinds: ClassVar[Mapping[str, ChangeKind]] = {}
    signature_covers: ClassVar[frozenset[SignatureCovers]] = frozenset()
    unsupported: ClassVar[Mapping[Capability, str]] = {}
    bought: ClassVar[Mapping[Capability, str]] = {}
    """What is a paid addition at the vendor, by the setting that says with `true` that it was bought."""
    prompts_staff: ClassVar[bool] = False
    """True where a loss is for people to judge: staff are prompted and start the case with one click.
    Until then the client is not written to."""
    mails: ClassVar[frozenset[str]] = frozenset()
    """Kinds of webhook that bring whole mails: their attachments are dropped at the door. The body is
    not signed, or the signature could not hold."""

    def __init__(
        self, http: Http, settings: Mapping[str, str], credentials: Mapping[str, str]
    ) -> None:
        self.http = http
        self.settings = settings
        self.credentials = credentials

    def __init_subclass__(cls) -> None:
        for capability in Capability:
            implemented = capability.value in vars(cls)
            if implemented == (capability in cls.unsupported):
                fault = "both has and disclaims" if implemented else "neither has nor disclaims"
                raise TypeError(f"{cls.__name__} {fault} {capability.value}()")
        if (
            Capability.CAMPAIGN not in cls.unsupported
            and not {
                "stop_campaign",
                "in_campaign",
            }
            <= vars(cls).keys()
        ):
            raise TypeError(f"{cls.__name__} starts a sequence that it cannot stop")

    @classmethod
    def capabilities(cls) -> frozenset[Capability]:
        return frozenset(c for c in Capability if c not in cls.unsupported)

    @classmethod
    def connect(
        cls,
        base_url: str,
        settings: Mapping[str, str],
        credentials: Mapping[str, str],
        *,
        tokens: TokenStore | None = None,
    ) -> "Connector":
        """Build the connector with the HTTP client its platform wants."""
        raise NotImplementedError

    @classmethod
    def at_the_door(cls, settings: Mapping[str, str]) -> "Connector":
        """For `verify`, `respond` and `translate` only: there is no client behind it."""
        return cls(Http("http://nowhere.invalid"), settings, {})

    def check(self) -> str:
        """One harmless call; returns the account's own name for itself."""
        raise NotImplementedError

    def verify(self, request: WebhookRequest, secrets: Sequence[bytes]) -> Verified:
        """At the door: signature over the exact bytes, time window. Raises `BadSignature`. No I/O."""
        raise NotImplementedError

    def respond(self, request: WebhookRequest) -> Answer | None:
        """At the door: the answer a vendor insists on. None for a plain empty 200."""
        return None

    def translate(self, stored: StoredWebhook) -> list[Translated]:
        """Later, any number of times, without I/O: our words for theirs."""
        raise NotImplementedError

    def converse(self, stored: StoredWebhook, talk: Callable[[Heard], Spoken]) -> Answer:
        """One turn of a telephone call: what was heard goes to `talk`, what is said comes back."""
        raise NotImplementedError

    def poll_changes(self, cursor: str | None) -> Iterator[Page]:
        """Appointments that changed, with the cursor that follows. Repeats are fine; gaps are not."""
        raise NotImplementedError

    def fetch_appointment(self, appointment_id: str) -> Appointment:
        """The appointment as the platform holds it now. Raises `NotFound`."""
        raise NotImplementedError

    def find_slots(self, query: SlotQuery) -> list[Slot]:
        """Free times the platform itself would book."""
        raise NotImplementedError

    def busy_times(self, calendar: str, starts_at: datetime, ends_at: datetime) -> list[Busy]:
        """When a calendar is taken, whatever takes it."""
        raise NotImplementedError

    def book(self, request: BookingRequest, *, our_ref: str) -> str:
        """Return the vendor's appointment id. Raises `SlotTaken` when someone was faster."""
        raise NotImplementedError

    def find_booking(self, request: BookingRequest, *, our_ref: str) -> str | None:
        """Evidence after an unknown outcome: did the booking we meant to make happen?"""
        raise NotImplementedError

    def move(self, appointment_id: str, slot: Slot, *, version: str = "") -> str:
        """Same appointment, other time; returns its id. Raises `SlotTaken`, `Conflict`."""
        raise NotImplementedError

    def cancel(self, appointment_id: str, reason: str) -> None:
        """Cancel; cancelling a cancelled appointment succeeds."""
        raise NotImplementedError

    def mark_noshow(self, appointment_id: str) -> None:
        """Record that the client did not come."""
        raise NotImplementedError

    def annotate(self, appointment_id: str, note: str) -> None:
        """Leave a short note of ours on the appointment; repeating it adds nothing."""
        raise NotImplementedError

    def show_offer(self, offer: TimesOnOffer, *, our_ref: str) -> None:
        """Show these times as tentative, and none that were shown before; repeating it adds nothing."""
        raise NotImplementedError

    def create_task(self, title: str, note: str, *, our_ref: str) -> str:
        """A to-do for staff on the platform."""
        raise NotImplementedError

    def send_message(self, message: OutgoingMessage) -> str:
        """Send once; returns the vendor's message id. Raises `Refused` for a definite no."""
        raise NotImplementedError

    def update_message(self, message_id: str, message: OutgoingMessage) -> None:
        """Change a message already sent (staff channels); repeating it changes nothing."""
        raise NotImplementedError

    def find_message(self, message: OutgoingMessage, since: datetime) -> list[str]:
        """Evidence after an unknown outcome: vendor ids of messages that carry `our_ref`."""
        raise NotImplementedError

    def start_campaign(self, person: Person, *, our_ref: str) -> str:
        """Put a person into the platform's own sequence; repeating it with our reference starts nothing."""
        raise NotImplementedError

    def stop_campaign(self, person: Person, *, our_ref: str) -> None:
        """Nothing more comes to the person from that sequence; stopping what is stopped succeeds."""
        raise NotImplementedError

    def in_campaign(self, person: Person, *, our_ref: str) -> bool:
        """Evidence: does the sequence that we started have more to say to the person?"""
        raise NotImplementedError

    def watch(self, callback_url: str, secret: str, current: Watch | None) -> Watch:
        """Make sure it calls `callback_url`; renews `current`. `secret` is ours, to sign with."""
        raise NotImplementedError
