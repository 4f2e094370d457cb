"""The JSON Schema of a lesson's front matter, for editors: made from the model that reads it."""

from typing import Any

from twiceshy.lessons.frontmatter import FrontMatter

_TEXT = {"type": "string"}


def front_matter_schema() -> dict[str, Any]:
    """The schema (draft 2020-12); shorthands the reader takes (one text for a list) are spelled out
    in it.
    """
    schema = FrontMatter.model_json_schema()
    for field in schema["properties"].values():
        if field.get("items") == _TEXT:
            del field["type"], field["items"]
            field["anyOf"] = [{"type": "array", "items": _TEXT}, _TEXT]
    no_check = schema["properties"]["no_check"]
    no_check["anyOf"].append({"type": "string", "description": "REASON: a sentence"})
    expires = schema["properties"]["expires"]
    expires["anyOf"].append({"type": "string", "description": "A date or a condition"})
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:twiceshy:lesson:1",
        **schema,
        "title": "twiceshy lesson",
    }
