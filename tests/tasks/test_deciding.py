"""What is entered in the form of a suspended run."""

import pytest
from pydantic import ValidationError

from tasks.waiting import Decision


def test_a_line_end_that_was_typed_is_no_part_of_the_answer() -> None:
    entered = Decision.model_validate({"decision": "book_slot", "by": "maria\n", "slot": "o1-2\n"})
    assert (entered.by, entered.slot) == ("maria", "o1-2")


def test_what_is_no_staff_id_is_still_refused() -> None:
    with pytest.raises(ValidationError):
        Decision.model_validate({"decision": "hand_over", "by": "maria kealoha\nx"})
