"""Salesforce, as the standard suite tries it."""

from connectors.contract import Capability, WebhookRequest
from tests.connectors.kits import Kit

MESSAGE = """<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
 <soapenv:Body>
  <notifications xmlns="http://soap.sforce.com/2005/09/outbound">
   <OrganizationId>00D000000000001EAA</OrganizationId>
   <ActionId>04k000000000001AAA</ActionId>
   <SessionId xsi:nil="true"/>
   <Notification>
    <Id>04l000000000001AAA</Id>
    <sObject xsi:type="sf:Event" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">
     <sf:Id>00U000000000001AAA</sf:Id>
     <sf:Appointment_Status__c>Missed</sf:Appointment_Status__c>
    </sObject>
   </Notification>
  </notifications>
 </soapenv:Body>
</soapenv:Envelope>
"""


def sign(body: bytes, url: str, kind: str, secret: bytes) -> WebhookRequest:
    """Salesforce signs nothing: the address it was given holds a word of ours."""
    headers = {"content-type": "text/xml; charset=utf-8", "soapaction": '""'}
    return WebhookRequest("POST", f"{url}?key={secret.decode()}", headers, body, kind)


KIT = Kit(
    path="",
    credentials={
        "client_id": "consumer-key-of-nobody",
        "client_secret": "consumer-secret-of-nobody",
        "access_token": "access-token-of-nobody",
    },
    settings={"token_url": "{url}/services/oauth2/token", "zone": "Pacific/Honolulu"},
    secret=b"a-word-of-our-own-making",
    sign=sign,
    body=MESSAGE.encode(),
    id="00U000000000001AAA",
    calendar="005000000000001AAA",
    extra={Capability.CAMPAIGN: {"campaign": "701000000000001AAA"}},
    succeeds={(Capability.CANCEL, 404): "what was deleted is cancelled"},
    vouching=("?key",),
    deviations={
        "PATCH /services/data/v59.0/sobjects/Task/Rebook_Key__c/intent-1 is not documented": (
            "the spec is written by hand for Event alone (SOURCE.md); every object has the call"
        ),
        "POST /services/data/v59.0/sobjects/CampaignMember/ is not documented": (
            "the spec is written by hand for Event alone (SOURCE.md); every object has the call"
        ),
        "DELETE /services/data/v59.0/sobjects/CampaignMember/00v000000000001AAA is not documented": (
            "the spec is written by hand for Event alone (SOURCE.md); every object has the call"
        ),
    },
)
