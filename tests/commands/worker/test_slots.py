"""What a worker takes, what it leaves alone, and how it ends."""

import asyncio
from itertools import count

import pytest

from awe.adapters.memory.wire import GOOD, Fate
from awe.commands.leases import Held
from awe.commands.log import Appended, NewEvent, Outcome, Pressure, Unit
from awe.commands.tools import Call, Success
from awe.commands.worker.settings import WorkerSettings
from awe.commands.worker.standing import Standing
from awe.commands.worker.worker import Worker
from awe.domain.codec import UnknownEvent
from awe.domain.task.work import Work
from support.running import running
from support.task_events import claimed, ready, retry, seen_late
from support.workshop import PARTITION, RUN, Workshop

DONE = ["ready", "claimed", "operation_started", "operation_succeeded", "succeeded"]


class Gate:
    """A tool that answers once it may; counts who waits."""

    def __init__(self, shop: Workshop, tool: str = "read") -> None:
        self.open = asyncio.Event()
        self.inside = 0
        shop.tools.answers[tool] = self._answer

    async def _answer(self, _: Call) -> Success:
        self.inside += 1
        await self.open.wait()
        return Success(None)


async def test_i17_who_hands_over_waits_for_a_slot_and_only_then_reads_on(shop: Workshop) -> None:
    gate = Gate(shop)
    messages = [await shop.offer(Work((shop.request("read"),)), task=f"t{number}") for number in range(3)]
    worker = shop.worker(slots=2)

    async def story() -> None:
        for message in messages[:2]:
            await worker.accept("default", message.id, message.data)
        assert not worker.has_room
        third = asyncio.ensure_future(worker.accept("other-stream", messages[2].id, messages[2].data))
        await shop.passes(100)
        assert not third.done()
        assert gate.inside == 2
        gate.open.set()
        await third
        await shop.idle(worker)
        assert worker.has_room

    await shop.play(story())
    assert await shop.names("t2") == DONE


async def test_a_caller_that_gives_up_waiting_leaves_the_message_to_others(shop: Workshop) -> None:
    gate = Gate(shop)
    first = await shop.offer(Work((shop.request("read"),)))
    second = await shop.offer(Work((shop.request("read"),)), task="two")
    worker = shop.worker(slots=1)

    async def story() -> None:
        await worker.accept("default", first.id, first.data)
        waiting = asyncio.ensure_future(worker.accept("default", second.id, second.data))
        await shop.passes(1)
        waiting.cancel()
        await asyncio.wait({waiting})
        gate.open.set()
        await shop.idle(worker)
        await worker.accept("default", second.id, second.data)
        await shop.idle(worker)

    await shop.play(story())
    assert await shop.names("two") == DONE


@pytest.mark.parametrize("data", [b"no json", b"{}", b'{"n":1,"type":"awe.task.ready/1","event":{}}'])
async def test_a_message_that_is_no_offer_is_left_where_it_is(
    shop: Workshop, caplog: pytest.LogCaptureFixture, data: bytes
) -> None:
    worker = shop.worker()
    await worker.accept("default", "1-0", data)
    assert worker.at_work == 0
    assert "left where it is" in caplog.text


async def test_a_message_of_a_partition_that_is_not_served_is_left(
    shop: Workshop, caplog: pytest.LogCaptureFixture
) -> None:
    message = await shop.offer(Work((shop.request("read"),)))
    await shop.worker().accept(
        "default", message.id, message.data.replace(RUN.encode(), b"r-07" + RUN[4:].encode())
    )
    assert "partition 7" in caplog.text


async def test_i09_a_worker_that_meets_an_unknown_offer_gives_up(shop: Workshop) -> None:
    message = await shop.offer(Work((shop.request("read"),)))
    worker = shop.worker()

    async def story() -> None:
        working = asyncio.ensure_future(worker.run())
        await worker.accept(
            "default", message.id, message.data.replace(b"awe.task.ready/1", b"awe.task.ready/9")
        )
        with pytest.raises(UnknownEvent, match="upgrade"):
            await working
        await worker.accept("default", message.id, message.data)

    await shop.play(story())
    assert await shop.names() == ["ready"]
    assert shop.waiting == 1


