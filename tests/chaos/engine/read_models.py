"""Holds the read models to the archived events they were made of: each to a fresh fold, and to a fresh rebuild."""

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from psycopg import AsyncConnection
from pydantic_core import to_json

from awe.adapters.postgres.connection import OwnedConnection
from awe.api.reading.entries import decoded
from awe.projections import positions
from awe.projections.folding import fold, wanted
from awe.projections.projector import Key, Projector, Row
from awe.projections.queries import standing
from awe.projections.read_models import BUILT_IN
from awe.projections.rebuild.builder import Builder
from awe.projections.rebuild.comparing import compare
from awe.projections.rebuild.pages import heads
from awe.projections.stored import StoredEntry

_TOLD: Final = 5
"""So many differing keys are named."""


async def behind(connection: AsyncConnection[Any]) -> list[str]:
    """What is archived and not yet in the tables of every version that is fed."""
    return [
        f"{each.name} {each.version} holds {at.partition} up to {at.n} of {at.head}"
        for each in await standing.versions(connection)
        if each.stopped is None
        for at in each.partitions
        if at.n < at.head
    ]


async def problems(url: str, archived: Mapping[str, Sequence[StoredEntry]]) -> list[str]:
    """Check every built-in read model of an installation where nothing happens any more (I27, I28).

    Args:
        url: of Postgres.
        archived: all entries of each partition, in order.
    """
    wrong: list[str] = []
    async with _connected(url, "check") as here, _connected(url, "reader") as reading:
        async with here.connection() as connection:
            known = await standing.versions(connection)
        live = {each.name: each.version for each in known if each.live}
        wrong += [f"{each.name} {each.version} was stopped: {each.stopped}" for each in known if each.stopped]
        wrong += [f"{each.name} {each.version} has {each.parked} parked" for each in known if each.parked]
        for projector in BUILT_IN:
            if projector.name not in live:
                wrong.append(f"{projector.name} has no live version")
                continue
            for partition, entries in archived.items():
                async with here.connection() as connection:
                    there = await _table(connection, projector, partition)
                wrong += _compared(projector, partition, entries, there)
            wrong += await _rebuilt(here, reading, projector, live[projector.name])
    return wrong


def _compared(
    projector: Projector, partition: str, entries: Sequence[StoredEntry], there: Mapping[Key, Row]
) -> list[str]:
    folded = fold(projector, wanted(projector, map(decoded, entries)), {}, {})
    place = f"{projector.name} of {partition}"
    wrong = [f"{place}: a fold parks {name}: {each.error}" for name, each in folded.parked.items()]
    expected = {key: _as_stored(projector, row) for key, row in folded.rows.items()}
    differing = [key for key in expected.keys() | there.keys() if expected.get(key) != there.get(key)]
    if differing:
        wrong.append(
            f"{place}: {len(differing)} of {len(expected)} rows are not what the events make of them, as "
            + "; ".join(
                _difference(key, expected.get(key), there.get(key)) for key in sorted(differing)[:_TOLD]
            )
        )
    return wrong


def _difference(key: Key, expected: Row | None, there: Row | None) -> str:
    named = "/".join(map(str, key))
    if expected is None or there is None:
        return f"{named} is {'too much' if expected is None else 'missing'}"
    columns = [name for name in expected if expected[name] != there[name]]
    return f"{named}: " + ", ".join(f"{name} {there[name]!r}, not {expected[name]!r}" for name in columns)


def _as_stored(projector: Projector, row: Row) -> Row:
    stored = projector.stored(row)
    written: Row = json.loads(to_json({name: stored[name] for name in projector.table.columns}))
    return written


async def _table(connection: AsyncConnection[Any], projector: Projector, partition: str) -> dict[Key, Row]:
    names = tuple(projector.table.columns)
    cursor = await connection.execute(
        f"SELECT {', '.join(names)} FROM {positions.READ_SCHEMA}.{projector.name} WHERE partition = %s".encode(),  # noqa: S608 (names are checked)
        (partition,),
    )
    rows: list[Row] = [dict(zip(names, row, strict=True)) for row in await cursor.fetchall()]
    return {tuple(row[name] for name in projector.table.key): row for row in rows}


async def _rebuilt(
    here: OwnedConnection, reading: OwnedConnection, projector: Projector, live: int
) -> list[str]:
    """Build a version beside the live one, and compare them in Postgres."""
    number = live + 1
    async with here.connection() as connection, connection.transaction():
        await positions.create(connection, projector, number, building=True)
        await connection.execute(
            """
            INSERT INTO awe.projection_position (name, version, partition)
            SELECT %s, %s, partition FROM unnest(%s::text[]) AS here (partition)
            """,
            (projector.name, number, list(await heads(connection))),
        )
    await Builder(here, reading, projector, number, decoded).run(lambda _: None)
    async with here.connection() as connection:
        compared = await compare(connection, projector, number, live)
    if compared is None:
        return [f"{projector.name} and its rebuild do not stand at the same positions"]
    return (
        [] if compared.equal else [f"{projector.name} is not what a rebuild makes of it: {compared.report}"]
    )


@asynccontextmanager
async def _connected(url: str, role: str) -> AsyncGenerator[OwnedConnection]:
    owned = OwnedConnection(url, role)
    try:
        yield owned
    finally:
        await owned.aclose()
