"""What a server spends on an event besides its bytes is bounded."""

import asyncio

from awe.commands.log import EventLog, NewEvent
from support.conformance.harness import Ability, Harness
from support.conformance.suite import Suite, needs
from support.conformance.units import appended, everything, unit

TASKS = 2_000
EVENTS_PER_TASK = 3
OVERHEAD = 200
BODY = b'{"data":{"text":"' + b"x" * 350 + b'"}}'


class Memory(Suite):
    @needs(Ability.MEMORY)
    async def test_i07_an_event_costs_its_bytes_and_a_little(self, harness: Harness, log: EventLog) -> None:
        """I7: 2,000 tasks of 3 appends each take at most 200 bytes an event besides what was stored."""
        appended(await log.append(unit("t:first")))
        before = await harness.memory_used()
        for _ in range(EVENTS_PER_TASK):
            await asyncio.gather(
                *(
                    log.append(unit(NewEvent(f"t:task-{index:05}", "awe.task.claimed/1", BODY)))
                    for index in range(TASKS)
                )
            )
        spent = await harness.memory_used() - before
        events = (await everything(log))[1:]
        stored = sum(
            len(each.body) + len(each.type) + len(each.run) + len(each.aggregate) + len(each.append_id)
            for each in events
        )
        assert len(events) == TASKS * EVENTS_PER_TASK
        assert (spent - stored) / len(events) <= OVERHEAD