async def test_i09_a_worker_that_meets_an_unknown_event_of_a_task_gives_up(shop: Workshop) -> None:
    await shop.append(ready(), claimed(), retry())
    message = await shop.offer(Work((shop.request("read"),)), attempt=2)
    last = (await shop.events())[-1]
    unit = Unit("newer", RUN, (NewEvent("t:one", "awe.task.praised/1", b'{"data":{}}'),))
    assert isinstance(await shop.log.append(unit), Appended)
    assert last.version == 4
    worker = shop.worker()

    async def story() -> None:
        working = asyncio.ensure_future(worker.run())
        await worker.accept("default", message.id, message.data)
        with pytest.raises(UnknownEvent):
            await working

    await shop.play(story())
    assert shop.waiting == 1


async def test_a_drain_lets_what_runs_end_and_takes_nothing_new(shop: Workshop) -> None:
    gate = Gate(shop)
    message = await shop.offer(Work((shop.request("read"),)))
    late = await shop.offer(Work((shop.request("read"),)), task="two")
    worker = shop.worker()

    async def story() -> None:
        await worker.accept("default", message.id, message.data)
        draining = asyncio.ensure_future(worker.drain(60))
        await shop.passes(10)
        await worker.accept("default", late.id, late.data)
        gate.open.set()
        await draining

    await shop.play(story())
    assert await shop.names() == DONE
    assert await shop.names("two") == ["ready"]


async def test_i14_what_does_not_end_in_time_is_stopped_and_its_lease_given_up(shop: Workshop) -> None:
    Gate(shop)
    message = await shop.offer(Work((shop.request("read"),)))
    worker = shop.worker()

    async def story() -> None:
        async with running(worker.run()):
            await worker.accept("default", message.id, message.data)
            await shop.passes(40)
            assert await shop.leases.ends([Held(RUN, "t:one", 1)])
            await worker.drain(5)
        assert not await shop.leases.ends([Held(RUN, "t:one", 1)])

    await shop.play(story())
    assert (await shop.names())[-1] == "operation_started"
    assert shop.waiting == 1
    assert worker.at_work == 0


async def test_i07_an_attempt_that_waits_for_memory_is_left_to_others_by_a_drain(shop: Workshop) -> None:
    shop.server.partition(PARTITION).pressure = 90
    message = await shop.offer(Work((shop.request("read"),)))
    worker = shop.worker()

    async def story() -> None:
        await worker.accept("default", message.id, message.data)
        await shop.passes(5)
        await worker.drain(60)

    began = shop.clock.monotonic()
    await shop.play(story())
    assert shop.clock.monotonic() - began < 20
    assert await shop.names() == ["ready"]


class Late:
    """The reply to one append comes late."""

    def __init__(self, turn: int) -> None:
        self.turn, self.turns = turn, count(1)

    def fate(self, operation: str) -> Fate:
        if operation == "append" and next(self.turns) == self.turn:
            return Fate(reply=0.5)
        return GOOD


@pytest.mark.parametrize(("turn", "requests"), [(1, ["once"]), (2, ["once", "read"])])
async def test_i08_a_claim_that_nobody_waits_for_is_handed_back(
    shop: Workshop, turn: int, requests: list[str]
) -> None:
    heard: list[Outcome] = []

    def orphaned(unit: Unit, outcome: Outcome) -> None:
        heard.append(outcome)
        worker.orphaned(unit, outcome)

    log = shop.log_with(Late(turn), orphaned=orphaned)
    worker = shop.worker(log=log)
    message = await shop.offer(Work(tuple(shop.request(name) for name in requests)))

    async def story() -> None:
        await worker.accept("default", message.id, message.data)
        await shop.passes(0.1)
        await worker.drain(0.1)

    await shop.play(story())
    assert heard
    assert (await shop.names())[-2:] == ["operation_failed", "retry_scheduled"]
    assert len(shop.tools.calls) == turn - 1
    assert shop.claims == 0
    assert shop.waiting == 0
    await log.aclose()


