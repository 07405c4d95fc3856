"""The tool of all shapes: it adds up what it is given, so that a task cannot run without its dependencies' outputs."""

from typing import Final

from typing_extensions import TypedDict

from awe.adapters.tools.decorator import tool
from awe.adapters.tools.registry import Registry

MODULUS: Final = 1_000_003
"""Sums would triple with each layer, and soon be no integers that an expression could hold."""


class Sum(TypedDict):
    """What the tool returns."""

    step: int
    total: int
    items: list[int]


@tool(name="bench.noop", effect="read", output_cap_bytes=131_072)
async def noop(step: int, before: list[int], items: int = 0) -> Sum:
    """Return a small document, or one with as many items as a `for_each` task is to have."""
    return {"step": step, "total": step + sum(before) % MODULUS, "items": list(range(items))}


REGISTRY: Final = Registry.of([noop])
(CONTRACT,) = (each.definition.contract for each in REGISTRY.tools.values())
