"""The outbound message that the org's flow sends: SOAP, unsigned, and repeated until it is acknowledged."""

import itertools
from xml.sax.saxutils import escape, quoteattr

import httpx

from sandbox.courier import Post
from sandbox.kit import Kit
from sandbox.salesforce.wire import Row

SPACE = "http://soap.sforce.com/2005/09/outbound"


def key_of(kit: Kit) -> str:
    """The word of ours in the address the org was given."""
    return kit.secrets.make("salesforce-hook", 40)


class Hooks:
    def __init__(self, kit: Kit, organization: str) -> None:
        self._kit = kit
        self._organization = organization
        self._ids = itertools.count(1)
        self.acknowledged: list[bool] = []

    def tell(self, event: Row) -> None:
        body = self._message(event).encode()
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""'}
        target = f"{self._kit.config.hook('salesforce')}?key={key_of(self._kit)}"
        kind = str(event["Appointment_Status__c"])
        self._kit.courier.send(
            Post("salesforce", target, kind, lambda: (headers, body), on_answer=self._answered)
        )

    def _answered(self, answer: httpx.Response) -> None:
        self.acknowledged.append("<Ack>true</Ack>" in answer.text)

    def _message(self, event: Row) -> str:
        status = escape(str(event["Appointment_Status__c"] or ""))
        return (
            '<?xml version="1.0" encoding="UTF-8"?>'
            '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"'
            ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>'
            f"<notifications xmlns={quoteattr(SPACE)}>"
            f"<OrganizationId>{self._organization}</OrganizationId>"
            '<ActionId>04k000000000001AAA</ActionId><SessionId xsi:nil="true"/>'
            "<EnterpriseUrl>https://salesforce.sandbox.test/services/Soap/c/59.0</EnterpriseUrl>"
            "<PartnerUrl>https://salesforce.sandbox.test/services/Soap/u/59.0</PartnerUrl>"
            f"<Notification><Id>04l{next(self._ids):012}AAA</Id>"
            '<sObject xsi:type="sf:Event" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">'
            f"<sf:Id>{event['Id']}</sf:Id>"
            f"<sf:Appointment_Status__c>{status}</sf:Appointment_Status__c>"
            "</sObject></Notification></notifications></soapenv:Body></soapenv:Envelope>"
        )
