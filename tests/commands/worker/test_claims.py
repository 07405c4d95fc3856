"""Whoever is refused a claim looks at the log, and does what that says."""

import asyncio

import pytest

from awe.adapters.memory.wire import DUPLICATE, GOOD, LOST_REPLY, Fate
from awe.commands.log import LogUnavailable, Outcome, RunHistory, Unit
from awe.commands.tools import Call, Failure, Success
from awe.domain.events import Event
from awe.domain.failures import FailureClass
from awe.domain.task.events import TaskCancelled, TaskSucceeded
from awe.domain.task.work import Control, Work
from support.task_events import claimed, ready, retry, seen_late
from support.workshop import PARTITION, Workshop

WHOLE = ["ready", "claimed", "operation_started", "operation_succeeded", "succeeded"]


async def test_i14_a_task_that_another_worker_holds_is_left_with_its_message(shop: Workshop) -> None:
    message = await shop.offer(Work((shop.request("read"),)))
    await shop.append(claimed())
    await shop.handle(shop.worker(), message)
    assert await shop.names() == ["ready", "claimed"]
    assert shop.waiting == 1
    assert not shop.tools.calls


@pytest.mark.parametrize(
    "since", [(claimed(), TaskSucceeded(attempt=1)), (claimed(), retry()), (claimed(), retry(), ready(2))]
)
async def test_i14_a_message_of_an_attempt_that_is_over_is_acknowledged_and_nothing_else(
    shop: Workshop, since: tuple[Event, ...]
) -> None:
    message = await shop.offer(Work((shop.request("read"),)))
    await shop.append(*since)
    before = await shop.names()
    await shop.handle(shop.worker(), message)
    assert await shop.names() == before
    assert shop.waiting == 0


async def test_a_task_that_is_still_offered_at_another_version_is_claimed_there(shop: Workshop) -> None:
    message = await shop.offer(Work((shop.request("read"),)))
    await shop.append(seen_late(attempt=1))
    await shop.handle(shop.worker(), message)
    assert (await shop.names())[2:] == WHOLE[1:]


async def test_i02_an_offer_that_the_log_lost_is_left_alone(shop: Workshop) -> None:
    message = await shop.offer(Work((shop.request("read"),)))
    shop.server.crash(PARTITION, lost=1)
    shop.server.heal(PARTITION)
    await shop.handle(shop.worker(), message)
    assert await shop.names() == []
    again = await shop.offer(Work((shop.request("keyed"),)))
    await shop.handle(shop.worker(), message)
    assert await shop.names() == ["ready"]
    assert shop.waiting == 1
    await shop.handle(shop.worker(), again)
    assert await shop.names() == WHOLE


async def test_two_deliveries_to_one_worker_are_one_attempt(shop: Workshop) -> None:
    message = await shop.offer(Work((shop.request("read"),)))
    await shop.handle(shop.worker(), message, message)
    assert len(shop.tools.calls) == 1


async def test_two_workers_that_got_the_same_message_make_one_call(shop: Workshop) -> None:
    message = await shop.offer(Work((shop.request("once"),)))
    workers = [shop.worker("w-1"), shop.worker("w-2")]

    async def both() -> None:
        for worker in workers:
            await worker.accept("default", message.id, message.data)
        for worker in workers:
            await shop.idle(worker)

    await shop.play(both())
    assert len(shop.tools.calls) == 1
    assert await shop.names() == WHOLE


@pytest.mark.parametrize("state", ["succeeded", "failed", "cancelled"])
async def test_i11_nothing_begins_in_a_run_that_has_ended(shop: Workshop, state: str) -> None:
    message = await shop.offer(Work((shop.request("read"),)))
    await shop.restrict(state)
    await shop.handle(shop.worker(), message)
    assert await shop.names() == ["ready"]
    assert shop.waiting == 0


