"""The signed event webhook: a JSON array whose exact bytes, CRLFs included, are signed."""

import base64
import json
import secrets

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from sandbox.courier import Post
from sandbox.kit import Kit
from sandbox.sendgrid.mail import Mail
from sandbox.wire import Json

SIGNATURE = "X-Twilio-Email-Event-Webhook-Signature"
TIMESTAMP = "X-Twilio-Email-Event-Webhook-Timestamp"


def event(kit: Kit, mail: Mail, name: str, more: Json | None = None) -> Json:
    """custom_args stand flat beside the vendor's own fields."""
    return {
        **mail.custom_args,
        "email": mail.to,
        "event": name,
        "sg_event_id": base64.urlsafe_b64encode(secrets.token_bytes(24)).decode().rstrip("="),
        "sg_message_id": mail.sg_message_id,
        "smtp-id": f"<{mail.id}@sandbox.sendgrid.test>",
        "timestamp": int(kit.clock.timestamp()),
        **(more or {}),
    }


def post(kit: Kit, batch: list[Json]) -> None:
    body = ("[" + ",\r\n".join(json.dumps(one) for one in batch) + "]\r\n").encode()

    def build() -> tuple[dict[str, str], bytes]:
        stamp = str(int(kit.clock.timestamp()))
        signature = kit.secrets.sendgrid_private_key.sign(
            stamp.encode() + body, ec.ECDSA(hashes.SHA256())
        )
        return {
            "Content-Type": "application/json; charset=utf-8",
            SIGNATURE: base64.b64encode(signature).decode(),
            TIMESTAMP: stamp,
        }, body

    kinds = "+".join(str(one["event"]) for one in batch)
    kit.courier.send(Post("sendgrid", kit.config.hook("sendgrid/events"), kinds, build))
