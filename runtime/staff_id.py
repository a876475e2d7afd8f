"""Staff ids as every door takes them: self-declared, kept in the audit trail, never free text."""

import re

import typer

PATTERN = re.compile(r"[A-Za-z0-9._-]{1,40}")


def staff_id(value: str) -> str:
    """For a command line's option: a wrong one is a usage error."""
    if not PATTERN.fullmatch(value):
        raise typer.BadParameter(
            "a staff id has 1 to 40 letters, digits, dots, dashes, underscores"
        )
    return value
