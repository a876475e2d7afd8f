"""The studio's list of visits in one tab, kept by hand: date cells, and a status in staff's own words."""

from datetime import datetime, timedelta
from typing import Any

from sandbox import people
from sandbox.acuity.model import FIRST_APPOINTMENT, SERVICES
from sandbox.google_sheets.errors import invalid, not_found
from sandbox.google_sheets.ranges import Range, named, parse
from sandbox.kit import Kit
from sandbox.wire import Json

TAB = "Appointments"
HEADER = [
    "appointment_id", "client", "phone", "email", "service", "calendar", "starts_at", "ends_at",
    "status", "cancelled_by", "acuity_id", "rebook_note", "rebook_ref",
]  # fmt: skip
DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - date cells count days on the wall's calendar
SPARE = 100
Cell = Any


class Book:
    """`rows` are those of the grid from the first, the header among them."""

    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.id = "sandbox-sheet-" + kit.secrets.make("google-sheet", 20)
        self.rows: list[list[Cell]] = [list(HEADER)]
        names = people.practitioners(kit.config.clients)
        for number, visit in enumerate(
            people.visits(kit.config.clients, kit.clock.now(), kit.zone)
        ):
            self.rows.append(self._row(number, visit, names[visit.calendar]))
        self.height = len(self.rows) + SPARE

    def _row(self, number: int, visit: people.Visit, calendar: str) -> list[Cell]:
        who, service = visit.client, SERVICES[visit.service]
        ends = visit.start + timedelta(minutes=service.minutes)
        return [
            f"v-{number + 1}",
            f"{who.first} {who.last}",
            who.phone,
            who.email,
            service.name,
            calendar,
            self._serial(visit.start),
            self._serial(ends),
            "booked",
            "",
            FIRST_APPOINTMENT + number,
        ]

    def _serial(self, when: datetime) -> float:
        wall = when.astimezone(self.kit.zone).replace(tzinfo=None)
        return (wall - DAY_ZERO) / timedelta(days=1)

    def shown(self) -> list[Json]:
        header, *rows = self.rows
        return [dict(zip(header, [*row, *[""] * len(header)], strict=False)) for row in rows]

    def find(self, row_id: str) -> list[Cell]:
        """A row by its id, as staff would look for it."""
        for row in self.rows[1:]:
            if row and row[0] == row_id:
                row.extend([""] * (len(HEADER) - len(row)))
                return row
        raise not_found()

    def range(self, text: str) -> Range:
        width = max(26, *(len(row) for row in self.rows))
        return parse(text, TAB, self.height, width)

    def read(self, text: str) -> Json:
        """Empty cells and rows at the end are left out, and `values` where nothing is left."""
        span = self.range(text)
        values = [row[span.left - 1 : span.right] for row in self.rows[span.top - 1 : span.bottom]]
        values = [_trimmed(row) for row in values]
        while values and not values[-1]:
            values.pop()
        told: Json = {"range": named(TAB, span), "majorDimension": "ROWS"}
        return {**told, "values": values} if values else told

    def write(self, text: str, values: list[list[Cell]]) -> Json:
        """A null leaves its cell as it is."""
        span = self.range(text)
        for down, cells in enumerate(values):
            row = self._grown(span.top - 1 + down)
            row.extend([""] * (span.left - 1 + len(cells) - len(row)))
            for along, cell in enumerate(cells):
                if cell is not None:
                    row[span.left - 1 + along] = cell
        return self._updated(text, values)

    def append(self, text: str, values: list[list[Cell]]) -> Json:
        """Below the last row of the table that starts in the range."""
        self.range(text)
        at = len(self.rows)
        table = f"{TAB}!A1:{named(TAB, self.range(TAB)).rpartition(':')[2]}"
        for number, cells in enumerate(values):
            self.rows.insert(at + number, ["" if cell is None else cell for cell in cells])
            self.height += 1
        span = Range(at + 1, 1, at + len(values), max(len(cells) for cells in values))
        updates = self._updated(named(TAB, span), values)
        return {"spreadsheetId": self.id, "tableRange": table, "updates": updates}

    def _grown(self, index: int) -> list[Cell]:
        if index >= self.height:
            raise invalid("The range exceeds the grid limits.")
        while len(self.rows) <= index:
            self.rows.append([])
        return self.rows[index]

    def _updated(self, text: str, values: list[list[Cell]]) -> Json:
        return {
            "spreadsheetId": self.id,
            "updatedRange": text.replace("'", ""),
            "updatedRows": len(values),
            "updatedColumns": max(len(cells) for cells in values),
            "updatedCells": sum(cell is not None for cells in values for cell in cells),
        }


def _trimmed(row: list[Cell]) -> list[Cell]:
    kept = list(row)
    while kept and kept[-1] == "":
        kept.pop()
    return kept
