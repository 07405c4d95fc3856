"""The table of `runs`, filled with the statements by which a projector writes it."""

import random
from collections.abc import Iterator
from itertools import islice
from typing import Final

from awe.adapters.postgres.connection import OwnedConnection
from awe.domain.identifiers import run_id_from
from awe.projections.folding import blank
from awe.projections.projector import Row
from awe.projections.read_models.runs import Runs
from awe.projections.tables import Statements

COMMON: Final = "report"
"""A word of every second goal."""
RARE: Final = "zeppelin"
"""A word of every thousandth goal."""
PLAYBOOK: Final = "playbook-7"
"""One of twenty, of every second run."""

_EVERY_RARE: Final = 1_000
_STATUSES: Final = (
    *(("succeeded",) * 90),
    *(("failed",) * 5),
    *(("running",) * 3),
    *(("cancelled",) * 2),
)
_WORDS: Final = [f"word{number}" for number in range(5_000)]
_FIRST_MS: Final = 1_700_000_000_000
_APART_MS: Final = 5_000
_BATCH: Final = 1_000


async def fill(connections: OwnedConnection, partition: str, count: int) -> None:
    """Add so many runs to the first version's table; then vacuum, as the server does of itself after a while."""
    statements, rows = Statements(Runs(), 1), _rows(count)
    async with connections.connection() as connection:
        while batch := list(islice(rows, _BATCH)):
            await statements.write(connection, partition, batch)
        await connection.execute(f"VACUUM (ANALYZE) {statements.table}".encode())


def _rows(count: int) -> Iterator[Row]:
    rng = random.Random(7)
    for number in range(count):
        run = run_id_from(rng.randbytes(17), 1)
        words = [_WORDS[int(len(_WORDS) * rng.random() ** 3)] for _ in range(12)]
        words += [COMMON] * (number % 2) + [RARE] * (number % _EVERY_RARE == 0)
        status = rng.choice(_STATUSES)
        submitted_ms = _FIRST_MS + number * _APART_MS
        ended_ms = None if status == "running" else submitted_ms + 60_000
        yield blank(Runs(), (run,)) | {
            "n": number * 50 + 1,
            "status": status,
            "tenant": "default",
            "actor": "ann",
            "goal": " ".join(words),
            "planner": "given",
            "playbook": f"playbook-{rng.randrange(20)}" if number % 2 else None,
            "plan_name": "a plan",
            "submitted_ms": submitted_ms,
            "ended_ms": ended_ms,
            "last_ms": ended_ms or submitted_ms,
            "tasks_begun": 8,
            "tasks_succeeded": 8,
            "tasks_dead": 0,
            "tasks_skipped": 0,
        }
