"""Where the rows of a run come from: the read models as they are now, or a fold of the run's events up to a position."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from awe.api.graphql.loaders import Loaders
from awe.projections.projector import Row
from awe.projections.queries.calls import ArtifactsBehind, TaskRef
from awe.projections.queries.tasks import TasksBehind


class RunSource(Protocol):
    """The rows of one run. Each method returns at most ``limit`` rows behind the place that is named."""

    async def tasks(self, columns: frozenset[str], first_n: int, limit: int) -> Sequence[Row]: ...

    async def operations(self, task: str, columns: frozenset[str], limit: int) -> Sequence[Row]: ...

    async def artifacts(self, task: str, columns: frozenset[str], limit: int) -> Sequence[Row]: ...

    async def artifacts_of_run(
        self, columns: frozenset[str], behind: tuple[int, str], limit: int
    ) -> Sequence[Row]: ...


class ReadModels:
    """The read models; fields of many runs are asked for at once."""

    def __init__(self, loaders: Loaders, row: Mapping[str, str]) -> None:
        self._loaders = loaders
        self._partition, self._run = row["partition"], row["run"]

    async def tasks(self, columns: frozenset[str], first_n: int, limit: int) -> Sequence[Row]:
        return await self._loaders.tasks(TasksBehind(self._partition, self._run, first_n), columns, limit)

    async def operations(self, task: str, columns: frozenset[str], limit: int) -> Sequence[Row]:
        return await self._loaders.operations(TaskRef(self._partition, self._run, task), columns, limit)

    async def artifacts(self, task: str, columns: frozenset[str], limit: int) -> Sequence[Row]:
        return await self._loaders.artifacts(TaskRef(self._partition, self._run, task), columns, limit)

    async def artifacts_of_run(
        self, columns: frozenset[str], behind: tuple[int, str], limit: int
    ) -> Sequence[Row]:
        of = ArtifactsBehind(self._partition, self._run, *behind)
        return await self._loaders.artifacts_of_run(of, columns, limit)
