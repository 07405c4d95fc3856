"""Which types and values the keywords of a schema allow, its branches aside."""

from pydantic import JsonValue

from awe.domain.plan.shapes.view import Shape, View, conjuncts


def types_of(view: View) -> frozenset[str] | None:
    """The JSON types that the schema's own keywords allow; `None` when they say nothing."""
    named = view.keywords.get("type")
    if isinstance(named, str):
        return frozenset({named})
    if isinstance(named, list):
        return frozenset(name for name in named if isinstance(name, str))
    values = values_of(view)
    return None if values is None else frozenset(map(type_of, values))


def common_types(shape: Shape) -> frozenset[str] | None:
    """The JSON types that every statement of the shape allows, its branches aside; `None` when none is made."""
    common: frozenset[str] | None = None
    for view in conjuncts(shape):
        if (types := types_of(view)) is not None:
            common = types if common is None else common & types
    return common


def values_of(view: View) -> list[JsonValue] | None:
    """The only values that the schema's own keywords allow; `None` when they say nothing."""
    if "const" in view.keywords:
        return [view.keywords["const"]]
    return view.sequence("enum") if "enum" in view.keywords else None


def type_of(value: JsonValue) -> str:
    """The JSON Schema type of a value; the most exact one of a number."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case str():
            return "string"
        case list():
            return "array"
        case dict():
            return "object"
        case _:
            return "integer" if value == int(value) else "number"
