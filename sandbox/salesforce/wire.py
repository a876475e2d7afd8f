"""Salesforce's JSON: how a record and a refusal are shown, and how times are written."""

from datetime import UTC, datetime

from sandbox.wire import Json, Refusal

PATH = "/services/data/v59.0"
Row = Json


def refusal(status: int, code: str, message: str) -> Refusal:
    return Refusal(status, [{"message": message, "errorCode": code}])


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def shown(kind: str, row: Row) -> Json:
    attributes = {"type": kind, "url": f"{PATH}/sobjects/{kind}/{row['Id']}"}
    return {"attributes": attributes, **row}
