"""The JSON Schema of a lesson's front matter, for editors. Made from the very model that reads it."""

from typing import Any

from twiceshy.lessons.frontmatter import FrontMatter


def front_matter_schema() -> dict[str, Any]:
    """The schema (draft 2020-12); shorthands the reader takes (one text for a list) are spelled out
    in it.
    """
    schema = FrontMatter.model_json_schema()
    listed = [
        name
        for name, value in schema["properties"].items()
        if value.get("items") == {"type": "string"}
    ]
    for name in listed:
        value = schema["properties"][name]
        one = {"type": "string"}
        many = {"type": "array", "items": {"type": "string"}}
        kept = {key: held for key, held in value.items() if key not in ("type", "items")}
        schema["properties"][name] = {**kept, "anyOf": [many, one]}
    no_check = schema["properties"]["no_check"]
    no_check["anyOf"].append({"type": "string", "description": "REASON: a sentence"})
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:twiceshy:lesson:1",
        **schema,
        "title": "twiceshy lesson",
    }
