"""What staff do in the sheet by hand."""

from fastapi import APIRouter

from sandbox.google_sheets.book import HEADER, Book
from sandbox.google_sheets.script import Script
from sandbox.wire import Json

STATUS, CANCELLED_BY = HEADER.index("status"), HEADER.index("cancelled_by")


def controls(book: Book, script: Script) -> APIRouter:
    routes = APIRouter(prefix="/_control/google_sheets")

    def mark(row_id: str, word: str, by: str) -> Json:
        row = book.find(row_id)
        row[STATUS], row[CANCELLED_BY] = word, by
        script.tell("EDIT", [(row_id, word)])
        return {"id": row_id, "status": word}

    @routes.post("/sort")
    async def sort() -> Json:
        """The other way round; Apps Script tells no edit for a sort by menu."""
        book.rows[1:] = reversed(book.rows[1:])
        return {"sorted": True}

    @routes.post("/{row_id}/cancel")
    async def cancel(row_id: str) -> Json:
        return mark(row_id, "Cancelled", "client")

    @routes.post("/{row_id}/missed")
    async def missed(row_id: str) -> Json:
        return mark(row_id, "Missed", "")

    @routes.post("/{row_id}/delete")
    async def delete(row_id: str) -> Json:
        book.rows.remove(book.find(row_id))
        script.tell("REMOVE_ROW", [])
        return {"deleted": row_id}

    return routes
