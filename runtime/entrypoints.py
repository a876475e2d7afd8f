"""From a deployment's entrypoint to the flow it names, of ours only."""

import re
from importlib import import_module
from typing import Any

from prefect import Flow


def load(entrypoint: str) -> Flow[..., Any]:
    """`flows/catch_up.py:catch_up` as this process imports it. Raises `ImportError`."""
    path, _, name = entrypoint.partition(":")
    module = path.removesuffix(".py").replace("/", ".")
    if not re.fullmatch(r"flows\.\w+", module) or not name.isidentifier():
        raise ImportError(f"{entrypoint} is not in flows")
    found: Flow[..., Any] = getattr(import_module(module), name)
    return found
