"""Begins a run and leaves the work to others."""

from __future__ import annotations

from awe.api.bootstrap import event_store, partition_name
from awe.api.bootstrap.kit import Kit
from awe.api.cli import output
from awe.api.goals.preparing import Prepared
from awe.api.roles.openness import ensure_open
from awe.api.settings import Settings


async def submit_only(settings: Settings, _made: Kit, prepared: Prepared) -> str:
    """Return the id of the run. Embedded servers may have no other keeper, so this process is one meanwhile."""
    async with event_store(settings, keeper=settings.embedded) as store:
        for number in range(len(store.logs)):
            await ensure_open(store, partition_name(number))
        run = (await store.runs.submit(prepared.command)).run
    queue = prepared.command.queue
    by = (
        "'awe up'"
        if queue is None
        else f"'awe worker --queue {queue} --tools FILE', with the tools that it needs,"
    )
    output.note(f"run {run} is submitted; {by} works on it; see 'awe runs watch {run}'")
    return run
