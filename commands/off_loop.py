"""The port of what blocks: it is run where it stops nobody, in a thread or, in a simulation, in place."""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class OffLoop(Protocol):
    async def __call__(self, function: Callable[..., T], /, *args: Any) -> T:
        """Run a function, and wait for what it returns."""
        ...
