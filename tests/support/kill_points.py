"""Ends a process at each of its calls to the outside, one after the other, before or after the call took effect."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from inspect import iscoroutinefunction
from typing import Any, cast

from awe.projections.ports import Connections, HotTier


class Killed(BaseException):
    """The process ended here; nothing that handles errors may see it as one."""


@dataclass
class KillPoint:
    """The call to die at, counted from 1: an odd one before it, an even one after it. `reached` counts along."""

    at: int
    reached: int = 0

    def pass_by(self, call: str) -> None:
        self.reached += 1
        if self.reached == self.at:
            raise Killed(call)


class _Deadly:
    def __init__(self, inner: Any, point: KillPoint) -> None:
        self._inner = inner
        self._point = point

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        return self._deadly(found) if iscoroutinefunction(found) else found

    def _deadly(self, call: Callable[..., Any]) -> Callable[..., Any]:
        async def called(*arguments: Any, **options: Any) -> Any:
            self._point.pass_by(call.__name__)
            result = await call(*arguments, **options)
            self._point.pass_by(call.__name__)
            return result

        return called


def deadly_hot_tier(hot: HotTier, point: KillPoint) -> HotTier:
    return cast("HotTier", _Deadly(hot, point))


class DeadlyConnections:
    """Connections whose statements are kill points."""

    def __init__(self, inner: Connections, point: KillPoint) -> None:
        self._inner = inner
        self._point = point

    @asynccontextmanager
    async def connection(self) -> AsyncGenerator[Any]:
        async with self._inner.connection() as connection:
            yield _Deadly(connection, self._point)
