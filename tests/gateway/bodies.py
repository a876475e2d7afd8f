"""What the five platforms send, with invented people, and the path each is sent to."""

import json
from urllib.parse import quote_plus, urlencode

ACUITY = b"action=canceled&id=54321&calendarID=1&appointmentTypeID=1"
SMS = urlencode(
    {"MessageSid": "SM" + "0" * 32, "From": "+18085550123", "To": "+18085550100", "Body": "2"}
).encode()
EVENTS = b'[{"event":"delivered","sg_event_id":"e1","timestamp":1795000000}]'
PRESSED = (
    b"payload="
    + quote_plus(
        json.dumps(
            {
                "type": "block_actions",
                "user": {"id": "U1"},
                "container": {"channel_id": "C1", "message_ts": "1.2"},
                "actions": [{"action_id": "take", "value": "case_1", "action_ts": "3.4"}],
            }
        )
    ).encode()
)
VALID = [
    ("acuity", "", ACUITY),
    ("google_calendar", "", b""),
    ("twilio", "sms", SMS),
    ("sendgrid", "events", EVENTS),
    ("slack", "interactivity", PRESSED),
]
