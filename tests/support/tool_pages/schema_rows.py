"""A JSON Schema as the rows of a table: a path, its type in words, what else is to be known."""

from collections.abc import Iterator
from typing import Any, NamedTuple


class SchemaRow(NamedTuple):
    path: str
    type: str
    required: bool
    notes: str


def schema_rows(schema: dict[str, Any]) -> list[SchemaRow]:
    """The members of an object, and those of the objects inside it."""
    return list(_members(schema, schema, ""))


def _members(schema: dict[str, Any], root: dict[str, Any], path: str) -> Iterator[SchemaRow]:
    for name, member in schema.get("properties", {}).items():
        at = f"{path}{name}"
        yield SchemaRow(at, _type(member, root), name in schema.get("required", ()), _notes(member, root))
        yield from _inside(member, root, at)


def _inside(schema: dict[str, Any], root: dict[str, Any], at: str) -> Iterator[SchemaRow]:
    schema = _resolved(schema, root)
    if "items" in schema:
        yield from _inside(schema["items"], root, f"{at}[]")
    elif "oneOf" in schema:
        for each in schema["oneOf"]:
            name = each["$ref"].rpartition("/")[2].lower()
            yield from _members(_resolved(each, root), root, f"{at}:{name}.")
    elif "anyOf" in schema:
        for each in schema["anyOf"]:
            yield from _inside(each, root, at)
    else:
        yield from _members(schema, root, f"{at}.")


def _resolved(schema: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        found: dict[str, Any] = root["$defs"][schema["$ref"].rpartition("/")[2]]
        return found | {key: value for key, value in schema.items() if key != "$ref"}
    return schema


def _type(schema: dict[str, Any], root: dict[str, Any]) -> str:
    schema = _resolved(schema, root)
    if "const" in schema:
        return f'"{schema["const"]}"'
    if "enum" in schema:
        return ", ".join(f'"{value}"' for value in schema["enum"])
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_type(each, root) for each in schema["anyOf"]))
    if "oneOf" in schema:
        return "one of " + ", ".join(each["$ref"].rpartition("/")[2].lower() for each in schema["oneOf"])
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'], root)}"
    said = schema.get("type", "anything")
    return said if isinstance(said, str) else " or ".join(said)


def _notes(schema: dict[str, Any], root: dict[str, Any]) -> str:
    schema = _resolved(schema, root)
    ranges = {
        "minimum": "at least {}",
        "maximum": "at most {:,}",
        "minLength": "at least {} characters",
        "maxLength": "at most {:,} characters",
        "minItems": "at least {} items",
        "maxItems": "at most {:,} items",
    }
    said = [schema["description"]] if "description" in schema else []
    found = ", ".join(words.format(schema[key]) for key, words in ranges.items() if key in schema)
    if found:
        said.append(
            f"{found[0].upper()}{found[1:]}.".replace(" 1 characters", " 1 character").replace(
                " 1 items", " 1 item"
            )
        )
    if "pattern" in schema:
        said.append(f"Matches `{schema['pattern']}`.")
    return " ".join(said)
