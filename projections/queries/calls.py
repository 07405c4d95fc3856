"""What the calls of tasks did: operations and the artifacts they made, of any number of tasks in one statement."""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from psycopg import AsyncConnection
from psycopg.rows import dict_row

from awe.projections.projector import Row, Table
from awe.projections.queries.selecting import listed
from awe.projections.read_models.artifacts import Artifacts
from awe.projections.read_models.operations import Operations


class TaskRef(NamedTuple):
    """One task of a run."""

    partition: str
    run: str
    task: str


async def operations(
    connection: AsyncConnection[Any], columns: Collection[str], asked: Sequence[TaskRef], limit: int
) -> Sequence[Sequence[Row]]:
    """Return up to ``limit`` operations for each task, in the order of its calls and their generations."""
    return await _of_tasks(
        connection, "awe_read.operations", Operations.table, "call, generation", columns, asked, limit
    )


async def artifacts(
    connection: AsyncConnection[Any], columns: Collection[str], asked: Sequence[TaskRef], limit: int
) -> Sequence[Sequence[Row]]:
    """Return up to ``limit`` artifacts for each task, in the order of its calls."""
    return await _of_tasks(
        connection, "awe_read.artifacts", Artifacts.table, "call, generation, name", columns, asked, limit
    )


async def _of_tasks(
    connection: AsyncConnection[Any],
    view: str,
    table: Table,
    order: str,
    columns: Collection[str],
    asked: Sequence[TaskRef],
    limit: int,
) -> Sequence[Sequence[Row]]:
    told = listed({*columns, *order.split(", ")}, table, "known")
    statement = f"""
        SELECT of.number, found.*
        FROM unnest(%s::text[], %s::text[], %s::text[]) WITH ORDINALITY AS of (partition, run, task, number)
        CROSS JOIN LATERAL (
            SELECT {told} FROM {view} AS known
            WHERE known.partition = of.partition AND known.run = of.run AND known.task = of.task
            ORDER BY {order} LIMIT %s
        ) AS found
        ORDER BY of.number, {order}
        """  # noqa: S608 (names are checked)
    values = ([each[0] for each in asked], [each[1] for each in asked], [each[2] for each in asked], limit)
    return await _grouped(connection, statement, values, len(asked))


class ArtifactsBehind(NamedTuple):
    """The artifacts of a run behind one of them, by the position of its event and its name."""

    partition: str
    run: str
    n: int = 0
    name: str = ""


async def artifacts_of_runs(
    connection: AsyncConnection[Any], columns: Collection[str], asked: Sequence[ArtifactsBehind], limit: int
) -> Sequence[Sequence[Row]]:
    """Return up to ``limit`` artifacts for each run, in the order in which they were made."""
    told = listed({*columns, "n", "name"}, Artifacts.table, "known")
    statement = f"""
        SELECT of.number, found.*
        FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::text[])
            WITH ORDINALITY AS of (partition, run, n, name, number)
        CROSS JOIN LATERAL (
            SELECT {told} FROM awe_read.artifacts AS known
            WHERE known.partition = of.partition AND known.run = of.run AND (known.n, known.name) > (of.n, of.name)
            ORDER BY known.n, known.name LIMIT %s
        ) AS found
        ORDER BY of.number, found.n, found.name
        """  # noqa: S608 (names are checked)
    values = (*([each[at] for each in asked] for at in range(4)), limit)
    return await _grouped(connection, statement, values, len(asked))


async def _grouped(
    connection: AsyncConnection[Any], statement: str, values: Sequence[Any], count: int
) -> Sequence[Sequence[Row]]:
    found = [list[Row]() for _ in range(count)]
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(statement.encode(), values)
        for row in await cursor.fetchall():
            number: int = row.pop("number")
            found[number - 1].append(row)
    return found
