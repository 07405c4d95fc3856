"""What each partition says of itself, read and never changed: for people who ask whether all is well."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from awe.adapters.redis_streams.connection import UNREACHABLE, AsyncClient, RedisError, connect
from awe.adapters.redis_streams.keys import LAYOUTS_READ, Keys
from awe.adapters.servers.faults import Fault, ServerError

PARTITIONS_MOST = 100
"""A run's id names its partition with two digits."""

_FIELDS = ("layout", "state", "epoch", "n", "archived", "partitions", "report")


@dataclass(frozen=True, slots=True)
class PartitionFacts:
    """`last` and `archived` are positions; `partitions` is how many the installation was created with.

    `report` is what the healer found when it halted the partition, empty where it did not.
    """

    name: str
    layout: int
    state: str
    epoch: int
    last: int
    archived: int
    partitions: int
    report: str = ""

    @property
    def faults(self) -> tuple[Fault, ...]:
        found: list[Fault] = []
        if self.layout not in LAYOUTS_READ:
            readable = " and ".join(map(str, LAYOUTS_READ))
            found.append(
                Fault(
                    "layout_unknown",
                    f"Partition {self.name} has layout {self.layout}; this release reads {readable}.",
                    "Use the release of awe that wrote it, or a later one.",
                )
            )
        if self.state == "halted":
            found.append(
                Fault(
                    "partition_halted",
                    f"Partition {self.name} is halted: {self.report or 'a write failed half way.'}",
                    "Decide what the log shall be; the engine does not go on without."
                    if self.report
                    else "Start the engine, whose healer repairs it or says why it cannot.",
                )
            )
        elif self.state != "open":
            found.append(
                Fault(
                    "partition_closed",
                    f"Partition {self.name} is {self.state}: its server was started anew and is not healed yet.",
                    "Start the engine; it heals and opens the partition.",
                    severity="warning",
                )
            )
        return tuple(found)


def probe_partitions(
    url: str, *, cluster: bool = False, timeout_s: float = 5.0
) -> tuple[PartitionFacts, ...]:
    """The engine's partitions on this server, by name.

    Raises:
        ServerError: the server is away, or refuses.
    """
    return asyncio.run(_probe(url, cluster=cluster, timeout_s=timeout_s))


async def _probe(url: str, *, cluster: bool, timeout_s: float) -> tuple[PartitionFacts, ...]:
    client = connect(url, cluster=cluster, timeout_s=timeout_s)
    try:
        return await _read(client)
    except (*UNREACHABLE, RedisError) as error:
        raise ServerError.of(
            "partitions_unreadable",
            f"The partitions cannot be read: {type(error).__name__}.",
            "See what is said of the server, and whether its user may run HMGET.",
        ) from error
    finally:
        await client.aclose()


async def _read(client: AsyncClient) -> tuple[PartitionFacts, ...]:
    names = [f"awe.{number:02}" for number in range(PARTITIONS_MOST)]
    pipe = client.pipeline(transaction=False)
    for name in names:
        pipe.execute_command("HMGET", Keys(name).meta, *_FIELDS)
    replies = await pipe.execute()
    return tuple(_facts(name, reply) for name, reply in zip(names, replies, strict=True) if any(reply))


def _facts(name: str, reply: Sequence[bytes | None]) -> PartitionFacts:
    layout, state, epoch, last, archived, partitions, report = (
        value.decode(errors="replace") if value is not None else "" for value in reply
    )
    return PartitionFacts(
        name=name,
        layout=_number(layout),
        state=state or "not opened yet",
        epoch=_number(epoch),
        last=_number(last),
        archived=_number(archived),
        partitions=_number(partitions),
        report=report,
    )


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0
