"""What a person newly wrote in an e-mail, without the mail they answered and without their signature."""

import re
from html.parser import HTMLParser

LONGEST = 10_000
_DIVIDER = re.compile(r"(-{2,}\s*original message\s*-{2,}|_{20,}|-- ?)", re.IGNORECASE)
_HEADER = re.compile(r"\*?(from|sent|to|date|subject)\*?:", re.IGNORECASE)
_BREAKS = frozenset({"br", "p", "div", "tr", "li", "blockquote"})
_UNSEEN = frozenset({"style", "script", "head", "title"})


def newly_written(text: str) -> str:
    """The reply above the quoted mail, or, where nothing stands above, what stands between quotes."""
    lines = text[:LONGEST].replace("\r\n", "\n").split("\n")
    end = next((n for n in range(len(lines)) if _quote_starts(lines, n)), len(lines))
    return _unquoted(lines[:end]) or _unquoted(lines[end + 1 :])


def _unquoted(lines: list[str]) -> str:
    return "\n".join(line for line in lines if not line.lstrip().startswith(">")).strip()


def _quote_starts(lines: list[str], at: int) -> bool:
    line = lines[at].strip()
    if _DIVIDER.fullmatch(lines[at]) or _DIVIDER.fullmatch(line):
        return True
    following = [after.strip() for after in lines[at + 1 : at + 3]]
    if _HEADER.match(line) and any(_HEADER.match(after) for after in following[:1]):
        return True
    return _attribution(line, following[0] if following else "")


def _attribution(line: str, following: str) -> bool:
    """`On Tue, Nov 3, 2026 … wrote:`, which mail programs may break over two lines."""
    if not line.startswith("On "):
        return False
    if line.endswith("wrote:"):
        return True
    return following.endswith("wrote:") and not following.startswith("On ")


class _Words(HTMLParser):
    """The visible words of a mail that came as HTML alone."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._quoted = 0
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._quoted += tag == "blockquote"
        self._hidden += tag in _UNSEEN
        if tag in _BREAKS:
            self.words.append("\n" + "> " * bool(self._quoted))

    def handle_endtag(self, tag: str) -> None:
        self._quoted -= tag == "blockquote" and self._quoted > 0
        self._hidden -= tag in _UNSEEN and self._hidden > 0
        if tag in _BREAKS:
            self.words.append("\n" + "> " * bool(self._quoted))

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words.append(re.sub(r"\s+", " ", data))


def words_of(html: str) -> str:
    """HTML as lines of text; a quoted mail keeps its `>`."""
    reader = _Words()
    reader.feed(html[: 10 * LONGEST])
    reader.close()
    lines = "".join(reader.words).split("\n")
    return "\n".join(line.strip() for line in lines).strip()
