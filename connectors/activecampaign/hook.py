"""ActiveCampaign's webhooks: flat forms with brackets. A deal is read again, a refusal is taken as told.

There is no event for a changed stage: `deal_update` names the fields that changed.
"""

from collections.abc import Mapping
from datetime import datetime

from connectors.activecampaign import wire
from connectors.contract import Translated
from connectors.parsing import e164, form_of, instant
from rebook.domain.appointments import Change, ChangeKind
from rebook.domain.messages import Channel, OptOut


def translated(body: bytes, settings: Mapping[str, str]) -> list[Translated]:
    form = form_of(body)
    match form.get("type"):
        case "deal_add":
            return _deal(form, settings, ChangeKind.BOOKED)
        case "deal_update" if "stage" in _updated(form):
            return _deal(form, settings, ChangeKind.MOVED)
        case "unsubscribe":
            return _refusal(Channel.EMAIL, form.get("contact[email]", ""))
        case "sms_unsub":
            phone = e164(form.get("contact[phone]", ""), settings.get("region") or "US")
            return _refusal(Channel.SMS, phone)
    return []


def dedupe_key(body: bytes) -> str | None:
    """No delivery has an id: deal, stage and second tell one from another."""
    form = form_of(body)
    parts = [form.get(name, "") for name in ("type", "date_time", "deal[id]", "deal[stageid]")]
    key = ":".join(parts)
    return key if all(parts) and len(key) <= 120 else None


def _updated(form: Mapping[str, str]) -> set[str]:
    return {value for name, value in form.items() if name.startswith("updated_fields[")}


def _deal(
    form: Mapping[str, str], settings: Mapping[str, str], kind: ChangeKind
) -> list[Translated]:
    deal_id = form.get("deal[id]", "")
    if not (deal_id.isascii() and deal_id.isdigit() and len(deal_id) <= 18):
        return []
    status = wire.status_of(form.get("deal[stage_title]", ""), settings)
    return [Change(wire.KINDS.get(status, kind) if status else kind, deal_id, _told_at(form))]


def _told_at(form: Mapping[str, str]) -> datetime | None:
    try:
        return instant(form.get("date_time", ""))
    except (ValueError, OverflowError):
        return None


def _refusal(channel: Channel, contact: str) -> list[Translated]:
    return [OptOut(channel, contact)] if contact else []
