"""Takes one picture of each page at the size of a phone and of a desk's screen, whole from top to bottom.

`REBOOK_SCREENSHOTS=docs/screenshots pytest -m full -k gallery tests/browser tests/office` makes those of
the handbook anew; without the setting they go to the test's own folder. `screenshots.py` takes the others.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from tests.browser.chrome import Chrome, until

SIZES = {"phone": (390, 700), "desktop": (1280, 800)}
MOST_BYTES = 200_000
UNFILLED = re.compile(r"\{\w*\}|\{\{|\bNone\b(?! of)|\bundefined\b|&(?:lt|gt|amp|#\d+);")
"""What a page shows where a gap was not filled or words were escaped twice."""


@dataclass(frozen=True)
class Gallery:
    chrome: Chrome
    folder: Path

    @classmethod
    def of(cls, chrome: Chrome, scratch: Path) -> "Gallery":
        return cls(chrome, Path(os.environ.get("REBOOK_SCREENSHOTS") or scratch))

    def take(self, name: str) -> None:
        """The page that is open, at both sizes. It fits each, and nothing of it is missing."""
        for size, (width, height) in SIZES.items():
            self._screen(width, height)
            whole = self.chrome.value("document.documentElement.scrollHeight")
            self._screen(width, max(height, whole))
            path = self.folder / f"{name}-{size}.webp"
            self.chrome.photograph(path)
            assert path.stat().st_size < MOST_BYTES, path.name
            until(lambda: self.chrome.value("document.readyState") == "complete")
            assert self.chrome.value("document.documentElement.scrollWidth") <= width, path.name
            assert self.chrome.value(CLIPPED) == [], path.name
        found = UNFILLED.search(self.chrome.text())
        assert found is None, f"{name}: {found}"

    def _screen(self, width: int, height: int) -> None:
        self.chrome.ask(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 500,
        )


CLIPPED = """
[...document.querySelectorAll('main *')]
  .filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 20)
  .filter(e => getComputedStyle(e).overflowX === 'hidden')
  .map(e => e.outerHTML.slice(0, 80))
"""
"""What hides a part of its own words."""
