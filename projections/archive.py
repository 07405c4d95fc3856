"""The archive of a partition grows by contiguous batches, each in one transaction, each from a base it was made for.

The row of the partition is the lock and the comparison in one statement: who believes in another epoch, head or chain
value than the row holds writes nothing. So a second archiver, or one that slept through a healing, does no harm.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from struct import Struct
from typing import Any

from psycopg import AsyncConnection

from awe.projections import chain
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
    framed = [chain.framed(kind, meta, body) for _, kind, meta, body in entries]
    digests = [sha256(each).digest() for each in framed]
    head = Head(base.epoch, base.n + len(entries), chain.extend_all(base.chain, base.n + 1, digests))
    rows = _rows(partition.encode(), entries, framed, digests)
    async with connection.transaction():
        await _move(connection, partition, base, head)
        async with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
            await copy.write(rows)
        await _keep_duties(connection, partition, duties)
    # On its own and after the commit: a notification inside would let the commits of all partitions queue up.
    await connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, f"{partition} {head.n}"))
    return head


async def _move(connection: AsyncConnection[Any], partition: str, base: Head, head: Head) -> None:
    moved = await connection.execute(
        """
        WITH moved AS (
            UPDATE awe.partition SET head = %(to)s, chain = %(to_chain)s
            WHERE name = %(partition)s AND epoch = %(epoch)s AND head = %(at)s AND chain = %(at_chain)s
            RETURNING name, head, chain)
        INSERT INTO awe.checkpoint (partition, n, chain) SELECT name, head, chain FROM moved
        """,
        {
            "partition": partition,
            "epoch": base.epoch,
            "at": base.n,
            "at_chain": base.chain,
            "to": head.n,
            "to_chain": head.chain,
        },
    )
    if moved.rowcount != 1:
        raise Fenced(
            f"partition {partition} no longer stands at epoch {base.epoch}, position {base.n}: "
            "another archiver or a healing was faster; read its head again"
        )


_COPY = "COPY awe.event (partition, n, run, type, meta, body, digest) FROM STDIN (FORMAT BINARY)"
_SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_length = Struct(">i").pack
_position = Struct(">iq").pack


def _rows(
    partition: bytes, entries: Sequence[StoredEntry], framed: Sequence[bytes], digests: Sequence[bytes]
) -> bytes:
    """Return the rows as one buffer of binary COPY: a driver that adapts each value costs several times more.

    COPY puts a length before each field as the chain does, so type, meta and body are the framed bytes.
    """
    begin = Struct(">hi").pack(7, len(partition)) + partition
    digest_length = _length(32)
    parts = [_SIGNATURE]
    for entry, fields, digest in zip(entries, framed, digests, strict=True):
        run = entry[2].partition(b"\t")[0]
        parts += (begin, _position(8, entry[0]), _length(len(run)), run, fields, digest_length, digest)
    parts.append(_TRAILER)
    return b"".join(parts)


async def _keep_duties(connection: AsyncConnection[Any], partition: str, duties: Duties) -> None:
    claims = [{"run": run, "change": change} for run, change in duties.claims.items() if change]
    if claims:
        await connection.execute(_CLAIMS, (json.dumps(claims), partition, partition))
    if duties.acked:  # first, since they are acknowledgements of what earlier batches sent
        acked = [{"n": n, "append_id": append_id} for n, append_id in duties.acked]
        await connection.execute(_ACKED, (json.dumps(acked), partition))
    if duties.dispatched:
        messages = [
            {"n": n, "append_id": append_id, "run": run} for (n, append_id), run in duties.dispatched.items()
        ]
        await connection.execute(_DISPATCHED, (partition, json.dumps(messages)))
    if duties.positions:
        positions = [
            {"reactor": reactor, "n": n, "epoch": at} for reactor, (n, at) in duties.positions.items()
        ]
        await connection.execute(_POSITIONS, (partition, json.dumps(positions)))


# Sets go as one JSON text: psycopg dumps arrays of text one by one, in Python.
_CLAIMS = """
    MERGE INTO awe.open_run AS known
    USING json_to_recordset(%s::json) AS batch(run text, change integer)
    ON known.partition = %s AND known.run = batch.run
    WHEN MATCHED AND known.claims + batch.change = 0 THEN DELETE
    WHEN MATCHED THEN UPDATE SET claims = known.claims + batch.change
    WHEN NOT MATCHED THEN INSERT (partition, run, claims) VALUES (%s, batch.run, batch.change)
    """
_ACKED = """
    DELETE FROM awe.open_message AS known
    USING json_to_recordset(%s::json) AS batch(n bigint, append_id text)
    WHERE known.partition = %s AND known.n = batch.n AND known.append_id = batch.append_id
    """
_DISPATCHED = """
    INSERT INTO awe.open_message (partition, n, append_id, run)
    SELECT %s, batch.n, batch.append_id, batch.run
    FROM json_to_recordset(%s::json) AS batch(n bigint, append_id text, run text)
    """
_POSITIONS = """
    INSERT INTO awe.reactor (partition, reactor, n, epoch)
    SELECT %s, batch.reactor, batch.n, batch.epoch
    FROM json_to_recordset(%s::json) AS batch(reactor text, n bigint, epoch bigint)
    ON CONFLICT (partition, reactor) DO UPDATE SET n = excluded.n, epoch = excluded.epoch
    """
