"""axe-core, run in the page that a browser shows: the rules of WCAG 2.2 A and AA, and good practice."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

from tests.browser.chrome import Chrome

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@cache
def _source() -> str:
    return files("axe_playwright_python").joinpath("axe.min.js").read_text()


def violations(chrome: Chrome) -> list[str]:
    """Each broken rule with the elements that break it; none is what a page should have."""
    chrome.value(_source())
    wanted = json.dumps({"runOnly": TAGS, "resultTypes": ["violations"]})
    found = chrome.ask(
        "Runtime.evaluate",
        expression=f"axe.run(document, {wanted}).then(found => JSON.stringify(found.violations))",
        awaitPromise=True,
        returnByValue=True,
    )
    rules: list[dict[str, Any]] = json.loads(found["result"]["value"])
    return [f"{rule['id']}: {[node['html'] for node in rule['nodes']]}" for rule in rules]
