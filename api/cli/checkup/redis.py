"""Redis or Valkey, which holds the event log: what it would lose, and what it has room for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from awe.adapters.redis_streams.partition_facts import PartitionFacts, probe_partitions
from awe.adapters.servers.faults import Fault, ServerError
from awe.adapters.servers.redis_facts import RedisFacts
from awe.api.cli.checkup.check import Check, checks
from awe.api.cli.checkup.units import milliseconds, size

AREA: Final = "redis"
_DURABILITY: Final = {"aof_off", "fsync_weak", "settings_hidden"}
_MEMORY: Final = {"evicts", "memory_unlimited", "memory_high", "memory_limit_reached"}
_CLOCK: Final = {"clock_skew"}


def redis(facts: RedisFacts, source: str) -> Iterator[Check]:
    """`source` says why it is this server."""
    elsewhere = _DURABILITY | _MEMORY | _CLOCK
    yield from checks(
        AREA,
        "server",
        f"{facts.product} {facts.version}, {source}: {facts.url}, {facts.role}, answers in {milliseconds(facts.latency_ms)}",
        facts.faults,
        {fault.code for fault in facts.faults} - elsewhere,
    )
    if not facts.reachable:
        return
    yield from checks(
        AREA,
        "durability",
        f"appendonly {'yes' if facts.appendonly else 'no'}, appendfsync {facts.appendfsync}",
        facts.faults,
        _DURABILITY,
    )
    yield from checks(
        AREA,
        "memory",
        f"{facts.maxmemory_policy}, {size(facts.used_memory)} used of {size(facts.maxmemory) if facts.maxmemory else 'no limit'}",
        facts.faults,
        _MEMORY,
    )
    yield from checks(
        AREA, "clock", f"{milliseconds(facts.clock_skew_ms)} apart from this machine's", facts.faults, _CLOCK
    )


def partitions(url: str, facts: RedisFacts, expected: int | None, timeout_s: float) -> Iterator[Check]:
    """`expected` is the number of partitions that the settings name, if they do."""
    name = "partitions"
    try:
        found = probe_partitions(url, cluster=facts.mode == "cluster", timeout_s=timeout_s)
    except ServerError as error:
        yield Check.failed(AREA, name, error.fault)
        return
    faults = [fault for partition in found for fault in partition.faults]
    if expected is not None:
        faults.extend(
            _miscounted(partition, expected)
            for partition in found
            if partition.partitions not in {0, expected}
        )
    yield from checks(AREA, name, _told(found), faults, {fault.code for fault in faults})


def _told(found: tuple[PartitionFacts, ...]) -> str:
    if not found:
        return "none yet; they are made when the engine first starts"
    told = (f"{each.name} {each.state}, epoch {each.epoch}, position {each.last}" for each in found)
    return f"layout {found[0].layout}: {'; '.join(told)}"


def _miscounted(partition: PartitionFacts, expected: int) -> Fault:
    return Fault(
        "partitions_differ",
        f"Partition {partition.name} belongs to an installation of {partition.partitions} partitions, not {expected}.",
        f"Unset AWE_PARTITIONS, or set it to {partition.partitions}: the number is fixed when an installation is made.",
    )
