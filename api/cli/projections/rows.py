"""`awe projections rows`: what stands in a read model."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from awe.api.bootstrap.projections import projections
from awe.api.cli import output
from awe.api.cli.faults import carry_out
from awe.api.cli.output import StreamOption, StreamOutput
from awe.api.cli.projections.options import NameArgument
from awe.api.settings import Settings
from awe.projections.positions import READ_SCHEMA
from awe.projections.rebuild import effects
from awe.projections.rebuild.errors import ProjectionUnknown


def rows(
    name: NameArgument,
    *,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 50,
    form: StreamOption = StreamOutput.TABLE,
) -> None:
    """Print rows of the live version, in the order of their keys.

    For more than a look, ask Postgres: the views in its schema awe_read are there for it.
    """

    async def work(settings: Settings) -> tuple[list[str], list[tuple[Any, ...]]]:
        async with projections(settings) as opened, opened.connections.connection() as connection:
            if not any(each.live for each in await effects.known(connection, name)):
                raise ProjectionUnknown(f"there is no projection {name} that is read")
            order = ""
            if name in opened.projectors:
                order = "ORDER BY " + ", ".join(("partition", *opened.projectors[name].table.key))
            question = f"SELECT * FROM {READ_SCHEMA}.{name} {order} LIMIT %s"  # noqa: S608 (a name that there is)
            cursor = await connection.execute(question.encode(), (limit,))
            columns = [each.name for each in cursor.description or ()]
            return columns, list(await cursor.fetchall())

    columns, found = carry_out(work)
    documents = [dict(zip(columns, row, strict=True)) for row in found]
    if form is StreamOutput.JSON:
        output.document({"rows": documents})
    elif form is StreamOutput.NDJSON:
        for each in documents:
            output.line(each)
    else:
        told = [[_cell(value) for value in row] for row in found]
        output.data(output.table([name.upper() for name in columns], told))


def _cell(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False, default=str)
