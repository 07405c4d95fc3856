"""Heartbeats keep what is held for long; what is short never asks for one (I14)."""

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from awe.commands.leases import Held
from awe.commands.log import LogUnavailable
from awe.commands.tools import Call, Failure, Success
from awe.commands.worker.lease import Heartbeat
from awe.domain.failures import FailureClass
from awe.domain.task.work import Work
from support.running import running
from support.virtual_clock import VirtualClock
from support.workshop import RUN, Workshop

ONE = Held(RUN, "t:one", 1)


class Leases:
    """Remembers what was renewed, and fails when told to."""

    def __init__(self) -> None:
        self.calls: list[tuple[tuple[Held, ...], tuple[Held, ...]]] = []
        self.failures = 0

    async def renew(self, held: Sequence[Held], lease_ms: int, released: Sequence[Held] = ()) -> None:
        assert lease_ms == 30_000
        if self.failures:
            self.failures -= 1
            raise LogUnavailable("away")
        self.calls.append((tuple(held), tuple(released)))

    async def ends(self, held: Sequence[Held]) -> Mapping[Held, int]:
        return dict.fromkeys(held, 0)


async def test_i14_what_is_held_for_a_third_of_a_lease_is_renewed_in_one_call() -> None:
    clock, leases = VirtualClock(), Leases()
    heartbeat = Heartbeat(leases, clock, 30_000)
    others = [Held(RUN, f"t:t{number}", 1) for number in range(3)]

    async def story() -> None:
        async with running(heartbeat.run()):
            heartbeat.hold(ONE)
            await clock.sleep(5)
            for other in others:
                heartbeat.hold(other)
            await clock.sleep(6)
            assert leases.calls == [((ONE,), ())]
            heartbeat.release(others[0])
            await clock.sleep(10)
            assert leases.calls[1] == ((ONE, *others[1:]), ())
            heartbeat.release(ONE)
            await clock.sleep(10)
            assert leases.calls[2] == (tuple(others[1:]), (ONE,))
            await clock.sleep(10)
            assert leases.calls[3] == (tuple(others[1:]), ())

    await clock.until(story())


async def test_i14_a_heartbeat_that_fails_is_repeated_with_what_was_released(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock, leases = VirtualClock(), Leases()
    heartbeat = Heartbeat(leases, clock, 30_000)

    async def story() -> None:
        async with running(heartbeat.run()):
            heartbeat.hold(ONE)
            await clock.sleep(11)
            leases.failures = 1
            heartbeat.release(ONE)
            await clock.sleep(10)
            await clock.sleep(10)

    await clock.until(story())
    assert leases.calls == [((ONE,), ()), ((), (ONE,))]
    assert "away" in caplog.text


async def test_i14_a_task_that_works_for_long_keeps_its_lease_and_then_gives_it_up(shop: Workshop) -> None:
    go_on = asyncio.Event()

    async def work_long(_: Call) -> Success:
        await go_on.wait()
        return Success(None)

    shop.tools.answers["read"] = work_long
    message = await shop.offer(Work((shop.request("read"),)))
    worker = shop.worker()

    async def story() -> None:
        async with running(worker.run()):
            await worker.accept("default", message.id, message.data)
            for _ in range(5):
                await shop.passes(30)
                (end,) = (await shop.leases.ends([ONE])).values()
                assert end > shop.clock.now_ms()
            go_on.set()
            await shop.idle(worker)
            await shop.passes(11)
            assert not await shop.leases.ends([ONE])

    await shop.play(story())


async def test_i21_the_heartbeat_goes_on_while_a_failed_call_may_still_act(shop: Workshop) -> None:
    shop.tools.gives("once", Failure(FailureClass.TIMEOUT, "no answer"))
    message = await shop.offer(Work((shop.request("once"),)))
    worker = shop.worker(lease_ms=3_000)

    async def story() -> None:
        async with running(worker.run()):
            await worker.accept("default", message.id, message.data)
            await shop.passes(20)
            (end,) = (await shop.leases.ends([ONE])).values()
            assert end > shop.clock.now_ms()
            await shop.idle(worker)

    await shop.play(story())
    assert (await shop.names())[-1] == "outcome_unknown"
