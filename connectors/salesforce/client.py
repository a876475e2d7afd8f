"""simple-salesforce on our HTTP client: it words the requests, and signs in, retries and logs nothing."""

from collections.abc import Iterator, Mapping
from typing import Any, cast
from urllib.parse import quote, urlsplit

import httpx
from simple_salesforce.api import Salesforce as Sdk

from connectors.errors import VendorFault
from connectors.http import Http
from connectors.parsing import documented, short_code

TOO_MANY = frozenset({"REQUEST_LIMIT_EXCEEDED", "UNABLE_TO_LOCK_ROW"})
"""A used-up allowance is answered with 403, and a row that another writes with 400."""


class OnOurHttp:
    """What the package asks of its session. It insists on https, which our base URL decides."""

    def __init__(self, http: Http) -> None:
        self._http = http
        self.proxies: dict[str, str] = {}

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | None = None,
        data: str | None = None,
    ) -> httpx.Response:
        where = urlsplit(url)
        told = {n: v for n, v in (headers or {}).items() if n.lower() != "authorization"}
        return self._http.send(
            method,
            f"{self._http.base_url}{where.path}",
            headers=told,
            params=params,
            content=data,
        )


class Org:
    """One org's REST API."""

    def __init__(self, http: Http, version: str) -> None:
        self._sdk = Sdk(
            session_id="added by our client",
            instance_url=http.base_url,
            version=version,
            session=cast(Any, OnOurHttp(http)),
        )

    def query(self, soql: str, *, deleted_too: bool = False) -> Iterator[Mapping[str, Any]]:
        """Every record of every page."""
        with documented():
            yield from self._sdk.query_all_iter(soql, include_deleted=deleted_too)

    def create(self, kind: str, record: Mapping[str, Any]) -> str:
        with documented():
            return _id(getattr(self._sdk, kind).create(dict(record)))

    def upsert(self, kind: str, field: str, ref: str, record: Mapping[str, Any]) -> str:
        """The record whose external id is `ref`, made or changed; an empty string where 204 hides its id."""
        with documented():
            answer = getattr(self._sdk, kind).upsert(
                f"{field}/{quote(ref, safe='')}", dict(record), raw_response=True
            )
            return "" if answer.status_code == 204 else _id(answer.json())

    def update(
        self, kind: str, record_id: str, record: Mapping[str, Any], headers: Mapping[str, str]
    ) -> None:
        with documented():
            answer = getattr(self._sdk, kind).update(
                record_id, dict(record), raw_response=True, headers=dict(headers)
            )
        if answer.status_code != 204:
            raise VendorFault("the change was not confirmed as it is documented")

    def delete(self, kind: str, record_id: str) -> None:
        """Raises `NotFound` for what is not there any more."""
        getattr(self._sdk, kind).delete(record_id)


def _id(saved: Mapping[str, Any]) -> str:
    if saved["success"] is not True or not saved["id"]:
        raise VendorFault("the record was not saved")
    return str(saved["id"])


def code_of(body: Any) -> str:
    """`[{"message": ..., "errorCode": ...}]`: the message is dropped."""
    try:
        return short_code(body[0]["errorCode"])
    except (KeyError, TypeError, IndexError):
        return ""
