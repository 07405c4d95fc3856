"""What `schema_shortcut` makes of a schema: functions that accept values, each for one type of value.

A place says what fits somewhere in an instance: by the value's exact type, a function that accepts or does not. So
the type of a value is checked by finding its function, and a type that is missing does not fit; nor does one that no
reader of JSON makes. `depth` is how many containers are around a value: `DEEPEST` - 1 is the most. A place of a schema
that leaves nothing open bounds the depth by itself; only where anything may be, it is looked for.
"""

from collections.abc import Callable, Sequence
from functools import cache, partial
from types import NoneType
from typing import Any, Final, cast

from pydantic import JsonValue

from awe.adapters.schema_rules import DEEPEST

Fits = Callable[[Any], bool]
"""Whether a value fits for certain."""

Place = dict[type, Fits]

SCALARS: Final[tuple[type, ...]] = (str, int, float, bool, NoneType)
CONTAINERS: Final[tuple[type, ...]] = (dict, list)


def anything_fits(_value: Any) -> bool:
    """Nothing is demanded."""
    return True


def nothing_fits(_value: Any) -> bool:
    """Nothing is accepted."""
    return False


@cache
def anything(depth: int) -> Place:
    """Any value that is not too deep; the same object each time, for nobody changes it."""
    shallow = partial(_shallow, DEEPEST - 1 - depth)
    return {**dict.fromkeys(SCALARS, anything_fits), **dict.fromkeys(CONTAINERS, shallow)}


def _shallow(levels: int, container: Any) -> bool:
    """Whether nothing is more than so many levels below the container."""
    if not levels:
        return not container
    inside: Any = cast("Any", container).values() if isinstance(container, dict) else container
    for value in inside:  # a generator would cost as much again, and plans have many small containers
        if isinstance(value, CONTAINERS) and value and not _shallow(levels - 1, value):
            return False
    return True


def members(named: dict[str, Place], others: Place, required: frozenset[str]) -> Fits:
    """Objects by their members."""

    def fits(instance: dict[str, JsonValue]) -> bool:
        for name, value in instance.items():
            check = named.get(name, others).get(type(value))
            if check is None or not check(value):
                return False
        return required <= instance.keys()

    return fits


def elements(each: Place) -> Fits:
    """Arrays by their elements."""

    def fits(instance: list[JsonValue]) -> bool:
        for value in instance:
            check = each.get(type(value))
            if check is None or not check(value):
                return False
        return True

    return fits


def sized(least: float, most: float) -> Fits:
    """Values with a length within the limits."""
    return lambda value: least <= len(value) <= most


def either(places: Sequence[Place]) -> Place:
    """What fits in one of the places at least."""
    kinds = {kind for place in places for kind in place}
    return {kind: _any([place[kind] for place in places if kind in place]) for kind in kinds}


def every(checks: Sequence[Fits]) -> Fits:
    """What passes all the checks."""
    if len(checks) > 1:
        return lambda value: all(check(value) for check in checks)
    return checks[0] if checks else anything_fits


def _any(checks: Sequence[Fits]) -> Fits:
    return checks[0] if len(checks) == 1 else lambda value: any(check(value) for check in checks)
