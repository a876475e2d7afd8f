"""Salesforce's outbound messages: SOAP that carries no signature and must be acknowledged in kind."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

SPACE = "http://soap.sforce.com/2005/09/outbound"
ACK = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>'
    f'<notificationsResponse xmlns="{SPACE}"><Ack>true</Ack></notificationsResponse>'
    "</soapenv:Body></soapenv:Envelope>"
).encode()


@dataclass
class Message:
    """`records` are the fields of the records it tells of, one for each of its notifications."""

    organization: str = ""
    ids: list[str] = field(default_factory=list)
    records: list[Mapping[str, str]] = field(default_factory=list)


class Forbidden(Exception):
    """A document type: no message has one, and entities can be made to swallow memory."""


def read(body: bytes) -> Message:
    """What a message says; one that is broken says nothing."""
    reader = _Reader()
    parser = expat.ParserCreate("utf-8", namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = _forbid
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, Forbidden):
        return Message()
    return reader.message


def _forbid(*_args: object) -> None:
    raise Forbidden


class _Reader:
    """Follows the path from the envelope down; what stands elsewhere is passed over."""

    def __init__(self) -> None:
        self.message = Message()
        self._path: list[str] = []
        self._words = ""
        self._record: dict[str, str] = {}

    def start(self, name: str, _attributes: Mapping[str, str]) -> None:
        self._path.append(name.rpartition(" ")[2])
        self._words = ""

    def text(self, words: str) -> None:
        self._words += words

    def end(self, _name: str) -> None:
        match self._path[2:]:
            case ["notifications", "OrganizationId"]:
                self.message.organization = self._words.strip()
            case ["notifications", "Notification", "Id"]:
                self.message.ids.append(self._words.strip())
            case ["notifications", "Notification", "sObject", name]:
                self._record[name] = self._words.strip()
            case ["notifications", "Notification", "sObject"]:
                self.message.records.append(self._record)
                self._record = {}
        self._path.pop()
        self._words = ""
