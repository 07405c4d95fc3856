"""How large can a value of a shape become, as JSON? Only what a schema bounds has an answer; objects have none."""

from awe.domain.plan.shapes.paths import elements
from awe.domain.plan.shapes.types import types_of, values_of
from awe.domain.plan.shapes.view import Shape, View, conjuncts

_SCALAR_BYTES = 32
_BYTES_PER_CHARACTER = 6  # the longest escape: \u0000
_SCALARS = frozenset({"null", "boolean", "integer", "number"})
_DEEPEST = 8


def size_bound(shape: Shape, depth: int = _DEEPEST) -> int | None:
    """An upper bound in bytes of the JSON text, or `None` when no schema gives one."""
    views = tuple(conjuncts(shape))
    bounds = [bound for view in views if (bound := _scalar(view)) is not None]
    counts = [count for view in views if (count := _count(view)) is not None]
    element = size_bound(elements(shape), depth - 1) if counts and depth else None
    if element is not None:
        bounds.append(max(_SCALAR_BYTES, min(counts) * (element + 1) + 2))
    return min(bounds, default=None)


def _scalar(view: View) -> int | None:
    """The bound of a schema that allows named values, or no more than scalars and strings of a largest length."""
    values, types, length = values_of(view), types_of(view), view.keywords.get("maxLength")
    if values is not None:
        return max((len(repr(value)) * _BYTES_PER_CHARACTER for value in values), default=0)
    if types is None or not types <= _SCALARS | {"string"}:
        return None
    if "string" not in types:
        return _SCALAR_BYTES
    return max(_SCALAR_BYTES, length * _BYTES_PER_CHARACTER + 2) if isinstance(length, int) else None


def _count(view: View) -> int | None:
    """The largest number of elements that a schema of arrays allows."""
    types, count = types_of(view), view.keywords.get("maxItems")
    return count if isinstance(count, int) and types is not None and types <= _SCALARS | {"array"} else None