async def test_i11_a_task_of_a_run_that_is_cancelling_is_cancelled(shop: Workshop) -> None:
    message = await shop.offer(Work((shop.request("read"),)))
    await shop.restrict("cancelling")
    await shop.handle(shop.worker(), message)
    assert isinstance(await shop.last(), TaskCancelled)
    assert shop.waiting == 0
    assert shop.claims == 0
    assert not shop.tools.calls


async def test_i11_a_plan_that_was_revised_is_decided_from_once_more(shop: Workshop) -> None:
    message = await shop.offer(Work((shop.request("read"),)))
    await shop.restrict("running")
    await shop.handle(shop.worker(), message)
    assert await shop.names() == WHOLE


async def test_i11_the_work_carries_the_control_version_that_it_was_decided_from(shop: Workshop) -> None:
    append_id = await shop.restrict("running")
    work = Work((shop.request("read"),), control=Control(1, append_id))
    sent: list[str] = []

    class Watching:
        def fate(self, operation: str) -> Fate:
            sent.append(operation)
            return GOOD

    log = shop.log_with(Watching())
    await shop.handle(shop.worker(log=log), await shop.offer(work))
    assert sent == ["append", "append"]
    await log.aclose()


async def test_i11_a_cancel_stops_the_next_request_and_not_the_report_of_the_last(shop: Workshop) -> None:
    async def cancel(_: Call) -> Success:
        await shop.restrict("cancelling")
        return Success({"n": 2})

    shop.tools.answers["once"] = cancel
    message = await shop.offer(Work((shop.request("once"), shop.request("read"))))
    await shop.handle(shop.worker(), message)
    assert (await shop.names())[3:] == ["operation_succeeded", "cancelled"]
    assert (await shop.said())[3].output == {"n": 2}
    assert shop.waiting == 0
    assert shop.claims == 0
    assert len(shop.tools.calls) == 1


async def test_i11_a_revised_plan_lets_the_next_request_begin_after_a_report_of_its_own(
    shop: Workshop,
) -> None:
    async def revise(_: Call) -> Success:
        await shop.restrict("running")
        return Success(None)

    shop.tools.answers["once"] = revise
    await shop.handle(shop.worker(), await shop.offer(Work((shop.request("once"), shop.request("read")))))
    names = ["operation_succeeded", "operation_started", "operation_succeeded", "succeeded"]
    assert (await shop.names())[3:] == names


async def test_i11_a_run_that_ended_under_a_claim_still_gets_the_report(shop: Workshop) -> None:
    async def end(_: Call) -> Failure:
        await shop.restrict("failed")
        return Failure(FailureClass.TOOL_ERROR, "no")

    shop.tools.answers["read"] = end
    await shop.handle(shop.worker(), await shop.offer(Work((shop.request("read"),))))
    assert (await shop.names())[3:] == ["operation_failed", "dead_lettered"]


async def test_i07_a_claim_waits_while_memory_is_short_and_keeps_its_slot(shop: Workshop) -> None:
    partition = shop.server.partition(PARTITION)
    messages = [await shop.offer(Work((shop.request("read"),)), task=name) for name in ("one", "two")]
    partition.pressure = 85
    worker = shop.worker(slots=1)

    async def story() -> None:
        await worker.accept("default", messages[0].id, messages[0].data)
        second = asyncio.ensure_future(worker.accept("default", messages[1].id, messages[1].data))
        await shop.passes(60)
        assert not second.done()
        assert await shop.names() == ["ready"]
        partition.pressure = 0
        await second
        await shop.idle(worker)

    await shop.play(story())
    assert await shop.names() == WHOLE
    assert await shop.names("two") == WHOLE


async def test_i07_a_report_is_not_held_up_by_the_next_intent_that_must_wait(shop: Workshop) -> None:
    partition = shop.server.partition(PARTITION)

    async def fill(_: Call) -> Success:
        partition.pressure = 85
        return Success(None)

    shop.tools.answers["once"] = fill
    message = await shop.offer(Work((shop.request("once"), shop.request("read"))))
    worker = shop.worker()

    async def story() -> None:
        await worker.accept("default", message.id, message.data)
        await shop.passes(10)
        assert (await shop.names())[-1] == "operation_succeeded"
        partition.pressure = 0
        await shop.idle(worker)

    await shop.play(story())
    assert (await shop.names())[-1] == "succeeded"


