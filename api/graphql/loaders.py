"""Gathers what many fields of one request ask for into one statement each; nothing is kept for the next request."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar

from psycopg import AsyncConnection
from strawberry.dataloader import DataLoader

from awe.projections.ports import Connections
from awe.projections.projector import Row
from awe.projections.queries import calls, tasks
from awe.projections.queries.calls import ArtifactsBehind, TaskRef
from awe.projections.queries.tasks import TasksBehind

K = TypeVar("K")

Rows = Sequence[Row]


class Asked(NamedTuple):
    """Some columns of up to ``limit`` rows behind `of`."""

    of: Any
    columns: frozenset[str]
    limit: int


class _Query(Protocol):
    def __call__(
        self,
        connection: AsyncConnection[Any],
        columns: Collection[str],
        asked: Sequence[Any],
        limit: int,
    ) -> Awaitable[Sequence[Rows]]: ...


class Loaders:
    def __init__(self, reads: Connections) -> None:
        def loader(query: _Query) -> DataLoader[Asked, Rows]:
            return DataLoader(load_fn=_gathered(reads, query), cache=False)

        self._tasks = loader(tasks.pages)
        self._operations = loader(calls.operations)
        self._artifacts = loader(calls.artifacts)
        self._artifacts_of_runs = loader(calls.artifacts_of_runs)

    async def tasks(self, of: TasksBehind, columns: frozenset[str], limit: int) -> Rows:
        return await self._tasks.load(Asked(of, columns, limit))

    async def operations(self, of: TaskRef, columns: frozenset[str], limit: int) -> Rows:
        return await self._operations.load(Asked(of, columns, limit))

    async def artifacts(self, of: TaskRef, columns: frozenset[str], limit: int) -> Rows:
        return await self._artifacts.load(Asked(of, columns, limit))

    async def artifacts_of_run(self, of: ArtifactsBehind, columns: frozenset[str], limit: int) -> Rows:
        return await self._artifacts_of_runs.load(Asked(of, columns, limit))


def _gathered(reads: Connections, query: _Query) -> Callable[[list[Asked]], Awaitable[Sequence[Rows]]]:
    async def load(asked: list[Asked]) -> Sequence[Rows]:
        alike: dict[tuple[frozenset[str], int], list[int]] = {}
        for number, each in enumerate(asked):
            alike.setdefault((each.columns, each.limit), []).append(number)
        found: list[Rows] = [()] * len(asked)
        async with reads.connection() as connection:
            for (columns, limit), numbers in alike.items():
                rows = await query(connection, columns, [asked[number].of for number in numbers], limit)
                for number, of in zip(numbers, rows, strict=True):
                    found[number] = of
        return found

    return load
