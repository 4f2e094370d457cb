"""Requests and answers held against GitHub's own OpenAPI description (see ``slice_openapi``)."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from openapi_schema_validator import OAS30Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

FIXTURES = Path(__file__).parent.parent / "fixtures" / "github"
NAME = "urn:github"


@cache
def _description() -> Any:
    text = (FIXTURES / "openapi.json").read_text()
    return json.loads(text.replace('"#/components/', f'"{NAME}#/components/'))


@cache
def _routes() -> list[tuple[re.Pattern[str], str]]:
    def pattern(path: str) -> str:
        # only a ref and a range may hold slashes
        parts = re.split(r"(\{\w+\})", path)
        return "".join(
            (r".+" if part in ("{basehead}",) else r"[^/]+")
            if part.startswith("{")
            else re.escape(part)
            for part in parts
        )

    return [(re.compile(pattern(path) + r"\Z"), path) for path in _description()["paths"]]


def route_of(path: str) -> str | None:
    """The template of a path; None when it is not one we know."""
    return next((template for pattern, template in _routes() if pattern.match(path)), None)


def request_faults(verb: str, template: str, body: Any) -> list[str]:
    """What is wrong with a request's body."""
    operation = _description()["paths"][template].get(verb.lower())
    if operation is None:
        return [f"{verb} {template} is not in the description"]
    described = (
        _resolved(operation.get("requestBody", {}))
        .get("content", {})
        .get("application/json", {})
        .get("schema")
    )
    return _faults(described, body) if described is not None and body is not None else []


def answer_faults(verb: str, template: str, status: int, body: Any) -> list[str]:
    """What is wrong with an answer of the double."""
    answers = _description()["paths"][template][verb.lower()]["responses"]
    if str(status) not in answers:
        return [f"{verb} {template} never answers {status}"] if status < 300 else []
    described = (
        _resolved(answers[str(status)]).get("content", {}).get("application/json", {}).get("schema")
    )
    return _faults(described, body) if described is not None and status < 300 else []


def _resolved(value: Any) -> Any:
    while isinstance(value, dict) and "$ref" in value:
        *_, kind, name = value["$ref"].split("/")
        value = _description()["components"][kind][name]
    return value


@cache
def _registry() -> Any:
    resource = Resource.from_contents(
        {"components": _description()["components"]}, default_specification=DRAFT202012
    )
    return Registry().with_resource(NAME, resource)


def _faults(schema: Any, body: Any) -> list[str]:
    validator = OAS30Validator(schema, registry=_registry())
    # GitHub writes enums of nullable things without null
    real = [
        error
        for error in validator.iter_errors(body)
        if not (error.validator == "enum" and error.instance is None)
    ]
    return [f"{'/'.join(map(str, error.path))}: {error.message[:200]}" for error in real][:5]


def filled(verb: str, template: str, status: int, values: Any) -> Any:
    """An answer with our values, and whatever else the description requires made up."""
    answers = _description()["paths"][template][verb.lower()]["responses"]
    schema = _resolved(answers[str(status)])["content"]["application/json"]["schema"]
    return _fill(schema, values)


def _fill(schema: Any, value: Any) -> Any:
    schema = _resolved(schema)
    options = schema.get("oneOf") or schema.get("anyOf")
    if options and "properties" not in schema:
        return _fill(options[0 if value is None else -1], value)
    if "allOf" in schema and "properties" not in schema:
        for part in schema["allOf"]:
            value = _fill(part, value)
        return value
    if isinstance(value, list):
        return [_fill(schema.get("items", {}), item) for item in value]
    if value is None and schema.get("nullable"):
        return None
    if schema.get("type") == "object" or "properties" in schema:
        given = value if isinstance(value, dict) else {}
        properties = schema.get("properties", {})
        needed = {
            name: _fill(properties[name], given.get(name))
            for name in schema.get("required", ())
            if name in properties
        }
        made_up = {
            name: "made-up"
            for name in schema.get("required", ())
            if name not in properties and name not in given
        }
        filled = {
            name: _fill(properties[name], item)
            for name, item in given.items()
            if name in properties
        }
        return {**given, **made_up, **needed, **filled}
    return _made_up(schema) if value is None else value


def _made_up(schema: Any) -> Any:
    if "enum" in schema:
        return schema["enum"][0]
    kind, form = schema.get("type"), schema.get("format")
    if kind == "string":
        return {"date-time": "2026-01-01T00:00:00Z", "uri": "http://127.0.0.1/made-up"}.get(
            form, "made-up"
        )
    return {"integer": 1, "number": 1.0, "boolean": False, "array": [], "object": {}}.get(kind)
