"""Twilio's message store: what may be sent, how it travels, what a person answers."""

import html
import itertools
import re
import secrets
from email.utils import format_datetime

import httpx

from sandbox.courier import Post
from sandbox.credentials import BUSINESS_PHONE
from sandbox.kit import Kit
from sandbox.twilio.errors import refusal
from sandbox.twilio.journey import Journey
from sandbox.twilio.signing import signed_form
from sandbox.twilio.sms import START_WORDS, STOP_WORDS, Sms, segments
from sandbox.wire import Json

E164 = re.compile(r"\+[1-9]\d{6,14}")
TWIML_MESSAGE = re.compile(r"<Message\b[^>]*>(.*?)</Message>", re.DOTALL)
TAG = re.compile(r"<[^>]*>")
LONGEST = 1600
OPTED_OUT = "You are unsubscribed and will get no more messages. Reply START to undo."
OPTED_IN = "You are subscribed again and will get messages from this number."


class Phone:
    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.messages: list[Sms] = []
        self.opted_out: set[str] = set()
        self.journey = Journey(kit)
        self._numbers = itertools.count(1)

    def find(self, sid: str) -> Sms:
        for message in self.messages:
            if message.sid == sid:
                return message
        raise refusal(404, 20404, f"The requested resource /Messages/{sid}.json was not found")

    def send(self, form: dict[str, str]) -> Sms:
        """An outgoing message, checked in the order Twilio names its errors."""
        to, body = form.get("To", ""), form.get("Body", "")
        self._check(to, body, form)
        service = form.get("MessagingServiceSid")
        message = Sms(
            self._sid(),
            BUSINESS_PHONE,
            to,
            body,
            "outbound-api",
            "accepted" if service else "queued",
            self.kit.clock.now(),
            service,
            form.get("StatusCallback", ""),
        )
        self.messages.append(message)
        self.journey.start(message)
        return message

    def _check(self, to: str, body: str, form: dict[str, str]) -> None:
        sender, service = form.get("From"), form.get("MessagingServiceSid")
        callback = form.get("StatusCallback")
        if not to:
            raise refusal(400, 21604, "A 'To' phone number is required.")
        if not E164.fullmatch(to):
            raise refusal(400, 21211, "The 'To' number is not a valid phone number.")
        if not sender and not service:
            raise refusal(400, 21603, "A 'From' phone number is required.")
        if service not in (None, "", self.kit.secrets.twilio_service):
            raise refusal(404, 20404, "The Messaging Service was not found.")
        if sender not in (None, "", BUSINESS_PHONE):
            raise refusal(400, 21606, "The 'From' number is not yours or cannot send.")
        if to == BUSINESS_PHONE:
            raise refusal(400, 21266, "'To' and 'From' number cannot be the same.")
        if not body:
            raise refusal(400, 21602, "Message body is required.")
        if len(body) > LONGEST:
            raise refusal(400, 21617, "The message body exceeds the 1600 character limit.")
        if callback and not callback.startswith(("http://", "https://")):
            raise refusal(400, 21609, "The 'StatusCallback' is not a valid URL.")
        if to in self.opted_out:
            raise refusal(400, 21610, "Attempt to send to unsubscribed recipient")

    def receive(self, sender: str, body: str) -> Sms:
        """A person writes to the studio: opt-out words first, then the webhook, STOP included."""
        message = Sms(
            self._sid(), sender, BUSINESS_PHONE, body, "inbound", "received", self.kit.clock.now()
        )
        message.sent = message.created
        self.messages.append(message)
        self._keyword(sender, body.strip().upper())
        fields = self._inbound_fields(message)
        url = self.kit.config.hook("twilio/sms")
        self.kit.courier.send(
            Post(
                "twilio",
                url,
                "sms",
                lambda: signed_form(self.kit, url, fields),
                on_answer=lambda answer: self._twiml(answer, sender),
            )
        )
        return message

    def _keyword(self, sender: str, word: str) -> None:
        if word in STOP_WORDS:
            self.opted_out.add(sender)
            self._reply(sender, OPTED_OUT)
        elif word in START_WORDS and sender in self.opted_out:
            self.opted_out.remove(sender)
            self._reply(sender, OPTED_IN)

    def _twiml(self, answer: httpx.Response, to: str) -> None:
        """Messages in the gateway's TwiML answer are sent, unless the person opted out."""
        for inner in TWIML_MESSAGE.findall(answer.text[:65536]):
            text = html.unescape(TAG.sub("", inner)).strip()
            if text and to not in self.opted_out:
                self._reply(to, text)

    def _reply(self, to: str, text: str) -> None:
        message = Sms(
            self._sid(), BUSINESS_PHONE, to, text, "outbound-reply", "queued", self.kit.clock.now()
        )
        self.messages.append(message)
        self.journey.start(message)

    def _inbound_fields(self, message: Sms) -> dict[str, str]:
        return {
            "ToCountry": "US",
            "FromCountry": "US",
            "SmsMessageSid": message.sid,
            "SmsSid": message.sid,
            "MessageSid": message.sid,
            "SmsStatus": "received",
            "NumMedia": "0",
            "NumSegments": str(segments(message.body)),
            "Body": message.body,
            "From": message.sender,
            "To": message.to,
            "AccountSid": self.kit.secrets.twilio_sid,
            "ApiVersion": "2010-04-01",
        }

    def _sid(self) -> str:
        return f"SM{next(self._numbers):08x}{secrets.token_hex(12)}"

    def shown(self, one: Sms) -> Json:
        account = self.kit.secrets.twilio_sid
        uri = f"/2010-04-01/Accounts/{account}/Messages/{one.sid}"
        return {
            "account_sid": account,
            "api_version": "2010-04-01",
            "body": one.body,
            "date_created": format_datetime(one.created),
            "date_sent": format_datetime(one.sent) if one.sent else None,
            "date_updated": format_datetime(one.updated or one.created),
            "direction": one.direction,
            "error_code": one.error_code,
            "error_message": "Unreachable destination handset" if one.error_code else None,
            "from": None if one.status == "accepted" else one.sender,
            "messaging_service_sid": one.service,
            "num_media": "0",
            "num_segments": str(segments(one.body)),
            "price": None,
            "price_unit": "USD",
            "sid": one.sid,
            "status": one.status,
            "subresource_uris": {"media": f"{uri}/Media.json"},
            "to": one.to,
            "uri": f"{uri}.json",
        }
