"""Google's push channels: an empty POST whose headers say only that something changed."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count

from sandbox.courier import Post
from sandbox.google_calendar.errors import invalid, not_found, refusal
from sandbox.kit import Kit
from sandbox.wire import Json

WEEK = timedelta(days=7)


@dataclass
class Channel:
    id: str
    calendar: str
    address: str
    token: str
    expires: datetime
    numbers: "count[int]" = field(default_factory=lambda: count(1))

    @property
    def resource_id(self) -> str:
        return sha256(self.calendar.encode()).hexdigest()[:26]

    @property
    def resource_uri(self) -> str:
        return f"https://www.googleapis.com/calendar/v3/calendars/{self.calendar}/events?alt=json"

    def shown(self) -> Json:
        shown = {
            "kind": "api#channel",
            "id": self.id,
            "resourceId": self.resource_id,
            "resourceUri": self.resource_uri,
            "expiration": str(int(self.expires.timestamp() * 1000)),
        }
        return {**shown, "token": self.token} if self.token else shown

    def headers(self, state: str) -> dict[str, str]:
        headers = {
            "Content-Type": "application/json; utf-8",
            "X-Goog-Channel-ID": self.id,
            "X-Goog-Channel-Expiration": self.expires.strftime("%a, %d %b %Y %H:%M:%S GMT"),
            "X-Goog-Resource-ID": self.resource_id,
            "X-Goog-Resource-URI": self.resource_uri,
            "X-Goog-Resource-State": state,
            "X-Goog-Message-Number": str(next(self.numbers)),
        }
        return {**headers, "X-Goog-Channel-Token": self.token} if self.token else headers


class Push:
    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self.channels: dict[str, Channel] = {}

    def open(self, calendar: str, body: Json) -> Channel:
        """Google wants https with a valid certificate; the sandbox also calls plain http."""
        channel_id, address = str(body.get("id") or ""), str(body.get("address") or "")
        if not 0 < len(channel_id) <= 64:
            raise refusal(400, "required", "Required: id of at most 64 characters.")
        if body.get("type") not in ("web_hook", "webhook"):
            raise invalid("Unknown channel type.")
        if not address.startswith(("http://", "https://")):
            raise refusal(400, "push.webhookUrlNotHttps", "WebHook callback must be HTTPS")
        if channel_id in self.channels:
            raise refusal(400, "channelIdNotUnique", f"Channel id {channel_id} not unique")
        if len(str(body.get("token") or "")) > 256:
            raise invalid("The token is too long.")
        channel = Channel(
            channel_id, calendar, address, str(body.get("token") or ""), self._expiry(body)
        )
        self.channels[channel_id] = channel
        self._post(channel, "sync")
        return channel

    def _expiry(self, body: Json) -> datetime:
        latest = self._kit.clock.now() + WEEK
        wanted = str(body.get("expiration") or "")
        if not wanted:
            return latest
        if not (wanted.isascii() and wanted.isdigit() and len(wanted) < 15):
            raise invalid("Invalid value for expiration.")
        return min(latest, datetime.fromtimestamp(int(wanted) / 1000, UTC))

    def stop(self, channel_id: object, resource_id: object) -> None:
        channel = self.channels.get(str(channel_id))
        if channel is None or channel.resource_id != resource_id:
            raise not_found()
        del self.channels[channel.id]

    def changed(self, calendar: str) -> None:
        for channel in list(self.channels.values()):
            if channel.expires <= self._kit.clock.now():
                del self.channels[channel.id]
            elif channel.calendar == calendar:
                self._post(channel, "exists")

    def _post(self, channel: Channel, state: str) -> None:
        headers = channel.headers(state)
        post = Post("google_calendar", channel.address, state, lambda: (headers, b""))
        self._kit.courier.send(post, after=0.05)
