"""A tab as a table: its header row says which column holds what, its rows are known by their id."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.errors import NotFound, Refused
from connectors.google_sheets import cells
from connectors.parsing import pairs

TITLES = {
    "id": "appointment_id",
    "status": "status",
    "starts": "starts_at",
    "hour": "start_time",
    "ends": "ends_at",
    "name": "client",
    "given": "first_name",
    "family": "last_name",
    "phone": "phone",
    "email": "email",
    "service": "service",
    "service_id": "service_id",
    "calendar": "calendar",
    "place": "place",
    "zone": "zone",
    "cancelled_by": "cancelled_by",
    "reason": "cancel_reason",
    "note": "rebook_note",
    "ref": "rebook_ref",
}
"""Our names and the titles they are looked for under, unless the setting `columns` says otherwise."""

Cells = Mapping[str, Any]


class Header:
    """Where each column stands. Titles are compared without regard to case."""

    def __init__(self, titles: Sequence[Any], settings: Mapping[str, str]) -> None:
        self._titles = {**TITLES, **pairs(settings.get("columns", ""))}
        self._at: dict[str, int] = {}
        for place, title in enumerate(titles):
            self._at.setdefault(cells.text(title).casefold(), place)
        self.width = len(titles)

    def place(self, name: str) -> int | None:
        """The position of a column by our name for it, or by its own title."""
        return self._at.get(self._titles.get(name, name).casefold())

    def require(self, *names: str) -> None:
        for name in names:
            if self.place(name) is None:
                raise Refused(
                    "the sheet has no column for what is needed", code=f"no_{name}_column"
                )


@dataclass(frozen=True)
class Row:
    """`number` is where it stood when it was read, counted from 1 as the sheet does."""

    header: Header
    number: int
    values: Sequence[Any]

    def cell(self, name: str) -> Any:
        """Google leaves out empty cells at the end of a row."""
        place = self.header.place(name)
        return self.values[place] if place is not None and place < len(self.values) else None

    def text(self, name: str) -> str:
        return cells.text(self.cell(name))

    @property
    def id(self) -> str:
        return self.text("id")

    def shows(self, wanted: Cells) -> bool:
        return all(cells.same(value, self.cell(name)) for name, value in wanted.items())


@dataclass(frozen=True)
class Table:
    """Rows as they were read in one moment."""

    header: Header
    first: int
    values: Sequence[Sequence[Any]]

    def rows(self) -> Iterator[Row]:
        """Those that have an id: others are notes, headings, or not yet given one."""
        for number, values in enumerate(self.values, start=self.first):
            row = Row(self.header, number, values)
            if row.id:
                yield row

    def find(self, row_id: str) -> Row:
        """Raises `NotFound`, and `Refused` where two rows have the id: a copied row copies it too."""
        found = [row for row in self.rows() if row.id == row_id]
        if not found:
            raise NotFound("no row of the sheet has this id")
        if len(found) > 1:
            raise Refused("two rows of the sheet have the same id", code="id_twice")
        return found[0]

    def at(self, number: int) -> Row | None:
        return next((row for row in self.rows() if row.number == number), None)
