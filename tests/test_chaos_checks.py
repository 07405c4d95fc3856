"""The chaos sees it when a read model is not what the archived events make of it."""

import pytest

from awe.adapters.postgres.connection import OwnedConnection
from awe.api.reading.entries import decoded
from awe.projections import archive_reader, positions
from awe.projections.projecting import Projecting
from awe.projections.read_models import BUILT_IN
from benchmarks.reading.archived import PARTITION, archived
from chaos.engine.read_models import behind, problems
from support.archives import migrated

EVENTS = 600


async def fed(connections: OwnedConnection) -> None:
    """A log of two runs, and every read model of it."""
    await archived(connections, EVENTS)
    async with connections.connection() as connection:
        await positions.install(connection, BUILT_IN, [PARTITION])
        assert len(await behind(connection)) == len(BUILT_IN)
    projecting = Projecting(connections, PARTITION, BUILT_IN, decoded)
    while await projecting.step():
        pass
    async with connections.connection() as connection:
        assert await behind(connection) == []


async def found(connections: OwnedConnection, url: str) -> list[str]:
    async with connections.connection() as connection:
        entries = await archive_reader.entries(connection, PARTITION, 0, 10 * EVENTS)
    return await problems(url, {PARTITION: entries})


async def test_nothing_is_wrong_with_what_was_fed(postgres_database: str) -> None:
    async with migrated(postgres_database) as connections:
        await fed(connections)
        assert await found(connections, postgres_database) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            "UPDATE awe_tasks_v1.tasks SET attempt = 2 WHERE task = 'step_0001'",
            ("tasks of awe.00: 2 of", "attempt 2, not 1", "tasks is not what a rebuild makes of it"),
        ),
        (
            "DELETE FROM awe_operations_v1.operations WHERE task = 'step_0002'",
            ("operations of awe.00: 2 of", "is missing", "operations is not what a rebuild makes of it"),
        ),
        (
            "INSERT INTO awe_runs_v1.runs (partition, run) VALUES ('awe.00', 'r-00-none')",
            ("r-00-none is too much", "runs is not what a rebuild makes of it"),
        ),
        (
            "UPDATE awe.projection SET stopped = 'broken' WHERE name = 'artifacts'",
            ("artifacts 1 was stopped",),
        ),
        (
            "UPDATE awe.projection SET live = false WHERE name = 'artifacts'",
            ("artifacts has no live version",),
        ),
        (
            """
            INSERT INTO awe.parked (name, version, partition, sequence, n, events, error)
            VALUES ('runs', 1, 'awe.00', 'r-00-a', 1, 1, 'no')
            """,
            ("runs 1 has 1 parked", "runs is not what a rebuild makes of it"),
        ),
        (
            "UPDATE awe.projection_position SET n = n - 1 WHERE name = 'runs'",
            ("runs and its rebuild do not stand at the same positions",),
        ),
    ],
)
async def test_what_is_wrong_is_told(postgres_database: str, change: str, told: tuple[str, ...]) -> None:
    async with migrated(postgres_database) as connections:
        await fed(connections)
        async with connections.connection() as connection:
            await connection.execute(change.encode())
        wrong = "\n".join(await found(connections, postgres_database))
    for each in told:
        assert each in wrong
