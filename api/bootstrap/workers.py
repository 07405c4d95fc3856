"""The worker of this process, with its tools and the queues that it serves."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from awe.adapters.clock import SystemClock
from awe.adapters.redis_streams.connection import spreads
from awe.adapters.redis_streams.task_leases import RedisTaskLeases
from awe.adapters.tools.combined import CombinedTools
from awe.adapters.tools.runner import LocalTools
from awe.adapters.tools.workspaces import Workspaces
from awe.adapters.work_queue.application import DRAIN_S, WorkQueue
from awe.api.bootstrap.event_store import EventStore
from awe.api.bootstrap.kit import Kit
from awe.api.bootstrap.weak_intents import require_durable_intents
from awe.api.settings import Settings
from awe.commands.planning.tool import PlanningTools
from awe.commands.worker.settings import WorkerSettings
from awe.commands.worker.spans import Spans
from awe.commands.worker.worker import Worker


@dataclass(frozen=True, slots=True)
class Working:
    """`queue` hands messages to `worker`; both run at once."""

    worker: Worker
    queue: WorkQueue


@asynccontextmanager
async def working(
    store: EventStore,
    kit: Kit,
    settings: Settings,
    *,
    name: str,
    queues: tuple[str, ...] = (),
    drain_s: float = DRAIN_S,
) -> AsyncGenerator[Working]:
    """Build a worker of that name, unique among all; it serves the kit's queues and these.

    `drain_s` is the time that running attempts get when the queue is stopped.

    Raises:
        IntentsTooWeak: a tool needs more than the log promises.
    """
    contracts = [each.definition.contract for each in kit.registry.tools.values()]
    require_durable_intents(contracts, settings, cluster=spreads(store.client))
    numbered = {number: store.log(number) for number in range(len(store.logs))}
    workspaces = Workspaces(kit.folders.workspaces)
    async with LocalTools(kit.registry, kit.schemas, kit.blobs, workspaces, threads=settings.slots) as local:
        planning = PlanningTools(
            planners=kit.planners, tools=local, expressions=kit.expressions, schemas=kit.schemas
        )
        worker = Worker(
            name=name,
            logs=numbered,
            task_leases={
                number: RedisTaskLeases(store.client, log.partition) for number, log in numbered.items()
            },
            tools=CombinedTools([local, planning]),
            blobs=kit.blobs,
            expressions=kit.expressions,
            schemas=kit.schemas,
            clock=SystemClock(),
            ids=store.ids,
            settings=WorkerSettings(
                slots=settings.slots,
                lease_ms=round(settings.lease_s * 1000),
                skew_ms=settings.clock_skew_ms,
            ),
            spans=_spans(settings),
        )
        yield Working(
            worker,
            WorkQueue(
                store.servers.redis_url,
                partitions=tuple(store.logs),
                queues=tuple(dict.fromkeys((*kit.queues, *queues))),
                worker=worker,
                consumer=name,
                drain_s=drain_s,
            ),
        )


def _spans(settings: Settings) -> Spans | None:
    if settings.otel == "off":
        return None
    from awe.adapters.telemetry.spans import TracedSpans  # noqa: PLC0415 (dear to import, and rarely wanted)

    return TracedSpans()
