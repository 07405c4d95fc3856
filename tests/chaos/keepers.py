"""A process that plays one part of the keeper, to be killed alone: ``python -m chaos.keepers healer|archiver``."""

import asyncio
import sys
from collections.abc import Sequence

from awe.adapters.postgres.connection import OwnedConnection
from awe.adapters.redis_streams.connection import connect
from awe.adapters.redis_streams.healing import Healer
from awe.adapters.redis_streams.hot_tier import RedisHotTier
from awe.adapters.redis_streams.watcher import Watcher
from awe.api.bootstrap import partition_name
from awe.api.settings import Settings
from awe.projections.archiver import Archiver
from chaos.processes import die_with_parent


async def main(role: str) -> None:
    settings = Settings.from_environment()
    assert settings.redis_url is not None
    assert settings.postgres_url is not None
    client = connect(settings.redis_url.get_secret_value())
    connections = OwnedConnection(settings.postgres_url.get_secret_value(), role)
    names: Sequence[str] = [partition_name(number) for number in range(settings.partition_count)]
    async with asyncio.TaskGroup() as group:
        if role == "healer":
            healer = Healer(client, connections, len(names))
            group.create_task(Watcher(client, connections, healer, names, every_s=0.1).run())
        else:
            for name in names:
                group.create_task(Archiver(RedisHotTier(client, name), connections, window_s=1.0).run())


if __name__ == "__main__":
    die_with_parent()
    asyncio.run(main(sys.argv[1]))
