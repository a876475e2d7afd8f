"""Membership of a campaign of the org's own, whose flow writes to its members."""

from contextlib import suppress

from simple_salesforce.format import format_soql

from connectors.errors import NotFound, OptedOut, Refused
from connectors.parsing import documented
from connectors.salesforce.client import Org
from rebook.domain.appointments import Person


class Membership:
    def __init__(self, org: Org, campaign: str, person: Person) -> None:
        if not (campaign and person.email):
            raise Refused("no campaign is set, or the client has no e-mail", code="no_campaign")
        self._org = org
        self._campaign = campaign
        self._email = person.email

    def begin(self) -> str:
        found = self._contact()
        if found is None:
            raise Refused("the client is not a contact", code="unknown_contact")
        contact, opted_out = found
        if opted_out:
            raise OptedOut("the contact takes no mail", code="opted_out")
        body = {"CampaignId": self._campaign, "ContactId": contact}
        try:
            return self._org.create("CampaignMember", body)
        except Refused as refused:
            if refused.code != "DUPLICATE_VALUE":
                raise
            return contact

    def end(self) -> None:
        """The contact stays, its membership goes."""
        for member in self.members():
            with suppress(NotFound):
                self._org.delete("CampaignMember", member)

    def members(self) -> list[str]:
        """Ids of the client's memberships in the campaign: one at most."""
        found = self._contact()
        if found is None:
            return []
        where = format_soql("CampaignId = {} AND ContactId = {}", self._campaign, found[0])
        rows = self._org.query(f"SELECT Id FROM CampaignMember WHERE {where}")  # noqa: S608 - SOQL
        with documented():
            return [str(row["Id"]) for row in rows]

    def _contact(self) -> tuple[str, bool] | None:
        """The contact with the address, and whether it takes no mail."""
        where = format_soql("Email = {}", self._email)
        names = "Id, HasOptedOutOfEmail"
        rows = self._org.query(f"SELECT {names} FROM Contact WHERE {where} LIMIT 1")  # noqa: S608 - SOQL
        with documented():
            for row in rows:
                return str(row["Id"]), bool(row["HasOptedOutOfEmail"])
        return None
