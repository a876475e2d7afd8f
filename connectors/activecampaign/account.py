"""Reading an account: lists to their end, and what belongs to a deal but stands elsewhere."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from connectors.errors import NotFound, Refused
from connectors.http import Http
from connectors.parsing import documented, short_code

Row = Mapping[str, Any]

LIMIT = 100


def number(value: str) -> int:
    """An id as ActiveCampaign gives them. Raises `NotFound` for what cannot be one."""
    if not (value.isascii() and value.isdigit() and len(value) <= 18):
        raise NotFound("not an ActiveCampaign id")
    return int(value)


def error_code(body: Any) -> str:
    """422 is `{"errors": [{"code": ...}]}`, 403 and 404 a bare message, which is dropped."""
    try:
        return short_code(body["errors"][0]["code"])
    except (KeyError, TypeError, IndexError):
        return ""


@dataclass(frozen=True)
class Whole:
    """A deal with what its appointment needs: the stage's title, its own fields, its contact."""

    deal: Row
    stage: str
    fields: Mapping[str, str]
    contact: Row


@dataclass
class Account:
    """One run's view of the account: stages are asked for once."""

    http: Http
    _stages: list[Row] = field(default_factory=list)

    def rows(self, path: str, name: str, **query: Any) -> Iterator[Row]:
        """Every row of a list. `meta.total` may be missing: a short page is the last one."""
        offset = 0
        while True:
            answer = self.http.get(path, limit=LIMIT, offset=offset, **query)
            with documented():
                page = [dict(row) for row in answer[name]]
            yield from page
            offset += LIMIT
            if len(page) < LIMIT:
                return

    def stages(self) -> list[Row]:
        if not self._stages:
            self._stages = list(self.rows("dealStages", "dealStages"))
        return self._stages

    def stage_title(self, stage_id: str) -> str:
        with documented():
            titles = {str(one["id"]): str(one["title"]) for one in self.stages()}
        return titles.get(stage_id, "")

    def stage(self, titles: list[str], pipeline: str) -> str:
        """The first of the titles that is a stage of the pipeline: the filter by title is a partial match."""
        with documented():
            there = {
                str(one["title"]).strip().casefold(): str(one["id"])
                for one in self.stages()
                if str(one["group"]) == pipeline
            }
        for title in titles:
            if title.casefold() in there:
                return there[title.casefold()]
        raise Refused("the pipeline has no such stage", code="no_such_stage")

    def whole(self, deal: Row) -> Whole:
        """Raises `Refused` for a deal our key may not see whole, which is told by id and title alone."""
        if "stage" not in deal and deal.get("isDisabled"):
            raise Refused("the key's user may not see this pipeline", code="no_pipeline_permission")
        with documented():
            deal_id, stage, contact = str(deal["id"]), str(deal["stage"]), deal.get("contact")
        title, fields = self.stage_title(stage), self.fields(deal_id)
        return Whole(deal, title, fields, self._person(str(contact)) if contact else {})

    def _person(self, contact_id: str) -> Row:
        """Nobody where the contact was deleted."""
        with suppress(NotFound), documented():
            return dict(self.contact(contact_id)["contact"])
        return {}

    def deal(self, deal_id: str) -> Row:
        with documented():
            return dict(self.http.get(f"deals/{number(deal_id)}")["deal"])

    def fields(self, deal_id: str) -> dict[str, str]:
        """The deal's own fields, by the id of the field."""
        query = {"filters[dealId]": deal_id}
        with documented():
            return {
                str(row["customFieldId"]): str(row.get("fieldValue") or "")
                for row in self.rows("dealCustomFieldData", "dealCustomFieldData", **query)
                if str(row["dealId"]) == deal_id
            }

    def contact(self, contact_id: str) -> Row:
        with documented():
            return dict(self.http.get(f"contacts/{number(contact_id)}"))

    def contact_id(self, email: str) -> str | None:
        query = {"email": email}
        with documented():
            for row in self.rows("contacts", "contacts", **query):
                if str(row["email"]).casefold() == email.casefold():
                    return str(row["id"])
        return None
