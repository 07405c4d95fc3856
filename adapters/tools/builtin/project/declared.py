"""What a manifest says about a project: the packages it needs, and under which licence it stands."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeGuard, cast


class Declared(NamedTuple):
    """A package that is needed; `constraint` is as written, empty when any version will do."""

    name: str
    constraint: str
    group: str


class Manifest(NamedTuple):
    """`licence` is what the manifest itself says, if it says something."""

    ecosystem: str
    dependencies: Sequence[Declared]
    licence: str | None = None


class ManifestBroken(ValueError):  # noqa: N818 (named for the fact)
    """The file is not of its format; the message says why."""


RUNTIME: Final = "runtime"
LONGEST: Final = 300


def is_table(value: Any) -> TypeGuard[Mapping[str, Any]]:
    return isinstance(value, Mapping)


def table_at(value: Any, *names: str) -> Mapping[str, Any]:
    """The table under the names; an empty one where there is none."""
    for name in names:
        value = value.get(name) if is_table(value) else None
    return value if is_table(value) else {}


def texts(value: Any) -> list[str]:
    """The texts of a list; none where there is no list."""
    if not isinstance(value, list):
        return []
    return [each for each in cast("Any", value) if isinstance(each, str)]


def text_or_none(value: Any) -> str | None:
    return value.strip()[:LONGEST] or None if isinstance(value, str) else None
