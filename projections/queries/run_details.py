"""What a run's page shows beside its tasks, for any number of runs in one statement."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import dict_row

from awe.projections.projector import Row
from awe.projections.queries.runs import RunKey
from awe.projections.queries.selecting import listed
from awe.projections.read_models.run_details import RunDetails


async def of_keys(
    connection: AsyncConnection[Any], columns: Collection[str], keys: Sequence[RunKey]
) -> Mapping[RunKey, Row]:
    """Return those of these runs that there are."""
    asked = listed({*columns, "run", "partition"}, RunDetails.table, "found")
    statement = f"""
        SELECT {asked} FROM unnest(%s::text[], %s::text[]) AS of (partition, run)
        JOIN awe_read.run_details AS found USING (partition, run)
        """  # noqa: S608 (names are checked)
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(statement.encode(), ([key[0] for key in keys], [key[1] for key in keys]))
        return {(row["partition"], row["run"]): row for row in await cursor.fetchall()}
