"""Brings the Postgres schema `awe` to what this release knows; safe to call from every process at every start.

A migration is a numbered SQL file beside this module, applied in one transaction under an advisory lock and recorded
with its checksum. Applied files never change; a schema newer than this release is refused, never guessed at.
"""

import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from importlib.resources import files
from typing import Any, NamedTuple

from psycopg import AsyncConnection

from awe.projections.errors import SchemaRefused

OLDEST_SERVER = 15
_LOCK = int.from_bytes(b"awe.migr")

_BOOKKEEPING = """
CREATE SCHEMA IF NOT EXISTS awe;
CREATE TABLE IF NOT EXISTS awe.migration (
    number      integer PRIMARY KEY,
    name        text NOT NULL,
    checksum    text NOT NULL,
    applied_at  timestamptz NOT NULL DEFAULT now()
);
"""


class Migration(NamedTuple):
    number: int
    name: str
    text: str

    @property
    def checksum(self) -> str:
        return sha256(self.text.encode()).hexdigest()


def known_migrations() -> Sequence[Migration]:
    """Return the migrations of this release in their order."""
    found = (
        Migration(int(name[1]), name[0], file.read_text())
        for file in files("awe.projections.migrations").iterdir()
        if (name := re.fullmatch(r"(\d{4})_\w+\.sql", file.name))
    )
    return sorted(found)


async def migrate(connection: AsyncConnection[Any], migrations: Sequence[Migration] = ()) -> None:
    """Apply what is missing.

    Raises:
        SchemaRefused: nothing was changed beyond the migrations recorded.
    """
    if connection.info.server_version < OLDEST_SERVER * 10_000:
        found = connection.info.parameter_status("server_version")
        raise SchemaRefused(f"Postgres is {found}; AWE needs {OLDEST_SERVER} or later. Upgrade the server.")
    wanted = migrations or known_migrations()
    while await _apply_next(connection, wanted):
        pass


async def _apply_next(connection: AsyncConnection[Any], migrations: Sequence[Migration]) -> bool:
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        # psycopg sends a text without parameters as it is, so it may hold several statements.
        await connection.execute(_BOOKKEEPING)
        cursor = await connection.execute("SELECT number, checksum FROM awe.migration")
        applied: dict[int, str] = dict(await cursor.fetchall())
        _refuse_strangers(applied, migrations)
        missing = next((each for each in migrations if each.number not in applied), None)
        if missing is None:
            return False
        await connection.execute(missing.text.encode())
        await connection.execute(
            "INSERT INTO awe.migration (number, name, checksum) VALUES (%s, %s, %s)",
            (missing.number, missing.name, missing.checksum),
        )
        return True


def _refuse_strangers(applied: Mapping[int, str], migrations: Sequence[Migration]) -> None:
    newest = migrations[-1].number
    if max(applied, default=0) > newest:
        raise SchemaRefused(
            f"the schema in Postgres has migration {max(applied)}, this release knows {newest}: "
            "start a release at least as new as the one that migrated it"
        )
    for each in migrations:
        if applied.get(each.number, each.checksum) != each.checksum:
            raise SchemaRefused(
                f"migration {each.name} differs from the one applied to this database: "
                "restore the file of the release, and put changes into a new migration"
            )
