"""Requests held against the vendors' machine-readable specs, read from `REBOOK_SPECS`, never copied."""

import functools
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import graphql
import jsonschema
import pytest
from graphql.execution.values import get_variable_values

from tests.connectors.kits import KITS
from tests.connectors.vendor import Received

ROOT = Path(__file__).parents[2]
SPECS = Path(os.environ.get("REBOOK_SPECS") or ROOT / "../shared/specs")

NOTHING = {"type": "object", "nullable": True}
"""How Graph's description says null, beside what a property is otherwise."""

absent = pytest.mark.skipif(not SPECS.is_dir(), reason="the specs are not here: set REBOOK_SPECS")


@dataclass(frozen=True)
class Operation:
    """One documented call: its parameters by name, and the schema of its body by content type."""

    method: str
    path: re.Pattern[str]
    literal: int
    parameters: Mapping[str, dict[str, Any]]
    required: frozenset[str]
    bodies: Mapping[str, dict[str, Any]]
    body_required: bool


def faults(slug: str, request: Received) -> list[str]:
    """What in the request the vendor does not document; nothing where the specs are not here."""
    if not SPECS.is_dir():
        return []
    if (SPECS / slug / "schema.graphql").exists():
        return _unlisted(slug, graphql_faults(slug, request.json))
    found = [
        one
        for one in operations(slug)
        if one.method == request.method and one.path.search(request.raw_path)
    ]
    if not found:
        return _unlisted(slug, [f"{request.method} {request.path} is not documented"])
    operation = max(found, key=lambda one: one.literal)
    return _unlisted(slug, [*_query_faults(operation, request), *_body_faults(operation, request)])


def _unlisted(slug: str, seen: list[str]) -> list[str]:
    return [fault for fault in seen if fault not in KITS[slug].deviations]


def _query_faults(operation: Operation, request: Received) -> Iterator[str]:
    for name in operation.required - request.query.keys():
        yield f"the parameter {name} is missing"
    for name, values in request.query.items():
        schema = operation.parameters.get(name)
        if schema is None:
            yield f"the parameter {name} is not documented"
        elif not all(_fits(value, schema) for value in values):
            yield f"the parameter {name} is not of its type"


def _fits(value: str, schema: Mapping[str, Any]) -> bool:
    if schema.get("type") == "array":
        return _fits(value, schema.get("items", {}))
    if schema.get("enum"):
        return value in schema["enum"]
    shapes = {"integer": r"-?[0-9]+", "boolean": "true|false"}
    return bool(re.fullmatch(shapes.get(str(schema.get("type")), r"(?s).*"), value))


def _body_faults(operation: Operation, request: Received) -> Iterator[str]:
    if not request.body:
        if operation.body_required:
            yield "the body is missing"
        return
    if not operation.bodies:
        yield "a body is not documented"
        return
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    schema = operation.bodies.get(kind) or next(iter(operation.bodies.values()))
    if kind == "application/x-www-form-urlencoded":
        yield from _form_faults(schema, request)
        return
    for error in jsonschema.Draft202012Validator(schema).iter_errors(request.json):
        yield f"the body at {error.json_path}: {error.validator} {error.validator_value!r:.80}"


def _form_faults(schema: Mapping[str, Any], request: Received) -> Iterator[str]:
    known = schema.get("properties", {})
    for name in set(schema.get("required", [])) - request.form.keys():
        yield f"the field {name} is missing"
    for name, values in request.form.items():
        if name not in known:
            yield f"the field {name} is not documented"
        elif not all(_fits(value, known[name]) for value in values):
            yield f"the field {name} is not of its type"


@functools.cache
def graphql_schema(slug: str) -> graphql.GraphQLSchema:
    return graphql.build_schema((SPECS / slug / "schema.graphql").read_text())


def graphql_faults(slug: str, body: Any) -> list[str]:
    """What in a query or in its variables the schema does not know."""
    schema, document = graphql_schema(slug), graphql.parse(body["query"])
    faults = [error.message for error in graphql.validate(schema, document)]
    operation = graphql.get_operation_ast(document, body.get("operationName"))
    if operation is None:
        return [*faults, "no operation has this name"]
    known = operation.variable_definitions or ()
    values = get_variable_values(schema, known, body.get("variables") or {})
    faults += [error.message for error in values] if isinstance(values, list) else []
    named = {one.variable.name.value for one in known}
    extra = (body.get("variables") or {}).keys() - named
    return faults + [f"the variable {name} is not declared" for name in sorted(extra)]


@functools.cache
def operations(slug: str) -> list[Operation]:
    folder = SPECS / slug
    if (folder / "discovery.json").exists():
        return list(_of_discovery(json.loads((folder / "discovery.json").read_text())))
    files = sorted(folder.glob("openapi*.json"))
    return [one for file in files for one in _of_openapi(json.loads(file.read_text()))]


