"""How a text travels: queued, sent, delivered, each told to its status callback."""

from functools import partial

from sandbox.courier import Post
from sandbox.kit import Kit
from sandbox.twilio.signing import signed_form
from sandbox.twilio.sms import Sms

LEGS = [("queued", 0.1), ("sent", 0.4), ("delivered", 0.9)]
UNREACHABLE = 30003


class Journey:
    """Numbers in `unreachable` get nothing: their messages end as `undelivered`."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self.unreachable: set[str] = set()

    def start(self, message: Sms) -> None:
        for status, after in LEGS:
            self._kit.courier.later(after, partial(self._reach, message, status))

    def _reach(self, message: Sms, status: str) -> None:
        if status == "delivered" and message.to in self.unreachable:
            status, message.error_code = "undelivered", UNREACHABLE
        message.status = status
        message.updated = self._kit.clock.now()
        message.sent = message.sent or (message.updated if status != "queued" else None)
        if message.callback:
            self._tell(message, status)

    def _tell(self, message: Sms, status: str) -> None:
        fields = {
            "SmsSid": message.sid,
            "SmsStatus": status,
            "MessageStatus": status,
            "To": message.to,
            "From": message.sender,
            "MessageSid": message.sid,
            "AccountSid": self._kit.secrets.twilio_sid,
            "ApiVersion": "2010-04-01",
        }
        if message.error_code:
            fields["ErrorCode"] = str(message.error_code)
        url = message.callback

        self._kit.courier.send(
            Post("twilio", url, f"status:{status}", lambda: signed_form(self._kit, url, fields))
        )
