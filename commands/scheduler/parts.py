"""What a scheduler is given by the composition root."""

import asyncio
from dataclasses import dataclass, field

from awe.commands.append_ids import AppendIds
from awe.commands.blobs import Blobs
from awe.commands.clock import Clock
from awe.commands.leases import RoleLease, TaskLeases
from awe.commands.log import EventLog
from awe.commands.off_loop import OffLoop
from awe.commands.queues import WorkQueues
from awe.commands.scheduler.limits import Limits
from awe.commands.snapshots import Snapshots
from awe.domain.codec import Codec
from awe.domain.expressions import Expressions
from awe.domain.vocabulary import CODEC


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The ports of one partition's scheduler.

    Attributes:
        log: the partition.
        holder: this process, unique for each start.
        role: the lease of the partition's scheduler.
        task_leases: what workers renewed.
        queues: what the watchdog compares with the log.
        snapshots: where a restart begins.
        blobs: plans, works and outputs that are too large for events.
        expressions: judges conditions.
        clock: durable times and waits.
        ids: append ids of this process.
        limits: bounds and intervals.
        off_loop: runs what blocks; a simulation runs it in place.
        codec: reads events.
    """

    log: EventLog
    holder: str
    role: RoleLease
    task_leases: TaskLeases
    queues: WorkQueues
    snapshots: Snapshots
    blobs: Blobs
    expressions: Expressions
    clock: Clock
    ids: AppendIds
    limits: Limits = field(default_factory=Limits)
    off_loop: OffLoop = asyncio.to_thread
    codec: Codec = CODEC
