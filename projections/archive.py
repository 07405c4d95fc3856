"""The archive of a partition grows by contiguous batches, each in one statement, each from a base it was made for.

The row of the partition is the lock and the comparison at once: who believes in another epoch, head or chain value than
the row holds writes nothing. So a second archiver, or one that slept through a healing, does no harm.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection

from awe.projections import chain
from awe.projections.binary_arrays import BytesArray, TextArray
from awe.projections.errors import Fenced
from awe.projections.ports import Duties
from awe.projections.stored import StoredEntry

CHANNEL = "awe_archived"
"""Notified after each batch with ``<partition> <head>``. A missed one costs time only: who listens also polls."""


@dataclass(frozen=True, slots=True)
class Head:
    """Where a partition's archive stands: its epoch, its last position and the chain's value there."""

    epoch: int
    n: int
    chain: bytes


async def append(
    connection: AsyncConnection[Any],
    partition: str,
    base: Head,
    entries: Sequence[StoredEntry],
    duties: Duties,
) -> Head:
    """Archive the entries that follow ``base`` and return the new head.

    Raises:
        Fenced: the partition does not stand at ``base``; nothing was written.
    """
    digests = [chain.digest(kind, meta, body) for _, kind, meta, body in entries]
    head = Head(base.epoch, base.n + len(entries), chain.extend_all(base.chain, base.n + 1, digests))
    moved = await connection.execute(
        _APPEND,
        {
            "partition": partition,
            "epoch": base.epoch,
            "at": base.n,
            "at_chain": base.chain,
            "to": head.n,
            "to_chain": head.chain,
            "runs": TextArray([meta.partition(b"\t")[0] for _, _, meta, _ in entries]),
            "types": TextArray([kind for _, kind, _, _ in entries]),
            "metas": BytesArray([meta for _, _, meta, _ in entries]),
            "bodies": BytesArray([body for _, _, _, body in entries]),
            "digests": BytesArray(digests),
            **_texts(duties),
        },
    )
    if moved.rowcount != 1:
        raise Fenced(
            f"partition {partition} no longer stands at epoch {base.epoch}, position {base.n}: "
            "another archiver or a healing was faster; read its head again"
        )
    # On its own and after the commit: a notification inside would let the commits of all partitions queue up.
    await connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, f"{partition} {head.n}"))
    return head


def _texts(duties: Duties) -> dict[str, str]:
    """Return what changes of what the log owes, each set as one JSON text."""
    return {
        "claims": json.dumps([each for each in duties.claims.items() if each[1]]),
        "acked": json.dumps(list(duties.acked)),
        "sent": json.dumps([(*event, run) for event, run in duties.dispatched.items()]),
        "positions": json.dumps([(reactor, *at) for reactor, at in duties.positions.items()]),
    }


# One statement, and so one transaction and one round trip: each further one costs as much as a hundred events. Every part
# writes only where `moved` has its row. All see what earlier batches left, which nobody else changes while the row stands
# where it stood: so no message that this batch sends is among those that it acknowledges.
_APPEND = """
    WITH moved AS (
        UPDATE awe.partition SET head = %(to)s, chain = %(to_chain)s
        WHERE name = %(partition)s AND epoch = %(epoch)s AND head = %(at)s AND chain = %(at_chain)s
        RETURNING name, head, chain),
    events AS (
        INSERT INTO awe.event (partition, n, run, type, meta, body, digest)
        SELECT name, %(at)s + place, run, type, meta, body, digest
        FROM moved, unnest(%(runs)s, %(types)s, %(metas)s, %(bodies)s, %(digests)s)
            WITH ORDINALITY AS each(run, type, meta, body, digest, place)),
    acked AS (
        DELETE FROM awe.open_message AS known USING moved, json_array_elements(%(acked)s::json) AS each
        WHERE known.partition = moved.name AND known.n = (each->>0)::bigint AND known.append_id = each->>1),
    sent AS (
        INSERT INTO awe.open_message (partition, n, append_id, run)
        SELECT name, (each->>0)::bigint, each->>1, each->>2
        FROM moved, json_array_elements(%(sent)s::json) AS each),
    positions AS (
        INSERT INTO awe.reactor (partition, reactor, n, epoch)
        SELECT name, each->>0, (each->>1)::bigint, (each->>2)::bigint
        FROM moved, json_array_elements(%(positions)s::json) AS each
        ON CONFLICT (partition, reactor) DO UPDATE SET n = excluded.n, epoch = excluded.epoch),
    changed AS (
        SELECT name AS partition, each->>0 AS run, (each->>1)::integer AS change
        FROM moved, json_array_elements(%(claims)s::json) AS each),
    settled AS (
        DELETE FROM awe.open_run AS known USING changed
        WHERE known.partition = changed.partition AND known.run = changed.run
        AND known.claims + changed.change = 0),
    claimed AS (
        INSERT INTO awe.open_run AS known (partition, run, claims)
        SELECT partition, run, change FROM changed
        WHERE NOT EXISTS (
            SELECT FROM awe.open_run AS settled
            WHERE settled.partition = changed.partition AND settled.run = changed.run
            AND settled.claims + changed.change = 0)
        ON CONFLICT (partition, run) DO UPDATE SET claims = known.claims + excluded.claims)
    INSERT INTO awe.checkpoint (partition, n, chain) SELECT name, head, chain FROM moved
    """
