"""The GraphQL door on fresh servers, in this process, and its garbage collected at the pace of `awe serve`."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from awe.api.roles.collecting import collected_seldom
from benchmarks.servers import archive_server, hot_server
from benchmarks.settings import Settings
from support.graphql_door import PARTITION, Door, door


@asynccontextmanager
async def fresh_door(settings: Settings) -> AsyncGenerator[Door]:
    with (
        hot_server(settings) as hot,
        archive_server(settings) as cold,
        TemporaryDirectory(prefix="awe-bench-") as home,
    ):
        async with door(hot.url, cold.url, Path(home)) as room:
            with collected_seldom():
                yield room


async def one_row(room: Door, run: str) -> None:
    """The floor of what is read: a run's row by its primary key."""
    async with room.tiers.connections.connection() as connection:
        cursor = await connection.execute(
            "SELECT * FROM awe_read.runs WHERE partition = %s AND run = %s", (PARTITION, run), prepare=True
        )
        if len(await cursor.fetchall()) != 1:
            raise RuntimeError("the run is not there")
