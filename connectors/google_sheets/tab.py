"""One tab of one spreadsheet. Only single cells are written, and what was written is read back.

Google's values have no version: rows may be sorted or moved between our reading and our writing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from gspread.exceptions import NoValidUrlKeyFound
from gspread.utils import absolute_range_name, extract_id_from_url, quote, rowcol_to_a1

from connectors.errors import Conflict, NotFound, Refused, VendorFault
from connectors.google_sheets.client import OnOurHttp
from connectors.google_sheets.table import Cells, Header, Row, Table
from connectors.parsing import documented, known_zone, whole_number

READ = {
    "majorDimension": "ROWS",
    "valueRenderOption": "UNFORMATTED_VALUE",
    "dateTimeRenderOption": "SERIAL_NUMBER",
}
ABOUT = "properties(title,timeZone),sheets.properties(title,gridProperties(rowCount))"


@dataclass(frozen=True)
class About:
    title: str
    zone: str
    rows: int


class Tab:
    """Settings: `spreadsheet` (id or address), `sheet`, `header_row`, `columns`, `zone`."""

    def __init__(self, client: OnOurHttp, settings: Mapping[str, str]) -> None:
        self._client = client
        self._settings = settings
        self._sheet = settings.get("sheet") or "Appointments"
        self._header_row = max(whole_number(settings, "header_row", 1), 1)

    def about(self) -> About:
        """The spreadsheet's title and zone, and how many rows the tab has. Raises `Refused` without it."""
        with documented():
            told = self._client.fetch_sheet_metadata(self._id, params={"fields": ABOUT})
            sheets = {s["properties"]["title"]: s["properties"] for s in told["sheets"]}
            own = told["properties"]
            zone = known_zone(self._settings.get("zone"), own.get("timeZone"))
        if self._sheet not in sheets:
            raise Refused("the spreadsheet has no tab of that name", code="no_such_tab")
        with documented():
            rows = int(sheets[self._sheet]["gridProperties"]["rowCount"])
            return About(str(own["title"]), zone, rows)

    @cached_property
    def zone(self) -> str:
        """Of date cells; asked of Google where no setting says it."""
        named = self._settings.get("zone")
        return known_zone(named) if named else self.about().zone

    def snapshot(self) -> Table:
        """The whole tab in one reading."""
        with documented():
            answer = self._client.values_get(self._id, self._range(), params={**READ})
            values = _values(answer)
            top = self._header_row
            titles = values[top - 1] if len(values) >= top else []
            return self._table(titles, top + 1, values[top:])

    @property
    def first_row(self) -> int:
        return self._header_row + 1

    def window(self, first: int, last: int) -> Table:
        """Some rows, with the header of that moment: a column may have been put in between."""
        top = self._header_row
        ranges = [self._range(f"{top}:{top}"), self._range(f"{first}:{last}")]
        with documented():
            answer = self._client.values_batch_get(self._id, ranges, params={**READ})
            header, body = (_values(part) for part in answer["valueRanges"])
            return self._table(header[0] if header else [], first, body)

    def write(self, before: Table, row: Row, wanted: Cells) -> None:
        """Raises `Conflict` where the row was not where it had been, its stand-in put right again."""
        self._write(row, wanted)
        after = self.snapshot()
        try:
            if after.find(row.id).shows(wanted):
                return
        except NotFound:
            raise Conflict("the row went away while it was written") from None
        hit = after.at(row.number)
        if hit is not None and hit.id != row.id and hit.shows(wanted):
            former = before.find(hit.id)
            self._write(hit, {name: former.cell(name) for name in wanted})
        raise Conflict("the rows were moved while one of them was written")

    def append(self, table: Table, new: Cells) -> None:
        """A row below the table. RAW: a name that begins with = must not become a formula."""
        values: list[Any] = [None] * table.header.width
        for name, value in new.items():
            if (place := table.header.place(name)) is not None:
                values[place] = value
        top = self._range(rowcol_to_a1(self._header_row, 1))
        options = {"valueInputOption": "RAW", "insertDataOption": "INSERT_ROWS"}
        with documented():
            made = self._client.values_append(self._id, top, {**options}, {"values": [values]})
            if int(made["updates"]["updatedRows"]) != 1:
                raise VendorFault("another number of rows was added than the one asked for")

    def _write(self, row: Row, wanted: Cells) -> None:
        row.header.require(*wanted)
        data = [
            {"range": self._cell(row, name), "values": [["" if value is None else value]]}
            for name, value in wanted.items()
        ]
        with documented():
            body = {"valueInputOption": "RAW", "data": data}
            told = self._client.values_batch_update(self._id, body)
            if int(told["totalUpdatedCells"]) != len(data):
                raise VendorFault("another number of cells was written than asked for")

    def _cell(self, row: Row, name: str) -> str:
        place = row.header.place(name)
        return self._range(rowcol_to_a1(row.number, (place or 0) + 1))

    def _table(self, titles: Sequence[Any], first: int, values: Sequence[Sequence[Any]]) -> Table:
        header = Header(titles, self._settings)
        header.require("id", "status", "starts")
        return Table(header, first, values)

    def _range(self, part: str | None = None) -> str:
        return absolute_range_name(self._sheet, part)

    @property
    def _id(self) -> str:
        named = self._settings.get("spreadsheet", "").strip()
        try:
            return quote(extract_id_from_url(named) if "/" in named else named) or _unnamed()
        except NoValidUrlKeyFound:
            return _unnamed()


def _values(answer: Mapping[str, Any]) -> list[list[Any]]:
    """An answer names its range even where nothing stands in it."""
    _ = answer["range"]
    return [list(row) for row in answer.get("values", [])]


def _unnamed() -> str:
    raise Refused("the connection names no spreadsheet", code="no_spreadsheet")
