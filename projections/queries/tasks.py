"""The tasks of runs in the order in which they began: a page of each run, all in one statement."""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from psycopg import AsyncConnection
from psycopg.rows import dict_row

from awe.projections.projector import Row
from awe.projections.queries.selecting import listed
from awe.projections.read_models.tasks import Tasks


class TasksBehind(NamedTuple):
    """The tasks of a run that began behind a position of its partition; 0 for all."""

    partition: str
    run: str
    first_n: int = 0


async def pages(
    connection: AsyncConnection[Any], columns: Collection[str], asked: Sequence[TasksBehind], limit: int
) -> Sequence[Sequence[Row]]:
    """Return up to ``limit`` tasks for each of these; `task` and `first_n` are always among the columns."""
    told = listed({*columns, "task", "first_n"}, Tasks.table, "known")
    statement = f"""
        SELECT of.number, found.*
        FROM unnest(%s::text[], %s::text[], %s::bigint[]) WITH ORDINALITY AS of (partition, run, first_n, number)
        CROSS JOIN LATERAL (
            SELECT {told} FROM awe_read.tasks AS known
            WHERE known.partition = of.partition AND known.run = of.run AND known.first_n > of.first_n
            ORDER BY known.first_n LIMIT %s
        ) AS found
        ORDER BY of.number, found.first_n
        """  # noqa: S608 (names are checked)
    values = ([each[0] for each in asked], [each[1] for each in asked], [each[2] for each in asked], limit)
    found = [list[Row]() for _ in asked]
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(statement.encode(), values)
        for row in await cursor.fetchall():
            number: int = row.pop("number")
            found[number - 1].append(row)
    return found
