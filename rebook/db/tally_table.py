"""How many texts left in a day: a table of its own, read by nobody but the gate."""

from datetime import date

from sqlmodel import Field, SQLModel


class TextTally(SQLModel, table=True):
    """Texts that left on a day (UTC), by the fingerprint of a range of numbers."""

    __tablename__ = "text_tally"
    day: date = Field(primary_key=True)
    block_key: str = Field(primary_key=True)
    sent: int = 0
