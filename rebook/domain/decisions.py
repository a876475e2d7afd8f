"""What an operator may decide about a waiting case."""

from dataclasses import dataclass
from enum import StrEnum


class Choice(StrEnum):
    READ_LEDGER = "read_ledger"
    BOOK_SLOT = "book_slot"
    OFFER_NEW_TIMES = "offer_new_times"
    TAKE_CASE = "take_case"
    CALL_MADE = "call_made"
    HAND_OVER = "hand_over"
    CLOSE_DECLINED = "close_declined"
    CLOSE_WITHDRAWN = "close_withdrawn"
    CLOSE_BOOKED_ELSEWHERE = "close_booked_elsewhere"
    CLOSE_NEVER_LOST = "close_never_lost"


LABELS: dict[Choice, str] = {
    Choice.READ_LEDGER: "looked again",
    Choice.BOOK_SLOT: "book this time",
    Choice.OFFER_NEW_TIMES: "offer new times",
    Choice.TAKE_CASE: "take the case",
    Choice.CALL_MADE: "call made",
    Choice.HAND_OVER: "hand over to the office",
    Choice.CLOSE_DECLINED: "close: wants no other time",
    Choice.CLOSE_WITHDRAWN: "close: no longer wants the appointment",
    Choice.CLOSE_BOOKED_ELSEWHERE: "close: booked another way",
    Choice.CLOSE_NEVER_LOST: "close: was never lost",
}
"""Each choice in the words that the office reads, on its page and in its channel."""


@dataclass(frozen=True)
class Decision:
    """`by` is a staff id; `slot` is `o2-1` where a slot is chosen; `note` is kept encrypted."""

    choice: Choice = Choice.READ_LEDGER
    by: str = "system"
    slot: str = ""
    note: str = ""

    @property
    def by_a_person(self) -> bool:
        return self.choice is not Choice.READ_LEDGER
