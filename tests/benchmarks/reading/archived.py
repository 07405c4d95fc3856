"""A long log in the archive, written the way the archiver writes it."""

import random
from typing import Final

from awe.adapters.postgres.connection import OwnedConnection
from awe.domain.identifiers import run_id_from
from awe.projections import archive, epochs
from awe.projections.ports import Duties
from awe.projections.stored import StoredEntry
from benchmarks.reading.story import entries

PARTITION: Final = "awe.00"
_TASKS: Final = 100
_BATCH: Final = 5_000


async def archived(connections: OwnedConnection, count: int) -> int:
    """Let the archive grow by whole runs of a hundred tasks to at least so many events; return how many it has."""
    async with connections.connection() as connection:
        head = await epochs.head(connection, PARTITION) or await epochs.begin(connection, PARTITION, 0)
        rng, batch = random.Random(head.n), list[StoredEntry]()
        while head.n < count:
            tasks = min(_TASKS, max(1, count - head.n - len(batch)))
            batch += entries(run_id_from(rng.randbytes(17), 1), head.n + len(batch) + 1, tasks)
            if len(batch) >= _BATCH or head.n + len(batch) >= count:
                head = await archive.append(connection, PARTITION, head, batch, Duties())
                batch.clear()
        return head.n
