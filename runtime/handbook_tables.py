"""The handbook's tables, made from the code they describe: `python -m runtime.handbook_tables`."""

from collections.abc import Callable
from functools import partial
from typing import Any

from prefect.blocks.core import Block
from pydantic_core import PydanticUndefined

from blocks.connection import Connection
from blocks.policy import ReschedulePolicy
from blocks.templates import Templates
from blocks.topology import Topology
from rebook.domain.cases import TRANSITIONS, CaseState
from rebook.domain.texts import DEFAULTS
from rebook.domain.timeline import WORDS
from rebook.settings import Settings
from runtime import connect_pages, platform_table
from runtime.markers import table, write

OPERATORS, ADMIN, MESSAGES = (
    f"docs/handbook/{page}.md" for page in ("operators", "admin", "messages")
)


def transitions() -> str:
    order = list(CaseState)
    rows = sorted(TRANSITIONS.items(), key=lambda row: (order.index(row[0][0]), row[0][1]))
    return table(
        ["a case that is", "when", "becomes"],
        [[f"`{state}`", f"`{event}`", f"`{after}`"] for (state, event), after in rows],
    )


def timeline() -> str:
    return table(["entry", "line in the timeline"], [[f"`{k}`", v] for k, v in WORDS.items()])


def texts() -> str:
    return table(["name", "words"], [[f"`{name}`", words] for name, words in DEFAULTS.items()])


def fields(block: type[Block]) -> str:
    return table(
        ["field", "default", "what it is"],
        [
            [f"`{name}`", _default(info), info.description or ""]
            for name, info in block.model_fields.items()
        ],
    )


def settings() -> str:
    return table(
        ["variable", "default", "what it is"],
        [
            [f"`REBOOK_{name.upper()}`", _default(info), info.description or SELF_EVIDENT[name]]
            for name, info in Settings.model_fields.items()
        ],
    )


SELF_EVIDENT = {
    "gateway_host": "Where the gateway listens",
    "gateway_port": "0: a free one",
    "prefect_port": "0: a free one; it listens on 127.0.0.1 only",
    "sandbox_port": "0: a free one",
}


def _default(info: Any) -> str:
    if info.is_required():
        return "required"
    if info.default is PydanticUndefined or info.default in ("", None):
        return "empty"
    return f"`{info.default}`"


TABLES: dict[tuple[str, str], Callable[[], str]] = {
    (platform_table.FILE, platform_table.NAME): platform_table.render,
    (OPERATORS, "transitions"): transitions,
    (OPERATORS, "timeline"): timeline,
    (ADMIN, "connection"): lambda: fields(Connection),
    (ADMIN, "topology"): lambda: fields(Topology),
    (ADMIN, "policy"): lambda: fields(ReschedulePolicy),
    (ADMIN, "templates"): lambda: fields(Templates),
    (ADMIN, "settings"): settings,
    (MESSAGES, "texts"): texts,
    **{page: partial(connect_pages.render, slug) for page, slug in connect_pages.pages().items()},
}


def main() -> None:
    for (file, name), render in TABLES.items():
        write(file, name, render())


if __name__ == "__main__":
    main()
