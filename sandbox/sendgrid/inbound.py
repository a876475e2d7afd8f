"""Inbound Parse: a person's answer arrives at the gateway as an unsigned multipart form."""

import json
import secrets
from email.utils import format_datetime, parseaddr

from sandbox.courier import Post
from sandbox.kit import Kit
from sandbox.sendgrid.mail import Mail


def post(kit: Kit, answer: Mail) -> None:
    boundary = f"sandbox{secrets.token_hex(8)}"
    body = _multipart(_fields(answer), boundary)
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    url = f"{kit.config.hook('sendgrid/inbound')}?key={kit.secrets.inbound_key}"
    kit.courier.send(Post("sendgrid", url, "inbound", lambda: (headers, body)))


def _fields(answer: Mail) -> dict[str, str]:
    named = ["to", "html", "subject", "from", "text"]
    return {
        "headers": _headers(answer),
        "dkim": "{@example.com : pass}",
        "to": answer.to,
        "html": answer.html,
        "from": answer.sender,
        "text": answer.text,
        "sender_ip": "192.0.2.10",
        "envelope": json.dumps({"to": [parseaddr(answer.to)[1]], "from": answer.sender}),
        "attachments": "0",
        "subject": answer.subject,
        "charsets": json.dumps(dict.fromkeys(named, "UTF-8")),
        "SPF": "pass",
    }


def _headers(answer: Mail) -> str:
    lines = {
        "MIME-Version": "1.0",
        "From": answer.sender,
        "To": answer.to,
        "Subject": answer.subject,
        "Date": format_datetime(answer.at),
        "Message-ID": f"<{answer.id}@mail.example.com>",
        "In-Reply-To": f"<{answer.in_reply_to}@sandbox.sendgrid.test>",
        **answer.headers,
    }
    return "".join(f"{name}: {value}\n" for name, value in lines.items())


def _multipart(fields: dict[str, str], boundary: str) -> bytes:
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    return ("".join(parts) + f"--{boundary}--\r\n").encode()
