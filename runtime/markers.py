"""Tables in the documentation that are made from the code: each stands between two marks of its name."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class MarkMissing(Exception):
    """The page has no such pair of marks."""


def _around(page: str, name: str) -> tuple[str, str, str]:
    begin, end = f"<!-- made: {name} -->", f"<!-- end: {name} -->"
    before, found, rest = page.partition(begin)
    inside, closed, after = rest.partition(end)
    if not (found and closed):
        raise MarkMissing(f"{begin} and {end}")
    return before + begin, inside, end + after


def written(file: str, name: str) -> str:
    """What stands between the marks now."""
    return _around((ROOT / file).read_text(), name)[1].strip()


def write(file: str, name: str, content: str) -> None:
    path = ROOT / file
    before, _, after = _around(path.read_text(), name)
    path.write_text(f"{before}\n\n{content}\n\n{after}")


def table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table; a bar within a cell is escaped."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", "<br>")
