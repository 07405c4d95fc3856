"""Which fields a client selected, so that no column is read for nothing."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from strawberry import Info
from strawberry.types.nodes import SelectedField, Selection


def selected(info: Info[Any, Any], *path: str) -> frozenset[str]:
    """The names of the fields selected below this field and a path of fields, whatever type they are selected of."""
    level: list[Selection] = [each for field in info.selected_fields for each in field.selections]
    for name in path:
        level = [below for field in _fields(level) if field.name == name for below in field.selections]
    return frozenset(field.name for field in _fields(level))


def _fields(selections: Sequence[Selection]) -> Iterator[SelectedField]:
    for each in selections:
        if isinstance(each, SelectedField):
            yield each
        else:
            yield from _fields(each.selections)


def columns(names: Collection[str], of: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    """The columns that these fields are made of."""
    return frozenset(column for name in names for column in of.get(name, ()))
