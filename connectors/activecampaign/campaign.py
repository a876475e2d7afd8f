"""Putting a contact into an automation that was built in ActiveCampaign. Who unsubscribed stays out."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

from connectors.activecampaign.account import Account, number
from connectors.errors import NotAllowed, NotFound, OptedOut, Refused, VendorFault
from connectors.parsing import documented, instant
from rebook.domain import clock
from rebook.domain.appointments import Person

ACTIVE, UNSUBSCRIBED = "1", "2"
LATELY = timedelta(days=1)


def contact_of(account: Account, person: Person) -> str:
    """The contact of this address; made where there is none, never changed where there is one."""
    if not person.email:
        raise Refused("a contact is known by its e-mail address", code="no_email")
    if found := account.contact_id(person.email):
        return found
    told = {
        "email": person.email,
        "firstName": person.given_name,
        "lastName": person.family_name,
        "phone": person.phone,
    }
    body = {"contact": {name: value for name, value in told.items() if value}}
    with documented():
        return str(int(account.http.post("contact/sync", body)["contact"]["id"]))


def start(account: Account, person: Person, automation: str, wanted_list: str) -> str:
    """Returns the id of the entry: one of the last day is ours, whose answer was lost."""
    _require_named(automation)
    contact = contact_of(account, person)
    _require_consent(account, contact, wanted_list)
    if found := _entered_lately(account, contact, automation):
        return found
    entry = {"contact": number(contact), "automation": number(automation)}
    try:
        made = account.http.post("contactAutomations", {"contactAutomation": entry})
    except NotAllowed:
        # The same 403 means that this contact cannot enter: the key served a moment ago.
        raise Refused("the contact cannot enter the automation", code="not_entered") from None
    with documented():
        return str(int(made["contactAutomation"]["id"]))


def stop(account: Account, person: Person, automation: str) -> None:
    """The contact is taken out of the automation."""
    for entry in running(account, person, automation):
        with suppress(NotFound):
            account.http.delete(f"contactAutomations/{number(entry)}")


def running(account: Account, person: Person, automation: str) -> list[str]:
    """The contact's entries of the automation that have more to say."""
    _require_named(automation)
    contact = account.contact_id(person.email) if person.email else None
    if contact is None:
        return []
    name = "contactAutomations"
    with documented():
        return [
            str(entry["id"])
            for entry in account.rows(f"contacts/{number(contact)}/{name}", name)
            if str(entry["automation"]) == automation and not _is_over(entry)
        ]


def _is_over(entry: Mapping[str, Any]) -> bool:
    return str(entry.get("completed") or "0") not in ("0", "false", "False")


def _require_named(automation: str) -> None:
    if not automation.isdigit():
        raise Refused("no automation is named in the settings", code="no_automation")


def _require_consent(account: Account, contact: str, wanted_list: str) -> None:
    with documented():
        lists = {str(one["list"]): str(one["status"]) for one in _lists(account, contact)}
    absent = bool(wanted_list) and lists.get(wanted_list) != ACTIVE
    if absent or (not wanted_list and UNSUBSCRIBED in lists.values()):
        raise OptedOut("the contact does not take campaigns", code="unsubscribed")


def _lists(account: Account, contact: str) -> list[Any]:
    found = account.contact(contact)
    if "contact" not in found:
        raise VendorFault("the contact was told without itself")
    return list(found.get("contactLists") or [])


def _entered_lately(account: Account, contact: str, automation: str) -> str | None:
    since = clock.now() - LATELY
    name = "contactAutomations"
    with documented():
        for entry in account.rows(f"contacts/{number(contact)}/{name}", name):
            if str(entry["automation"]) == automation and instant(entry["adddate"]) >= since:
                return str(entry["id"])
    return None
