"""Postgres, which holds the archive and what is read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from awe.adapters.servers.postgres_facts import PostgresFacts
from awe.api.cli.checkup.check import Check, checks
from awe.api.cli.checkup.units import milliseconds

AREA: Final = "postgres"
_DURABILITY: Final = {"fsync_off", "pages_torn", "commit_not_durable"}
_CONNECTIONS: Final = {"connections_exhausted"}
_CLOCK: Final = {"clock_skew"}


def postgres(facts: PostgresFacts, source: str) -> Iterator[Check]:
    """`source` says why it is this server."""
    elsewhere = _DURABILITY | _CONNECTIONS | _CLOCK
    yield from checks(
        AREA,
        "server",
        f"postgres {facts.version}, {source}: {facts.url}, answers in {milliseconds(facts.latency_ms)}",
        facts.faults,
        {fault.code for fault in facts.faults} - elsewhere,
    )
    if not facts.reachable:
        return
    yield from checks(
        AREA,
        "durability",
        f"fsync {_switch(facts.fsync)}, full_page_writes {_switch(facts.full_page_writes)}, "
        f"synchronous_commit {facts.synchronous_commit}",
        facts.faults,
        _DURABILITY,
    )
    yield from checks(
        AREA,
        "connections",
        f"{facts.connections} of {facts.max_connections} in use",
        facts.faults,
        _CONNECTIONS,
    )
    yield from checks(
        AREA, "clock", f"{milliseconds(facts.clock_skew_ms)} apart from this machine's", facts.faults, _CLOCK
    )


def _switch(value: bool | None) -> str:  # noqa: FBT001 - it is what is told, not how
    return {True: "on", False: "off", None: "unknown"}[value]
