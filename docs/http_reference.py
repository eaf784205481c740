"""Write the reference of the HTTP API as Markdown, from the OpenAPI document of the service."""

from collections.abc import Iterator
from typing import Any

METHODS = ("get", "post", "put", "delete")


def write_reference(document: dict[str, Any]) -> str:
    """Return all operations by tag, then the schemas of their bodies and answers."""
    lines = []
    for tag in document["tags"]:
        lines += [f"## {tag['name'].capitalize()}", f"{tag['description']}.", *_operations(document, tag["name"])]
    lines.append("## Bodies and answers")
    for name, schema in sorted(document["components"]["schemas"].items()):
        lines += [f"({_anchor(name)})=\n### {name}", _table(schema)]
    return "\n\n".join(lines)


def _operations(document: dict[str, Any], tag: str) -> Iterator[str]:
    for path, item in document["paths"].items():
        for method in METHODS:
            operation = item.get(method, {})
            if tag in operation.get("tags", ()):
                yield f"### {method.upper()} {path}"
                yield operation["summary"]
                yield from _parameters([*item.get("parameters", ()), *operation.get("parameters", ())])
                if "requestBody" in operation:
                    yield f"Body: {_content(operation['requestBody'])}."
                yield f"Answers: {'; '.join(_answers(operation['responses']))}."


def _parameters(parameters: list[dict[str, Any]]) -> Iterator[str]:
    rows = [
        f"| `{it['name']}` | {it['in']} | {_type(it['schema'])} | {it.get('description', '')}{_default(it['schema'])} |"
        for it in parameters
    ]
    if rows:
        yield "\n".join(["| parameter | in | type | meaning |", "|---|---|---|---|", *rows])


def _answers(responses: dict[str, Any]) -> Iterator[str]:
    for status in sorted(status for status in responses if status < "4"):
        yield f"{status} {_content(responses[status])}"
    refusals = ", ".join(sorted(status for status in responses if status >= "4"))
    if refusals:
        yield f"{refusals} [Problem](#{_anchor('Problem')})"


def _content(holder: dict[str, Any]) -> str:
    return ", ".join(f"{_type(it.get('schema', {}))} (`{kind}`)" for kind, it in holder.get("content", {}).items())


def _table(schema: dict[str, Any]) -> str:
    rows = [
        f"| `{name}`{' (required)' if name in schema.get('required', ()) else ''} | {_type(field)} "
        f"| {field.get('description', '')}{_default(field)} |"
        for name, field in schema.get("properties", {}).items()
    ]
    return "\n".join(["| field | type | meaning |", "|---|---|---|", *rows]) if rows else schema.get("description", "")


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{_anchor(name)})"
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if "anyOf" in schema:
        return " or ".join(_type(choice) for choice in schema["anyOf"])
    kinds = schema.get("type", "any")
    text = " or ".join([kinds] if isinstance(kinds, str) else kinds)
    return f"{text} of {_type(schema['items'])}" if "items" in schema else text


def _default(schema: dict[str, Any]) -> str:
    default = schema.get("default")
    return "" if default in {None, ""} else f" (default `{default}`)"


def _anchor(name: str) -> str:
    return f"schema-{name.lower()}"
