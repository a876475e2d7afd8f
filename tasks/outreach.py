"""Sending what is due, to clients and to staff, and looking for evidence where an outcome is in doubt."""

from urllib.parse import quote

from prefect.logging import get_run_logger
from sqlmodel import Session

from connectors.contract import Attachment, Capability, OutgoingMessage
from connectors.errors import ConnectorError, NotAllowed, OptedOut, Refused, TooMany, Unreachable
from rebook.db.session import ledger, reading
from rebook.domain import clock
from rebook.failpoints import fp
from rebook.services import cases, intents, leases, mail_parts, outreach, staff
from rebook.services.intents import DOUBTFUL, Stage
from rebook.services.leases import Actor
from rebook.services.mail_parts import MailParts
from rebook.services.outreach import Outgoing
from rebook.settings import settings
from tasks.accounts import connector_of
from tasks.staff_message import compose
from tasks.step import step


def send_what_is_due(actor: Actor) -> None:
    """The step: every message whose time has come, oldest first."""
    with reading() as session:
        staff_notes = intents.due(session, actor.case_id, ("staff",), Stage.PLANNED)
        messages = intents.due(session, actor.case_id, ("message",), Stage.PLANNED)
    for intent_id in messages:
        send_message(actor, intent_id)
    for intent_id in staff_notes:
        post_to_staff(actor, intent_id)


@step("write to the client")
def send_message(actor: Actor, intent_id: str) -> str:
    """Through the gate, to the vendor, once. Returns what became of it."""
    began = clock.steady()
    with ledger() as session:
        outgoing = outreach.claim(session, actor, intent_id)
        parts = mail_parts.of(session, intent_id) if outgoing else MailParts()
    if outgoing is None:
        return "not now"
    fp("send.claimed")
    return _send(_message(outgoing, parts), actor, outgoing, began)


def _message(outgoing: Outgoing, parts: MailParts) -> OutgoingMessage:
    base = settings().public_url.rstrip("/")
    return OutgoingMessage(
        to=outgoing.to,
        text=outgoing.text,
        our_ref=outgoing.intent_id,
        subject=outgoing.subject,
        html=outgoing.html,
        reply_token=outgoing.token if outgoing.subject else "",
        callback_url=f"{base}/hooks/{outgoing.connection}/status?i={quote(outgoing.intent_id)}",
        headers=parts.headers,
        files=[Attachment(file.name, file.method, file.body) for file in parts.files],
    )


def _send(message: OutgoingMessage, actor: Actor, outgoing: Outgoing, began: float) -> str:
    """One call, unless we were held up since `began`; what it came to decides the intent's stage."""
    vendor_id, reason, after = "", "", None
    try:
        connector = connector_of(outgoing.connection)
        leases.fence(began)
        vendor_id = connector.send_message(message)
        stage = Stage.DONE
    except OptedOut:
        stage, reason = Stage.REFUSED, outreach.OPTED_OUT
    except Refused as error:
        stage, reason = Stage.REFUSED, error.code or "refused"
    except (Unreachable, TooMany, NotAllowed) as error:
        stage, reason, after = Stage.PLANNED, type(error).__name__, error.retry_after
    except ConnectorError as error:
        stage, reason = Stage.UNKNOWN, type(error).__name__
    fp("send.called")
    with ledger() as session:
        if stage is Stage.PLANNED:
            case = cases.load(session, actor.case_id)
            outreach.put_off(session, case, outgoing.intent_id, outgoing.fence, reason, after)
        else:
            _record(session, actor, outgoing, stage, vendor_id, reason)
    fp("send.settled")
    get_run_logger().info("intent %s: %s %s", outgoing.intent_id, stage, reason)
    return stage.value


def _record(
    session: Session, actor: Actor, outgoing: Outgoing, stage: Stage, vendor_id: str, reason: str
) -> None:
    case = cases.load(session, actor.case_id)
    outreach.settle(
        session, outgoing.intent_id, outgoing.fence, stage, vendor_id=vendor_id, reason=reason
    )
    if stage is Stage.REFUSED:
        outreach.refused(session, case, outgoing.intent_id, reason)


@step("tell the office")
def post_to_staff(actor: Actor, intent_id: str) -> str:
    """Post the case's message in the staff channel, with its buttons."""
    began = clock.steady()
    with ledger() as session:
        found = _staff_note(session, actor, intent_id)
    if found is None:
        return "not now"
    outgoing, message = found
    done = _send(message, actor, outgoing, began)
    fp("staff.called")
    return done


def _staff_note(
    session: Session, actor: Actor, intent_id: str
) -> tuple[Outgoing, OutgoingMessage] | None:
    case = leases.check(session, actor)
    intent = intents.lock(session, intent_id)
    if intent.state != Stage.PLANNED:
        return None
    if intent.attempts >= intents.MOST_ATTEMPTS:
        intents.settle(session, intent, Stage.GIVEN_UP, reason="it was tried often enough")
        return None
    fence = intents.claim(intent)
    text = staff.wording_of(session, case)
    intent.payload = {**intent.payload, "text": text}
    session.add(intent)
    outgoing = Outgoing(intent.id, fence, intent.connection, intent.payload["to"], text, "", "", "")
    return outgoing, compose(session, case, intent, text)


def look_for_evidence(actor: Actor) -> None:
    """The step: every create whose outcome is in doubt and whose wait for evidence is over."""
    with reading() as session:
        doubtful = intents.due(session, actor.case_id, ("message", "staff"), *DOUBTFUL)
    for intent_id in doubtful:
        find_evidence(actor, intent_id)


@step("look whether it was sent")
def find_evidence(actor: Actor, intent_id: str) -> int:
    """Ask the vendor for messages that carry our mark. Returns how many there are."""
    with reading() as session:
        query = outreach.evidence_query(session, intent_id)
    connector = connector_of(query["connection"])
    found: list[str] = []
    if Capability.EVIDENCE in connector.capabilities():
        message = OutgoingMessage(to=query["to"], text=query["text"], our_ref=intent_id)
        found = connector.find_message(message, query["since"])
    with ledger() as session:
        outreach.judge(session, actor, intent_id, found)
    return len(found)
