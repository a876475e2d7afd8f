"""What a failed step may say: where it failed and as what, never about whom."""

import traceback

import pytest

from connectors.errors import Refused
from tasks.step import StepFault, clean

SOMEBODY = "Ana Lopez, +1 808 555 0123"


def quote_somebody() -> None:
    try:
        raise KeyError(SOMEBODY)
    except KeyError:
        raise ValueError(f"cannot read {SOMEBODY}") from None


def refuse() -> None:
    raise Refused("status 400, code 21211", code="21211")


def test_an_unforeseen_error_reaches_prefect_without_its_words() -> None:
    with pytest.raises(StepFault) as caught:
        clean(quote_somebody)()
    shown = "".join(traceback.format_exception(caught.value))
    assert SOMEBODY not in shown
    assert "ValueError at test_step.py:" in shown
    assert caught.value.kind == "ValueError"


def test_a_connectors_own_error_passes_as_it_is() -> None:
    with pytest.raises(Refused, match="code 21211"):
        clean(refuse)()
