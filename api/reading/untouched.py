"""Whether nothing ever happened in a partition: neither tier has so much as opened it.

An epoch is begun in Postgres before anything may be appended, so one that both know nothing of is new, and not lost.
"""

from awe.adapters.redis_streams.connection import AsyncClient
from awe.adapters.redis_streams.keys import Keys
from awe.adapters.redis_streams.partition_look import look
from awe.adapters.redis_streams.steps import drive_async
from awe.commands.log import LogError
from awe.projections import epochs
from awe.projections.errors import ArchiveError
from awe.projections.ports import Connections


async def untouched(client: AsyncClient, reads: Connections, partition: str) -> bool:
    """Ask both tiers; False also where one of them cannot say."""
    try:
        hot = await drive_async(client, look(Keys(partition)))
        if hot.meta or hot.last:
            return False
        async with reads.connection() as connection:
            cursor = await connection.execute("SELECT to_regclass('awe.partition') IS NOT NULL")
            ((migrated,),) = await cursor.fetchall()
            return not migrated or await epochs.head(connection, partition) is None
    except (LogError, ArchiveError):
        return False
