"""The SQL of a projection's table: every statement takes or gives a whole set of rows as one JSON text.

Names were checked when the projector was declared, so they stand in the statements as they are.
"""

import json
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any

from psycopg import AsyncConnection
from pydantic_core import to_json

from awe.projections.json_text import JsonText
from awe.projections.projector import Key, Projector, Row


def schema_of(name: str, number: int) -> str:
    """The schema in which the table of a projection's version stands."""
    return f"awe_{name}_v{number}"


def code_of(projector: Projector) -> str:
    """The projector's own version, and a digest of the table and the events: two that differ never share a table."""
    table = projector.table
    told = [list(table.columns.items()), table.key, table.indexes, sorted(map(str, _types(projector)))]
    return f"{projector.version}-{sha256(json.dumps(told).encode()).hexdigest()[:16]}"


def _types(projector: Projector) -> Iterable[str]:
    return (event.event_type for event in projector.events)


class Statements:
    """A version's statements."""

    def __init__(self, projector: Projector, number: int) -> None:
        """``number`` is that of the version whose table is meant."""
        table = projector.table
        self.schema = schema_of(projector.name, number)
        self.table = f"{self.schema}.{projector.name}"
        self._projector = projector
        self._columns = tuple(table.columns)
        key, columns = ", ".join(table.key), ", ".join(self._columns)
        typed = ", ".join(f"{name} {kind}" for name, kind in table.columns.items())
        of_key = ", ".join(f"{name} {table.columns[name]}" for name in table.key)
        others = [name for name in self._columns if name not in table.key]
        change = (
            "UPDATE SET " + ", ".join(f"{name} = excluded.{name}" for name in others) if others else "NOTHING"
        )
        self.create = f"""
            DROP SCHEMA IF EXISTS {self.schema} CASCADE;
            CREATE SCHEMA {self.schema};
            CREATE TABLE {self.table} (partition text NOT NULL, {typed}, PRIMARY KEY (partition, {key}))
                WITH (fillfactor = 70);
            """
        self.create_indexes = "".join(f"CREATE INDEX ON {self.table} {index};" for index in table.indexes)
        same = " AND ".join(f"{name} = wanted.{name}" for name in table.key)
        # OFFSET keeps the planner from joining in another order: a plan made while the table was small is kept.
        self._load = f"""
            SELECT known.* FROM json_to_recordset(%s::json) AS wanted ({of_key}) CROSS JOIN LATERAL
            (SELECT {columns} FROM {self.table} WHERE partition = %s AND {same} OFFSET 0) AS known
            """  # noqa: S608 (names are checked)
        self._write = f"""
            INSERT INTO {self.table} AS known (partition, {columns})
            SELECT %s, {columns} FROM json_to_recordset(%s::json) AS batch ({typed})
            ON CONFLICT (partition, {key}) DO {change}
            """  # noqa: S608 (likewise)

    async def load(
        self, connection: AsyncConnection[Any], partition: str, keys: Iterable[Key]
    ) -> dict[Key, Row]:
        """Return those of these rows that there are."""
        names = self._projector.table.key
        text = JsonText(to_json([dict(zip(names, key, strict=True)) for key in keys]))
        cursor = await connection.execute(self._load.encode(), (text, partition))
        rows: list[Row] = [dict(zip(self._columns, row, strict=True)) for row in await cursor.fetchall()]
        return {tuple(row[name] for name in names): row for row in rows}

    async def write(self, connection: AsyncConnection[Any], partition: str, rows: Sequence[Row]) -> int:
        """Insert or replace rows, and return how many bytes they took."""
        text = to_json([self._projector.stored(row) for row in rows], inf_nan_mode="null")
        if b"\\u0000" in text:
            text = text.replace(b"\\u0000", b"\\ufffd")  # Postgres holds no NUL
        await connection.execute(self._write.encode(), (partition, JsonText(text)))
        return len(text)
