"""The schedulers of this process: one a partition, of which another process' may be the active one."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final

from awe.adapters.clock import SystemClock
from awe.adapters.postgres.connection import OwnedConnection
from awe.adapters.postgres.snapshots import PostgresSnapshots
from awe.adapters.redis_streams.role_lease import RedisRoleLease
from awe.adapters.redis_streams.task_leases import RedisTaskLeases
from awe.adapters.redis_streams.work_queues import RedisWorkQueues
from awe.api.bootstrap.event_store import EventStore
from awe.api.bootstrap.means import Means
from awe.api.settings import Settings
from awe.commands.scheduler.limits import Limits
from awe.commands.scheduler.parts import Parts
from awe.commands.scheduler.scheduler import Scheduler

ROLE: Final = "scheduler"


@asynccontextmanager
async def schedulers(
    store: EventStore, means: Means, settings: Settings, *, holder: str
) -> AsyncGenerator[Sequence[Scheduler]]:
    """Build them; `holder` is this process, unique for each start."""
    connections = OwnedConnection(store.servers.postgres_url, ROLE)
    limits = replace(Limits(), skew_ms=settings.clock_skew_ms, task_lease_s=settings.lease_s)
    try:
        yield [
            Scheduler(
                Parts(
                    log=log,
                    holder=holder,
                    role=RedisRoleLease(store.client, name, ROLE),
                    task_leases=RedisTaskLeases(store.client, name),
                    queues=RedisWorkQueues(store.client, name, store.cold),
                    snapshots=PostgresSnapshots(connections, name, ROLE),
                    blobs=means.blobs,
                    expressions=means.expressions,
                    clock=SystemClock(),
                    ids=store.ids,
                    limits=limits,
                )
            )
            for name, log in store.logs.items()
        ]
    finally:
        await connections.aclose()
