"""Words that name an offered day and choose nothing."""

import pytest

from rebook.domain.replies import Meaning
from tests.domain.replies.test_plain_words import read

NO_CHOICE = [
    "Text me on Wednesday please",
    "please reply wednesday",
    "we'll see wednesday",
    "you will get the answer wednesday",
    "ok what time on monday",
    "thanks. what time wednesday",
    "Hi how is monday",
    "we work monday",
    "the appointment was for tuesday",
    "Bien y tu",
    "gracias por tu cita",
]


@pytest.mark.parametrize("said", NO_CHOICE)
def test_a_day_in_other_words_is_no_choice(said: str) -> None:
    assert read(said).meaning is not Meaning.ACCEPT
