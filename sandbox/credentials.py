"""Fake credentials, the same for the same seed, so that a client can be pointed at a fresh start."""

import base64
import hashlib
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

BUSINESS_PHONE = "+18085550100"
BUSINESS_EMAIL = "studio@sandbox.example.com"
INBOUND_DOMAIN = "reply.sandbox.example.com"
SLACK_CHANNEL = "C0SANDBOX1"
SLACK_TEAM = "T0SANDBOX1"
SLACK_APP = "A0SANDBOX1"
SLACK_BOT = "B0SANDBOX1"
SLACK_BOT_USER = "U0SANDBOXB"


@dataclass(frozen=True)
class Credentials:
    """Every secret of the town, derived from one seed."""

    seed: str

    def make(self, name: str, length: int = 32) -> str:
        """Hex digits that are the same for the same seed and name."""
        return self._hex(name, length)

    def _hex(self, name: str, length: int = 32) -> str:
        return hashlib.sha256(f"{self.seed}:{name}".encode()).hexdigest()[:length]

    @property
    def acuity_user(self) -> str:
        return str(10_000_000 + int(self._hex("acuity-user", 6), 16))

    @property
    def acuity_key(self) -> str:
        return "sandbox" + self._hex("acuity-key", 25)

    @property
    def google_client_id(self) -> str:
        return f"{self._hex('google-client', 12)}.apps.sandbox.test"

    @property
    def google_client_secret(self) -> str:
        return "sandbox-client-secret-" + self._hex("google-secret", 12)

    @property
    def google_refresh_token(self) -> str:
        return "sandbox-refresh-" + self._hex("google-refresh", 20)

    @property
    def google_access_token(self) -> str:
        return "sandbox-access-" + self._hex("google-access", 20)

    @property
    def google_channel_token(self) -> str:
        return "sandbox-channel-" + self._hex("google-channel", 20)

    @property
    def twilio_sid(self) -> str:
        return "AC" + self._hex("twilio-sid")

    @property
    def twilio_token(self) -> str:
        return "sandbox" + self._hex("twilio-token", 25)

    @property
    def twilio_service(self) -> str:
        return "MG" + self._hex("twilio-service")

    @property
    def sendgrid_key(self) -> str:
        return f"SG.sandbox.{self._hex('sendgrid-key')}"

    @property
    def sendgrid_private_key(self) -> ec.EllipticCurvePrivateKey:
        number = int(self._hex("sendgrid-event-key", 60), 16) + 1
        return ec.derive_private_key(number, ec.SECP256R1())

    @property
    def sendgrid_public_key(self) -> str:
        public = self.sendgrid_private_key.public_key()
        der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return base64.b64encode(der).decode()

    @property
    def inbound_key(self) -> str:
        """Inbound Parse is not signed: a secret stands in the URL it is configured with."""
        return "sandbox" + self._hex("inbound-key", 25)

    @property
    def slack_bot_token(self) -> str:
        return "xoxb-sandbox-" + self._hex("slack-token", 24)

    @property
    def slack_signing_secret(self) -> str:
        return "sandbox" + self._hex("slack-secret", 25)
