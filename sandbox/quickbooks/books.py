"""QuickBooks' invoices and customers: sparse updates by sync token, voids, deletions, and who is told."""

import base64
import hashlib
import hmac
import itertools
import json
import uuid
from datetime import UTC, datetime, timedelta

from sandbox import people
from sandbox.acuity.model import FIRST_APPOINTMENT, SERVICES
from sandbox.courier import Post
from sandbox.kit import Kit
from sandbox.quickbooks.wire import refusal, stamp
from sandbox.wire import Json

REALM = "9130350000000001"
TIME, STATUS, LINK = "Appointment", "Appointment status", "Acuity id"
WRITABLE = {"PrivateNote", "CustomField", "Line", "DueDate", "TxnDate", "BillEmail", "CustomerMemo"}
FEE: Json = {"ItemRef": {"value": "9", "name": "No-show fee"}, "Qty": 1, "UnitPrice": 20}


class Books:
    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.verifier = "sandbox-" + kit.secrets.make("quickbooks-verifier", 28)
        self.legacy = False
        self.invoices: dict[str, Json] = {}
        self.customers: dict[str, Json] = {}
        self.deleted: dict[str, datetime] = {}
        self._done: dict[str, str] = {}
        self._invoices = itertools.count(1001)
        for number, visit in enumerate(
            people.visits(kit.config.clients, kit.clock.now(), kit.zone)
        ):
            self._seed(number, visit)

    def _seed(self, number: int, visit: people.Visit) -> None:
        client, service = visit.client, SERVICES[visit.service]
        customer, invoice = str(501 + number), str(next(self._invoices))
        made = stamp(self.kit.clock.now() - timedelta(hours=1))
        times = {"CreateTime": made, "LastUpdatedTime": made}
        self.customers[customer] = {
            "domain": "QBO",
            "Id": customer,
            "SyncToken": "0",
            "MetaData": times,
            "GivenName": client.first,
            "FamilyName": client.last,
            "DisplayName": f"{client.first} {client.last} {number + 1}",
            "Active": True,
            "PrimaryPhone": {"FreeFormNumber": client.phone},
            "PrimaryEmailAddr": {"Address": client.email},
        }
        price = float(service.price)
        detail = {"ItemRef": {"value": "1", "name": service.name}, "Qty": 1, "UnitPrice": price}
        self.invoices[invoice] = {
            "domain": "QBO",
            "sparse": False,
            "Id": invoice,
            "SyncToken": "0",
            "MetaData": dict(times),
            "CustomField": [
                _field(1, TIME, visit.start.isoformat(timespec="minutes")),
                _field(2, STATUS, "booked"),
                _field(3, LINK, str(FIRST_APPOINTMENT + number)),
            ],
            "DocNumber": str(2000 + number),
            "TxnDate": made[:10],
            "Line": [_line(1, price, detail)],
            "CustomerRef": {"value": customer, "name": f"{client.first} {client.last}"},
            "TotalAmt": price,
            "Balance": price,
        }

    def find(self, number: str) -> Json:
        if number not in self.invoices:
            raise refusal(400, "610", "Object Not Found")
        return self.invoices[number]

    def customer(self, number: str) -> Json:
        if number not in self.customers:
            raise refusal(400, "610", "Object Not Found")
        return self.customers[number]

    def write(self, given: Json, operation: str, request_id: str) -> Json:
        """The same request id has one effect. Without `sparse`, what is not named is emptied."""
        if request_id and request_id in self._done:
            return self.find(self._done[request_id])
        invoice = self.find(str(given.get("Id") or ""))
        if str(given.get("SyncToken")) != invoice["SyncToken"]:
            raise refusal(400, "5010", "Stale Object Error")
        if operation == "void":
            self.void(invoice["Id"])
        elif operation == "delete":
            self.delete(invoice["Id"])
        else:
            self._update(invoice, given)
        self._done |= {request_id: invoice["Id"]} if request_id else {}
        return invoice

    def _update(self, invoice: Json, given: Json) -> None:
        if len(str(given.get("PrivateNote") or "")) > 4000:
            raise refusal(400, "2050", "String length is either shorter or longer than supported")
        if given.get("sparse") is not True:
            for name in WRITABLE & invoice.keys():
                del invoice[name]
        self.change(invoice["Id"], {name: given[name] for name in WRITABLE & given.keys()})

    def change(self, number: str, fields: Json, kind: str = "updated") -> None:
        invoice = self.find(number)
        invoice |= fields
        invoice["SyncToken"] = str(int(invoice["SyncToken"]) + 1)
        invoice["MetaData"]["LastUpdatedTime"] = stamp(self.kit.clock.now())
        self._tell(number, kind)

    def void(self, number: str) -> None:
        """The invoice stays, its amounts go, and the note begins with `Voided`."""
        invoice = self.find(number)
        older = invoice.get("PrivateNote")
        emptied = [_line(int(one["Id"]), 0, _no_amount(one)) for one in invoice["Line"]]
        note = f"Voided\n{older}" if older else "Voided"
        gone = {"TotalAmt": 0, "Balance": 0, "Line": emptied, "PrivateNote": note}
        self.change(number, gone, "voided")

    def charge_noshow(self, number: str) -> None:
        """Staff add a fee instead of a word: QuickBooks has none for a missed visit."""
        invoice = self.find(number)
        fee = _line(len(invoice["Line"]) + 1, 20, dict(FEE))
        self.change(number, {"Line": [*invoice["Line"], fee], "TotalAmt": invoice["TotalAmt"] + 20})

    def delete(self, number: str) -> None:
        self.find(number)
        del self.invoices[number]
        self.deleted[number] = self.kit.clock.now()
        self._tell(number, "deleted")

    def _tell(self, number: str, kind: str) -> None:
        told = json.dumps(self._legacy(number, kind) if self.legacy else self._event(number, kind))
        body = told.encode()
        digest = hmac.new(self.verifier.encode(), body, hashlib.sha256).digest()
        headers = {
            "Content-Type": "application/json",
            "intuit-signature": base64.b64encode(digest).decode(),
        }
        url = self.kit.config.hook("quickbooks")
        self.kit.courier.send(Post("quickbooks", url, kind, lambda: (headers, body)))

    def _event(self, number: str, kind: str) -> list[Json]:
        at = self.kit.clock.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f000Z")
        event: Json = {
            "specversion": "1.0",
            "id": str(uuid.uuid4()),
            "source": "intuit.c2FuZGJveA==",
            "type": f"qbo.invoice.{kind}.v1",
            "datacontenttype": "application/json",
            "time": at,
            "intuitentityid": number,
            "intuitaccountid": REALM,
            "data": {},
        }
        return [event]

    def _legacy(self, number: str, kind: str) -> Json:
        operation = {"updated": "Update", "voided": "Void", "deleted": "Delete"}[kind]
        at = self.kit.clock.now().astimezone(UTC).isoformat(timespec="milliseconds")
        entity = {"name": "Invoice", "id": number, "operation": operation, "lastUpdated": at}
        change = {"dataChangeEvent": {"entities": [entity]}}
        return {"eventNotifications": [{"realmId": REALM, **change}]}


def _field(number: int, name: str, value: str) -> Json:
    return {
        "DefinitionId": str(number),
        "Name": name,
        "Type": "StringType",
        "StringValue": value,
    }


def _line(number: int, amount: float, detail: Json) -> Json:
    kind = {"DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}
    return {"Id": str(number), "LineNum": number, "Amount": amount, **kind}


def _no_amount(line: Json) -> Json:
    return {"ItemRef": line["SalesItemLineDetail"]["ItemRef"], "Qty": 0, "UnitPrice": 0}