async def test_i08_a_report_that_nobody_waits_for_needs_no_hand_back(shop: Workshop) -> None:

    def orphaned(unit: Unit, outcome: Outcome) -> None:
        worker.orphaned(unit, outcome)

    log = shop.log_with(Late(2), orphaned=orphaned)
    worker: Worker = shop.worker(log=log)
    message = await shop.offer(Work((shop.request("read"),)))

    async def story() -> None:
        await worker.accept("default", message.id, message.data)
        await shop.passes(0.1)
        await worker.drain(0.1)
        await shop.passes(5)

    await shop.play(story())
    assert await shop.names() == DONE
    await log.aclose()


async def test_i08_a_claim_that_others_found_lost_meanwhile_is_theirs(shop: Workshop) -> None:
    worker = shop.worker()
    await shop.append(ready(), claimed(), retry())
    events = await shop.events()
    unit = Unit(events[1].append_id, RUN, (NewEvent("t:one", events[1].type, events[1].body),), claims=1)
    worker.orphaned(unit, Appended(1, 1, 1, 1))
    await shop.play(shop.idle(worker))
    assert await shop.names() == ["ready", "claimed", "retry_scheduled"]


async def test_i08_a_claim_without_an_intent_is_handed_back_too(shop: Workshop) -> None:
    worker = shop.worker()
    await shop.append(ready())
    await shop.append(claimed())
    event = (await shop.events())[-1]
    unit = Unit(event.append_id, RUN, (NewEvent("t:one", event.type, event.body),), claims=1)
    worker.orphaned(unit, Appended(1, 1, 1, 1))
    await shop.play(shop.idle(worker))
    assert (await shop.names())[-1] == "retry_scheduled"
    assert shop.claims == 0


async def test_i08_a_hand_back_that_fails_is_heard_of(
    shop: Workshop, caplog: pytest.LogCaptureFixture
) -> None:
    worker = shop.worker()
    await shop.append(ready(), claimed())
    event = (await shop.events())[-1]
    shop.server.halt(PARTITION)
    unit = Unit(event.append_id, RUN, (NewEvent("t:one", event.type, event.body),), claims=1)
    worker.orphaned(unit, Appended(1, 1, 1, 1))
    await shop.play(shop.idle(worker))
    assert "not handed back" in caplog.text


@pytest.mark.parametrize("wrong", [{"slots": 0}, {"lease_ms": 0}, {"skew_ms": -1}])
def test_settings_that_make_no_worker_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="at least one slot"):
        WorkerSettings(**wrong)


async def test_i08_a_hand_back_is_decided_again_when_others_write_and_waits_for_memory(
    shop: Workshop,
) -> None:
    worker = shop.worker()
    await shop.append(ready(), claimed())
    event = (await shop.events())[-1]
    told, turns = shop.log.append, count()

    async def append(unit: Unit) -> Outcome:
        turn = next(turns)
        if not turn:
            shop.log.append = told  # type: ignore[method-assign]  # what comes in between
            await shop.append(seen_late(attempt=1))
            shop.log.append = append  # type: ignore[method-assign]  # and again
        return Pressure(100) if turn == 1 else await told(unit)

    shop.log.append = append  # type: ignore[method-assign]  # another writer comes in between
    unit = Unit(event.append_id, RUN, (NewEvent("t:one", event.type, event.body),), claims=1)
    worker.orphaned(unit, Appended(1, 1, 1, 1))
    await shop.play(shop.idle(worker))
    assert (await shop.names())[-2:] == ["operation_observed_late", "retry_scheduled"]


async def test_i09_a_look_at_an_unknown_event_gives_up_too(shop: Workshop) -> None:
    message = await shop.offer(Work((shop.request("read"),)))
    await shop.log.append(Unit("newer", RUN, (NewEvent("t:one", "awe.task.praised/1", b'{"data":{}}'),)))
    worker = shop.worker()
    assert await worker.look("default", message.id, message.data) is Standing.HELD
    assert await worker.look("default", message.id, b"{}") is Standing.HELD
    with pytest.raises(UnknownEvent):
        await shop.play(worker.run())
