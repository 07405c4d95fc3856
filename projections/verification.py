"""Recomputes a range of the archive from its stored bytes and compares it with the digests and the chain.

A finding names the first position that does not check. An erased body is taken by its digest.
"""

from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection

from awe.projections import chain
from awe.projections.archive_reader import PAGE, chain_at
from awe.projections.ports import Connections


@dataclass(frozen=True, slots=True)
class Verification:
    """Events checked, how many of them erased, the chain's value after the last, and what is wrong (empty: nothing)."""

    events: int
    erased: int
    chain: bytes
    finding: str = ""


async def verify(connections: Connections, partition: str, first: int, last: int) -> Verification:
    """Check archived events ``first .. last``; each page takes a connection of its own, so others get their turn."""
    async with connections.connection() as connection:
        value = await chain_at(connection, partition, first - 1)
    done = Verification(0, 0, value)
    while done.events < last - first + 1 and not done.finding:
        async with connections.connection() as connection:
            done = await _verify_page(connection, partition, first + done.events, last, done)
    return done


async def _verify_page(
    connection: AsyncConnection[Any], partition: str, first: int, last: int, before: Verification
) -> Verification:
    cursor = await connection.execute(
        """
        SELECT event.n, type, meta, body, digest, checkpoint.chain
        FROM awe.event LEFT JOIN awe.checkpoint USING (partition, n)
        WHERE partition = %s AND n BETWEEN %s AND %s ORDER BY n LIMIT %s
        """,
        (partition, first, last, PAGE),
        binary=True,
    )
    events, erased, value = before.events, before.erased, before.chain
    expected = first
    for n, type_name, meta, body, digest, checkpoint in await cursor.fetchall():
        if n != expected:
            break
        if body is not None and chain.digest(type_name.encode(), meta, body) != digest:
            return Verification(events, erased, value, f"event {n} differs from its digest: it was altered")
        value = chain.extend(value, n, digest)
        if checkpoint is not None and checkpoint != value:
            return Verification(events, erased, value, f"the chain breaks at the checkpoint after event {n}")
        events, erased, expected = events + 1, erased + (body is None), n + 1
    if expected == first or (expected <= last and expected < first + PAGE):
        return Verification(events, erased, value, f"event {expected} is missing")
    return Verification(events, erased, value)
