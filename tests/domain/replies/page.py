"""The tables of the handbook's page on replies: `python -m tests.domain.replies.page` writes them."""

from rebook.domain.replies import Meaning
from runtime.markers import table, write
from tests.domain.replies import score

FILE = "docs/handbook/replies.md"


def examples() -> str:
    """The shortest labelled wordings of each intent, English and Spanish."""
    rows = []
    for meaning in Meaning:
        said = [row for row in score.replies(*score.OPEN) if row.intent == meaning]
        rows.append([f"`{meaning}`", _few(said, "en"), _few(said, "es")])
    return table(["intent", "in English", "in Spanish"], rows)


def _few(said: list[score.Labelled], language: str) -> str:
    texts = {row.text.strip(" .!").lower(): row.text for row in said if row.lang == language}
    short = [text for text in texts.values() if "\n" not in text and 2 < len(text) < 40]
    step = max(1, len(short) // 6)
    return ", ".join(f"“{text}”" for text in short[::step][:6])


def scores() -> str:
    return table(score.HEAD, score.table(score.graded(*score.OPEN)))


def misread() -> str:
    rows = [row for row in score.graded(*score.OPEN) if row.grade == "misread"]
    return table(
        ["reply", "means", "is read as"],
        [[row.reply.text, _said(row.reply.intent), _said(row.found.meaning)] for row in rows],
    )


def _said(intent: str) -> str:
    return f"`{intent}`"


TABLES = {"intents": examples, "score": scores, "misread": misread}


def main() -> None:
    for name, render in TABLES.items():
        write(FILE, name, render())


if __name__ == "__main__":
    main()