async def test_i07_a_report_waits_when_not_a_byte_is_left(shop: Workshop) -> None:
    partition = shop.server.partition(PARTITION)

    async def fill(_: Call) -> Success:
        partition.full = True
        return Success(None)

    shop.tools.answers["read"] = fill
    message = await shop.offer(Work((shop.request("read"),)))
    worker = shop.worker()

    async def story() -> None:
        await worker.accept("default", message.id, message.data)
        await shop.passes(10)
        partition.full = False
        await shop.idle(worker)

    await shop.play(story())
    assert await shop.names() == WHOLE


@pytest.mark.parametrize("fate", [LOST_REPLY, DUPLICATE])
async def test_i08_a_lost_or_doubled_append_changes_nothing(shop: Workshop, fate: Fate) -> None:
    class Some:
        def __init__(self) -> None:
            self.turn = 0

        def fate(self, operation: str) -> Fate:
            self.turn += operation == "append"
            return fate if self.turn % 2 else GOOD

    log = shop.log_with(Some())
    message = await shop.offer(Work((shop.request("once"), shop.request("read"))))
    await shop.handle(shop.worker(log=log), message)
    assert (await shop.names())[-1] == "succeeded"
    assert len(shop.tools.calls) == 2
    assert shop.claims == 0
    await log.aclose()


async def test_a_log_that_cannot_be_read_now_is_asked_again(
    shop: Workshop, caplog: pytest.LogCaptureFixture
) -> None:
    await shop.append(ready(), claimed(), retry())
    message = await shop.offer(Work((shop.request("read"),)), attempt=2)
    read, failures = shop.log.history, [LogUnavailable("away"), LogUnavailable("still")]

    async def history(run: str, aggregate: str | None = None) -> RunHistory:
        if failures:
            raise failures.pop()
        return await read(run, aggregate)

    shop.log.history = history  # type: ignore[method-assign]  # as a server that is away answers
    await shop.handle(shop.worker(), message)
    assert (await shop.names())[-1] == "succeeded"
    assert "asked again" in caplog.text


async def test_i11_a_cancel_of_a_task_that_another_took_meanwhile_is_theirs(shop: Workshop) -> None:
    message = await shop.offer(Work((shop.request("read"),)))
    await shop.restrict("cancelling")
    told = shop.log.append

    async def append(unit: Unit) -> Outcome:
        if unit.events and "cancelled" in unit.events[0].type:
            shop.log.append = told  # type: ignore[method-assign]  # only once
            await shop.append(claimed())
        return await told(unit)

    shop.log.append = append  # type: ignore[method-assign]  # another writer comes in between
    await shop.handle(shop.worker(), message)
    assert await shop.names() == ["ready", "claimed"]
    assert shop.waiting == 1


async def test_i07_a_late_word_waits_when_not_a_byte_is_left(shop: Workshop) -> None:
    partition = shop.server.partition(PARTITION)

    async def fill(_: Call) -> Success:
        await shop.append(retry())
        partition.full = True
        return Success(None)

    shop.tools.answers["read"] = fill
    message = await shop.offer(Work((shop.request("read"),)))
    worker = shop.worker()

    async def story() -> None:
        await worker.accept("default", message.id, message.data)
        await shop.passes(10)
        partition.full = False
        await shop.idle(worker)

    await shop.play(story())
    assert (await shop.names())[-1] == "operation_observed_late"


async def test_a_halted_partition_refuses_a_claim_and_leaves_nothing_to_hand_back(shop: Workshop) -> None:
    message = await shop.offer(Work((shop.request("read"),)))
    worker = shop.worker()
    shop.server.halt(PARTITION)
    await shop.handle(worker, message)
    await shop.play(worker.drain(0))
    assert worker.at_work == 0
