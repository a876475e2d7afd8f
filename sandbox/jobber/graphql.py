"""A small GraphQL: enough of the language for any client's queries, answered from plain objects."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.wire import Json

TOKEN = re.compile(
    r"""[\s,\ufeff]+ | \#[^\n]* | (?P<kept>
    \.\.\. | [{}()\[\]:!=$@|&] | "(?:[^"\\\n]|\\.)*" | -?\d+(?:\.\d+)?(?:[eE][+-]?\d+)? | [_A-Za-z]\w* )""",
    re.VERBOSE,
)
CONSTANTS = {"true": True, "false": False, "null": None}
Node = Mapping[str, Any]


class Broken(Exception):
    """The query cannot be read or asks for what is not there: nothing was run."""


@dataclass
class Selection:
    """A field, or with `on` a fragment for that type ('' = any)."""

    name: str = ""
    alias: str = ""
    arguments: Json = field(default_factory=dict)
    inner: list["Selection"] = field(default_factory=list)
    spread: str = ""
    on: str | None = None


@dataclass
class Operation:
    kind: str
    name: str
    selections: list[Selection]
    defaults: Json = field(default_factory=dict)


@dataclass(frozen=True)
class Variable:
    name: str


class Reader:
    """Reads a document, one token after the other."""

    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self.operations: list[Operation] = []
        self.fragments: dict[str, tuple[str, list[Selection]]] = {}
        while self._tokens:
            self._definition()

    def _next(self, wanted: str = "") -> str:
        if not self._tokens or (wanted and self._tokens[0] != wanted):
            raise Broken(f"expected {wanted or 'more'}")
        return self._tokens.pop(0)

    def _at(self, token: str) -> bool:
        return bool(self._tokens) and self._tokens[0] == token

    def _definition(self) -> None:
        if self._at("{"):
            self.operations.append(Operation("query", "", self._selections()))
            return
        kind = self._next()
        if kind == "fragment":
            name, _, type_ = self._next(), self._next("on"), self._next()
            self.fragments[name] = (type_, self._selections())
            return
        name = "" if self._tokens and self._tokens[0] in "({" else self._next()
        defaults = self._variables() if self._at("(") else {}
        self.operations.append(Operation(kind, name, self._selections(), defaults))

    def _variables(self) -> Json:
        self._next("(")
        defaults: Json = {}
        while not self._at(")"):
            self._next("$")
            name = self._next()
            self._next(":")
            while not (self._at("$") or self._at(")") or self._at("=")):
                self._next()
            if self._at("="):
                self._next()
                defaults[name] = self._value()
        self._next(")")
        return defaults

    def _selections(self) -> list[Selection]:
        self._next("{")
        found = []
        while not self._at("}"):
            found.append(self._fragment() if self._at("...") else self._field())
        self._next("}")
        return found

    def _fragment(self) -> Selection:
        self._next("...")
        if self._at("{"):
            return Selection(on="", inner=self._selections())
        name = self._next()
        if name == "on":
            type_ = self._next()
            return Selection(on=type_, inner=self._selections())
        return Selection(spread=name)

    def _field(self) -> Selection:
        alias = name = self._next()
        if self._at(":"):
            self._next()
            name = self._next()
        arguments = self._object("(", ")") if self._at("(") else {}
        return Selection(name, alias, arguments, self._selections() if self._at("{") else [])

    def _object(self, opening: str, closing: str) -> Json:
        self._next(opening)
        found: Json = {}
        while not self._at(closing):
            name = self._next()
            self._next(":")
            found[name] = self._value()
        self._next(closing)
        return found

    def _value(self) -> Any:
        if self._at("{"):
            return self._object("{", "}")
        token = self._next()
        if token == "$":
            return Variable(self._next())
        if token == "[":
            found = []
            while not self._at("]"):
                found.append(self._value())
            self._next("]")
            return found
        if token.startswith('"'):
            return token[1:-1].replace('\\"', '"').replace("\\\\", "\\")
        if re.fullmatch(r"-?\d+", token):
            return int(token)
        return CONSTANTS.get(token, token)


def _tokens(text: str) -> Iterator[str]:
    at = 0
    while at < len(text):
        found = TOKEN.match(text, at)
        if not found:
            raise Broken("a character that is not GraphQL")
        at = found.end()
        if found["kept"]:
            yield found["kept"]


class Run:
    """One operation with its variables. A value that can be called is given its arguments."""

    def __init__(self, text: str, name: str | None, variables: Json) -> None:
        read = Reader(text)
        named = [one for one in read.operations if not name or one.name == name]
        if len(named) != 1:
            raise Broken("which operation?")
        self.operation = named[0]
        self._fragments = read.fragments
        self._variables = {**self.operation.defaults, **variables}

    def answer(self, root: Node) -> Json:
        return self._object(root, self.operation.selections)

    def cost(self) -> int:
        """Each field is a point; what is in a list counts as often as `first` says, or a hundred times."""
        return self._cost(self.operation.selections)

    def _cost(self, selections: list[Selection]) -> int:
        total = 0
        for one in self._flat(selections, None):
            listed = {inner.name for inner in one.inner} & {"nodes", "edges"}
            times = int(self._filled(one.arguments).get("first") or 100) if listed else 1
            total += 1 + times * self._cost(one.inner)
        return total

    def _object(self, node: Node, selections: list[Selection]) -> Json:
        return {
            one.alias: self._field(node, one)
            for one in self._flat(selections, str(node.get("__typename", "")))
        }

    def _field(self, node: Node, one: Selection) -> Any:
        if one.name not in node:
            raise Broken(f"no field {one.name}")
        value = node[one.name]
        if callable(value):
            value = value(**self._filled(one.arguments))
        return self._shaped(value, one)

    def _shaped(self, value: Any, one: Selection) -> Any:
        if isinstance(value, list):
            return [self._shaped(each, one) for each in value]
        if isinstance(value, Mapping):
            return self._object(value, one.inner)
        return value

    def _flat(self, selections: list[Selection], type_: str | None) -> Iterator[Selection]:
        """Fields with the fragments that fit the type; every fragment where no type is given."""
        for one in selections:
            on, inner = self._fragments.get(one.spread, (one.on, one.inner))
            if one.name:
                yield one
            elif type_ is None or not on or on in (type_, "ScheduledItemInterface"):
                yield from self._flat(inner, type_)

    def _filled(self, value: Any) -> Any:
        if isinstance(value, Variable):
            return self._variables.get(value.name)
        if isinstance(value, dict):
            filled = {name: self._filled(one) for name, one in value.items()}
            return {
                name: one
                for name, one in filled.items()
                if not (one is None and isinstance(value[name], Variable))
            }
        if isinstance(value, list):
            return [self._filled(one) for one in value]
        return value
