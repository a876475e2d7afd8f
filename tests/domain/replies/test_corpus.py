"""The labelled replies: the score is printed, harm fails the run, and so does too much misreading."""

import sys

import pytest

from rebook.domain.replies import Meaning
from runtime.markers import written
from tests.domain.replies import page, score


def test_the_open_replies_are_read_right_or_asked_back_and_never_harmfully(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = score.graded(*score.OPEN)
    with capsys.disabled():
        sys.stdout.write(f"\n{len(rows)} labelled replies, the part held back not among them\n")
        for line in [score.HEAD, *score.table(rows)]:
            sys.stdout.write("  ".join(cell.rjust(12) for cell in line) + "\n")
    harmful = [(row.reply.text, row.found) for row in rows if row.grade == "harmful"]
    assert harmful == []
    assert score.share(rows) >= 0.95


def test_the_corpus_is_large_and_knows_every_intent_in_both_languages() -> None:
    rows = list(score.replies(*score.OPEN, *score.HELD_BACK))
    assert len(rows) >= 600
    assert {row.intent for row in rows} == set(Meaning)
    assert {row.lang for row in rows} == {"en", "es", "mix"}
    assert {row.channel for row in rows} == {"sms", "email"}
    held_back = list(score.replies(*score.HELD_BACK))
    assert 0.3 < len(held_back) / len(rows) < 0.4


@pytest.mark.parametrize("name", page.TABLES)
def test_the_handbook_shows_what_is_true_now(name: str) -> None:
    found = written(page.FILE, name)
    assert found == page.TABLES[name](), "run `python -m tests.domain.replies.page`"
