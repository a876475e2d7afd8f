"""As much of SOQL as is asked here: fields, one object, a condition, an order and a limit."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sandbox.salesforce.wire import Row, refusal

TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|\\.)*')|(?P<time>\d{4}-\d\d-\d\dT[\d:]+Z)|(?P<day>\d{4}-\d\d-\d\d)"
    r"|(?P<word>[A-Za-z_][\w.]*)|(?P<number>\d+)|(?P<sign><=|>=|!=|[=<>(),]))"
)
Test = Callable[[Row], bool]
Value = str | bool | datetime | date | int | None


@dataclass(frozen=True)
class Query:
    fields: list[str]
    typeof: dict[str, list[str]]
    """What is read of a person, by what they are."""
    kind: str
    test: Test
    names: set[str]
    order: list[str]
    limit: int | None


def parse(text: str) -> Query:
    return _Parser(text).query()


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(text.rstrip()):
        found = TOKEN.match(text, at)
        if not found or not found.lastgroup:
            raise refusal(400, "MALFORMED_QUERY", f"unexpected token at {at}")
        yield found.lastgroup, found[found.lastgroup]
        at = found.end()


class _Parser:
    def __init__(self, text: str) -> None:
        self._left = list(_tokens(text))
        self._names: set[str] = set()

    def query(self) -> Query:
        self._expect("SELECT")
        fields, typeof = self._fields()
        self._expect("FROM")
        kind = self._take()
        test: Test = self._either() if self._skip("WHERE") else lambda _row: True
        order = self._order() if self._skip("ORDER") else []
        limit = int(self._take()) if self._skip("LIMIT") else None
        if self._left:
            raise self._fault()
        return Query(fields, typeof, kind, test, self._names | {*fields, *order}, order, limit)

    def _fields(self) -> tuple[list[str], dict[str, list[str]]]:
        fields, typeof = [], {}
        while True:
            if self._skip("TYPEOF"):
                self._expect("Who")
                while self._skip("WHEN"):
                    who = self._take()
                    self._expect("THEN")
                    typeof[who] = self._listed()
                self._expect("END")
            else:
                fields.append(self._take())
            if not self._skip(","):
                return fields, typeof

    def _listed(self) -> list[str]:
        names = [self._take()]
        while self._skip(","):
            names.append(self._take())
        return names

    def _order(self) -> list[str]:
        self._expect("BY")
        return self._listed()

    def _either(self) -> Test:
        tests = [self._both()]
        while self._skip("OR"):
            tests.append(self._both())
        return lambda row: any(test(row) for test in tests)

    def _both(self) -> Test:
        tests = [self._one()]
        while self._skip("AND"):
            tests.append(self._one())
        return lambda row: all(test(row) for test in tests)

    def _one(self) -> Test:
        if self._skip("("):
            inside = self._either()
            self._expect(")")
            return inside
        name, sign, value = self._take(), self._take(), self._value()
        self._names.add(name)
        return lambda row: _holds(row.get(name), sign, value)

    def _value(self) -> Value:
        if not self._left:
            raise self._fault()
        kind, word = self._left.pop(0)
        match kind:
            case "text":
                return re.sub(r"\\(.)", r"\1", word[1:-1])
            case "time":
                return datetime.fromisoformat(word)
            case "day":
                return date.fromisoformat(word)
            case "number":
                return int(word)
        return {"true": True, "false": False}.get(word.lower())

    def _take(self) -> str:
        if not self._left:
            raise self._fault()
        return self._left.pop(0)[1]

    def _skip(self, word: str) -> bool:
        if self._left and self._left[0][1].upper() == word:
            self._left.pop(0)
            return True
        return False

    def _expect(self, word: str) -> None:
        if not self._left or self._left.pop(0)[1].upper() != word.upper():
            raise self._fault()

    def _fault(self) -> Exception:
        return refusal(400, "MALFORMED_QUERY", "the query cannot be read")


def _holds(stored: object, sign: str, wanted: Value) -> bool:
    """Text is compared without regard to case, but ids; nothing is before or after null."""
    left = _comparable(stored, wanted)
    if sign in ("=", "!="):
        return (_folded(left) == _folded(wanted)) == (sign == "=")
    if left is None or wanted is None:
        return False
    signs: dict[str, bool] = {
        "<": left < wanted,  # type: ignore[operator]  # both are of the literal's kind
        ">": left > wanted,  # type: ignore[operator]
        "<=": left <= wanted,  # type: ignore[operator]
        ">=": left >= wanted,  # type: ignore[operator]
    }
    return signs[sign]


def _comparable(stored: object, wanted: Value) -> object:
    if isinstance(wanted, datetime):
        return datetime.fromisoformat(str(stored)).astimezone(UTC) if stored else None
    if isinstance(wanted, date):
        return date.fromisoformat(str(stored)) if stored else None
    return stored


def _folded(value: object) -> object:
    return value.casefold() if isinstance(value, str) else value
