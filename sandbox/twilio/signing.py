"""X-Twilio-Signature: HMAC-SHA1 over the exact URL and the sorted form fields."""

import base64
import hashlib
import hmac
from urllib.parse import urlencode

from sandbox.kit import Kit


def signed_form(kit: Kit, url: str, fields: dict[str, str]) -> tuple[dict[str, str], bytes]:
    """Headers and body of a webhook. A fragment configures retries and is not part of the URL."""
    called = url.partition("#")[0]
    text = called + "".join(name + fields[name] for name in sorted(fields))
    digest = hmac.new(kit.secrets.twilio_token.encode(), text.encode(), hashlib.sha1).digest()
    headers = {
        "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
        "User-Agent": "TwilioProxy/1.1",
        "X-Twilio-Signature": base64.b64encode(digest).decode(),
    }
    return headers, urlencode(fields).encode()
