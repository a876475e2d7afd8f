"""Who may knock: Zoho's notifications by their channel's token, our function by its signature."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

import connectors.zoho_crm
from connectors import door
from connectors.contract import WebhookRequest
from connectors.errors import BadSignature
from tests.connectors.zoho_crm.kit import KIT, notification

TOKEN = hashlib.sha256(b"zoho channel:" + KIT.secret).hexdigest()[:48]
URL = "https://gw.example.com/hooks/zoho_crm"
SCRIPT = Path(connectors.zoho_crm.__file__).parent / "admin" / "rebook_notify.deluge"


def accepted(request: WebhookRequest, *secrets: bytes) -> bool:
    try:
        door("zoho_crm", {}).verify(request, secrets)
    except BadSignature:
        return False
    return True


def notified(body: bytes) -> WebhookRequest:
    return WebhookRequest("POST", URL, {}, body)


def test_a_notification_with_the_channels_token_is_let_in() -> None:
    assert accepted(notified(notification(TOKEN)), KIT.secret)
    assert accepted(notified(notification(TOKEN)), b"another", KIT.secret)


@pytest.mark.parametrize(
    "body",
    [
        notification(""),
        notification(TOKEN[:-1]),
        notification(TOKEN.upper()),
        notification(KIT.secret.decode()),
        notification("ä" * 48),
        json.dumps({"token": None}).encode(),
        json.dumps({"token": [TOKEN]}).encode(),
        json.dumps([TOKEN]).encode(),
        TOKEN.encode(),
        b"",
        b"\xff",
    ],
)
def test_any_other_token_is_not(body: bytes) -> None:
    assert not accepted(notified(body), KIT.secret)


def test_no_secret_lets_nobody_in() -> None:
    empty = hashlib.sha256(b"zoho channel:").hexdigest()[:48]
    assert not accepted(notified(notification(empty)), b"")
    assert not accepted(notified(notification(TOKEN)))


def test_the_secret_itself_is_never_sent_to_zoho() -> None:
    assert len(TOKEN) < 50
    assert KIT.secret.decode() not in TOKEN


def test_our_function_signs_the_body_and_the_time() -> None:
    honest = KIT.signed(KIT.body, URL, "function")
    assert accepted(honest, KIT.secret)
    assert not accepted(replace(honest, body=KIT.body.replace(b"155", b"156")), KIT.secret)
    later = str(int(honest.headers["x-rebook-timestamp"]) + 1)
    headers = {**honest.headers, "x-rebook-timestamp": later}
    assert not accepted(replace(honest, headers=headers), KIT.secret)


def test_a_notification_does_not_pass_for_a_call_of_the_function_nor_the_other_way() -> None:
    honest = KIT.signed(KIT.body, URL, "function")
    assert not accepted(replace(honest, kind=""), KIT.secret)
    assert not accepted(replace(notified(notification(TOKEN)), kind="function"), KIT.secret)


def test_the_script_an_admin_pastes_sends_what_the_door_expects() -> None:
    script = SCRIPT.read_text()
    assert "/hooks/zoho_crm/function" in script
    assert 'zoho.encryption.hmacsha256(secret,stamp + "." + payload,"hex")' in script
    assert 'headers.put("X-Rebook-Timestamp",stamp)' in script
    assert 'headers.put("X-Rebook-Signature",' in script
    [line] = [line for line in script.splitlines() if "payload =" in line]
    parts = line.split("payload = ", 1)[1].rstrip(";").split(" + ")
    values = {"appointment_id": "1", "status": "Cancelled"}
    payload = "".join(values.get(part) or json.loads(part) for part in parts)
    assert json.loads(payload) == {"module": "Appointments__s", "id": "1", "status": "Cancelled"}
