"""What an operator may decide about a waiting case."""

from dataclasses import dataclass
from enum import StrEnum


class Choice(StrEnum):
    READ_LEDGER = "read_ledger"
    BOOK_SLOT = "book_slot"
    OFFER_NEW_TIMES = "offer_new_times"
    HAND_OVER = "hand_over"
    CLOSE_DECLINED = "close_declined"
    CLOSE_WITHDRAWN = "close_withdrawn"
    CLOSE_BOOKED_ELSEWHERE = "close_booked_elsewhere"
    CLOSE_NEVER_LOST = "close_never_lost"


@dataclass(frozen=True)
class Decision:
    """`by` is a staff id, self-declared; `slot` is `o2-1` where a slot is chosen."""

    choice: Choice = Choice.READ_LEDGER
    by: str = "system"
    slot: str = ""

    @property
    def by_a_person(self) -> bool:
        return self.choice is not Choice.READ_LEDGER