def _of_openapi(spec: dict[str, Any]) -> Iterator[Operation]:
    components = _strict(_flat(spec, spec.get("components", {})))
    for template, item in spec["paths"].items():
        for method in item.keys() & {"get", "post", "put", "patch", "delete"}:
            told = item[method]
            listed = [
                _resolved(spec, p) for p in item.get("parameters", []) + told.get("parameters", [])
            ]
            query = [p for p in listed if p["in"] == "query"]
            body = _resolved(spec, told.get("requestBody") or {})
            yield Operation(
                method.upper(),
                *_pattern(template),
                parameters={p["name"]: _resolved(spec, p.get("schema", {})) for p in query},
                required=frozenset(p["name"] for p in query if p.get("required")),
                bodies={
                    kind: {
                        **_strict(_flat(spec, _resolved(spec, content.get("schema", {})))),
                        "components": components,
                    }
                    for kind, content in body.get("content", {}).items()
                },
                body_required=bool(body.get("required")),
            )


def _resolved(spec: dict[str, Any], value: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in value:
        return value
    found: Any = spec
    for part in value["$ref"].removeprefix("#/").split("/"):
        found = found[part.replace("~1", "/").replace("~0", "~")]
    return _resolved(spec, found)


def _flat(spec: dict[str, Any], value: Any) -> Any:
    """An object that is put together of others, by `allOf`, as the one object it means."""
    if isinstance(value, list):
        return [_flat(spec, one) for one in value]
    if not isinstance(value, dict):
        return value
    parts = value.get("allOf")
    if isinstance(parts, list):
        own = {k: v for k, v in value.items() if k != "allOf"}
        read = [_flat(spec, _resolved(spec, one)) for one in [*parts, own]]
        wholes = [one for one in read if "properties" in one]
        if len(wholes) >= len(parts):
            return {
                "type": "object",
                "properties": {k: v for one in wholes for k, v in one["properties"].items()},
                "required": [name for one in wholes for name in one.get("required", [])],
            }
    return {k: _flat(spec, v) for k, v in value.items()}


def _strict(value: Any, *, mixed: bool = False) -> Any:
    """OpenAPI's schema as JSON Schema, where a property that is not documented is a fault."""
    if isinstance(value, list):
        return [_strict(one, mixed=mixed) for one in value]
    if not isinstance(value, dict):
        return value
    if value == NOTHING:
        return {"type": "null"}
    made = {k: _strict(v, mixed=k in ("allOf", "anyOf", "oneOf")) for k, v in value.items()}
    if made.pop("nullable", False) is True and isinstance(made.get("type"), str):
        made["type"] = [made["type"], "null"]
    is_object = isinstance(made.get("properties"), dict) and made.get("type") == "object"
    if is_object and not mixed:
        made.setdefault("additionalProperties", False)
    return made


def _of_discovery(spec: dict[str, Any]) -> Iterator[Operation]:
    schemas = {name: _google_schema(schema) for name, schema in spec["schemas"].items()}
    for told in _google_methods(spec):
        listed = {**spec["parameters"], **told.get("parameters", {})}
        query = {name: p for name, p in listed.items() if p["location"] == "query"}
        wanted = told.get("request", {}).get("$ref")
        yield Operation(
            told["httpMethod"],
            *_pattern("/" + told["path"]),
            parameters=query,
            required=frozenset(name for name, p in query.items() if p.get("required")),
            bodies={"application/json": {**schemas[wanted], "schemas": schemas}} if wanted else {},
            body_required=bool(wanted),
        )


def _google_methods(parent: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Resources stand within resources: `spreadsheets.values` in `spreadsheets`."""
    for resource in parent.get("resources", {}).values():
        yield from resource.get("methods", {}).values()
        yield from _google_methods(resource)


def _google_schema(schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        return {"$ref": f"#/schemas/{schema['$ref']}"}
    made = {
        name: schema[name] for name in ("type", "enum") if schema.get(name) not in (None, "any")
    }
    if "properties" in schema:
        made["properties"] = {k: _google_schema(v) for k, v in schema["properties"].items()}
        made["additionalProperties"] = False
    if "additionalProperties" in schema:
        made["additionalProperties"] = _google_schema(schema["additionalProperties"])
    if "items" in schema:
        made["items"] = _google_schema(schema["items"])
    return made


def _pattern(template: str) -> tuple[re.Pattern[str], int]:
    """The path at the end of a URL, and how many of its letters are fixed."""
    parts = re.split(r"\{[^}]+\}", template)
    return re.compile("[^/]+".join(re.escape(p) for p in parts) + "$"), sum(map(len, parts))
