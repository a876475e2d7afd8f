"""What the dispatcher does about an error nobody foresaw."""

import pytest

from runtime.dispatcher import attempt


def test_what_a_part_of_the_dispatcher_did_not_foresee_ends_no_other_and_quotes_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def part() -> None:
        raise AttributeError("Leilani Kahale")

    attempt(part)
    assert "part: AttributeError at" in caplog.text
    assert "Leilani" not in caplog.text
