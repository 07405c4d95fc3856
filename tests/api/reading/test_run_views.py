"""A watched run is seen as it is, then whenever something happens to it, until it has ended; a loss is seen too."""

import json
from collections.abc import AsyncGenerator

import pytest

from awe.adapters.memory.blobs import MemoryBlobs
from awe.adapters.memory.log import MemoryEventLog
from awe.api.reading.documents import run_document
from awe.api.reading.entries import event_document
from awe.api.reading.run_views import load, watch
from awe.commands.log import NEW_RUN, NewEvent, Unit
from awe.domain.events import Context, Event, encode
from awe.domain.identifiers import RUN_AGGREGATE
from awe.domain.run.events import PlanProposed, RunCancelled, RunSucceeded
from awe.domain.run.state import RunStatus
from support.memory_harness import MemoryHarness
from support.run_entries import RUN, goal

OTHER = RUN[:-1] + "1"


@pytest.fixture
async def harness() -> AsyncGenerator[MemoryHarness]:
    async with MemoryHarness.opened() as opened:
        yield opened


async def append(log: MemoryEventLog, name: str, event: Event, run: str = RUN) -> None:
    context = Context(actor="ana")
    new = NewEvent(RUN_AGGREGATE, event.event_type, encode(event, context))
    await log.append(Unit(name, run, (new,), absent_at=NEW_RUN))


async def test_now_and_from_now_on_without_what_happens_to_others(harness: MemoryHarness) -> None:
    log = await harness.log()
    await append(log, "a1", goal())
    watched = watch(log, RUN)
    first = await anext(watched)
    assert (first.anew, first.view.status, len(first.new)) == (True, RunStatus.PLANNING, 1)
    await append(log, "a2", goal(), OTHER)
    await append(log, "a3", RunCancelled())
    second = await anext(watched)
    assert (second.anew, second.view.status, second.view.n) == (False, RunStatus.CANCELLED, 3)
    assert await anext(watched, None) is None


async def test_a_run_that_has_ended_is_seen_once(harness: MemoryHarness) -> None:
    log = await harness.log()
    await append(log, "a1", goal())
    await append(log, "a2", RunCancelled())
    assert [seen.view.status async for seen in watch(log, RUN)] == [RunStatus.CANCELLED]


async def test_i16_after_a_loss_the_view_is_another_one(harness: MemoryHarness) -> None:
    log = await harness.log()
    await append(log, "a1", goal())
    await append(log, "a2", PlanProposed(number=1, digest="d" * 64))
    watched = watch(log, RUN)
    before = (await anext(watched)).view
    await harness.lose_tail(1)
    await append(log, "a3", RunCancelled())
    after = await anext(watched)
    assert (after.anew, after.view.status, after.view.events) == (True, RunStatus.CANCELLED, 2)
    assert before.events == 2
    await watched.aclose()


async def test_plan_and_outputs_are_fetched_where_they_lie_in_blobs(harness: MemoryHarness) -> None:
    blobs, log = MemoryBlobs(), await harness.log()
    plan = {"name": "notes", "tasks": [{"id": "a", "tool_requests": [{"tool": "t"}]}]}
    await append(log, "a1", goal())
    await append(log, "a2", PlanProposed(number=1, digest=await blobs.put(json.dumps(plan).encode())))
    await append(log, "a3", RunSucceeded(outputs_blob=await blobs.put(b'{"x": 1}')))
    view = await load(log, RUN, blobs)
    assert view.plan is not None
    assert (view.plan.name, view.outputs) == ("notes", {"x": 1})
    assert run_document(view)["plan"]["tasks"] == 1
    without = await load(log, RUN, MemoryBlobs())
    assert (without.plan, without.outputs) == (None, None)


async def test_i09_an_event_of_a_newer_release_is_shown_as_it_was_written(harness: MemoryHarness) -> None:
    log = await harness.log()
    new = NewEvent(RUN_AGGREGATE, "awe.run.dreamt/1", b'{"data":{"of":"sheep"},"actor":"bo"}')
    await log.append(Unit("a1", RUN, (new,), absent_at=NEW_RUN))
    (event,) = (await log.history(RUN)).events
    assert event_document(event) | {"time": ""} == {
        "n": 1,
        "id": "a1.0",
        "time": "",
        "run": RUN,
        "aggregate": "run",
        "version": 1,
        "type": "awe.run.dreamt/1",
        "actor": "bo",
        "data": {"of": "sheep"},
    }
    assert (await load(log, RUN)).unknown_events == 1
