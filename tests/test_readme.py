"""The tables in README and handbook are those of the code."""

import pytest

from connectors import REGISTRY
from runtime.handbook_tables import TABLES
from runtime.markers import MarkMissing, written


@pytest.mark.parametrize(("file", "name"), TABLES, ids=lambda part: part)
def test_a_table_made_from_the_code_is_current(file: str, name: str) -> None:
    assert written(file, name) == TABLES[file, name](), (
        f"{file}: run `python -m runtime.handbook_tables`"
    )


def test_every_platform_has_its_row_and_its_page() -> None:
    rows = written("README.md", "platforms").splitlines()[2:]
    assert len(rows) == len(REGISTRY)
    for slug in REGISTRY:
        assert sum(f"(docs/platforms/{slug}.md)" in row for row in rows) == 1


def test_a_page_without_its_marks_is_named() -> None:
    with pytest.raises(MarkMissing, match="made: nothing"):
        written("README.md", "nothing")
