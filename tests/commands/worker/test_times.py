"""How long a call may take, and when it may be judged, counts from before its intent was sent (I21)."""

import pytest

from awe.adapters.memory.wire import GOOD, Fate
from awe.commands.tools import Call, Failure, Success
from awe.domain.failures import FailureClass
from awe.domain.task.work import Work
from support.workshop import PARTITION, Workshop


class SlowAppends:
    """The server takes that long to get the first appends."""

    def __init__(self, *seconds: float) -> None:
        self.seconds = list(seconds)

    def fate(self, operation: str) -> Fate:
        if operation == "append" and self.seconds:
            return Fate(arrivals=(self.seconds.pop(0),))
        return GOOD


async def test_i21_what_the_append_took_is_not_there_for_the_call(shop: Workshop) -> None:
    log = shop.log_with(SlowAppends(12.0), reply_timeout_s=60.0)
    message = await shop.offer(Work((shop.request("read"),)))
    began_ms = shop.clock.now_ms()
    await shop.handle(shop.worker(log=log), message)
    assert shop.tools.calls[0].limit_s == pytest.approx(18.0, abs=0.01)
    assert (await shop.said())[2].call_until_ms == began_ms + 30_000
    await log.aclose()


async def test_i21_a_call_whose_time_is_over_is_not_made(shop: Workshop) -> None:
    log = shop.log_with(SlowAppends(31.0), reply_timeout_s=60.0)
    await shop.handle(shop.worker(log=log), await shop.offer(Work((shop.request("once"),))))
    assert not shop.tools.calls
    failed, verdict = (await shop.said())[3:]
    assert failed.definite
    assert verdict.event_name == "awe.task.retry_scheduled"
    assert verdict.failure is FailureClass.TRANSPORT
    await log.aclose()


async def test_a_deadline_shortens_the_call_and_ends_a_task_that_has_no_time(shop: Workshop) -> None:
    deadline_ms = shop.clock.now_ms() + 5_000
    work = Work((shop.request("read"),), deadline_ms=deadline_ms)
    first, second = await shop.offer(work), await shop.offer(work, task="two")
    await shop.handle(shop.worker(), first)
    assert shop.tools.calls[0].limit_s == pytest.approx(5.0, abs=0.01)
    await shop.play(shop.clock.sleep(6))
    await shop.handle(shop.worker(), second)
    assert await shop.names("two") == ["ready", "claimed", "dead_lettered"]
    assert (await shop.last("two")).failure is FailureClass.DEADLINE_EXCEEDED
    assert shop.waiting == 0


async def test_a_deadline_that_passed_while_the_intent_was_sent_is_named(shop: Workshop) -> None:
    log = shop.log_with(SlowAppends(9.0), reply_timeout_s=60.0)
    work = Work((shop.request("read"),), deadline_ms=shop.clock.now_ms() + 5_000)
    await shop.handle(shop.worker(log=log), await shop.offer(work))
    assert (await shop.last()).failure is FailureClass.DEADLINE_EXCEEDED
    await log.aclose()


async def test_a_deadline_between_two_requests_keeps_the_first_result(shop: Workshop) -> None:
    async def take_long(_: Call) -> Success:
        await shop.passes(6)
        return Success(None)

    shop.tools.answers["read"] = take_long
    work = Work((shop.request("read"), shop.request("keyed")), deadline_ms=shop.clock.now_ms() + 5_000)
    await shop.handle(shop.worker(), await shop.offer(work))
    assert (await shop.names())[3:] == ["operation_succeeded", "dead_lettered"]
    assert shop.claims == 0


async def test_i21_a_call_that_must_not_be_repeated_is_judged_when_it_can_act_no_more(shop: Workshop) -> None:
    shop.tools.gives("once", Failure(FailureClass.TIMEOUT, "no answer"))
    message = await shop.offer(Work((shop.request("once"),)))
    worker = shop.worker(skew_ms=2_000)
    began_ms = shop.clock.now_ms()

    async def story() -> None:
        await worker.accept("default", message.id, message.data)
        await shop.passes(31)
        assert (await shop.names())[-1] == "operation_started"
        await shop.idle(worker)

    await shop.play(story())
    assert (await shop.names())[3:] == ["outcome_unknown"]
    assert (await shop.events())[-1].time_ms >= began_ms + 32_000
    assert shop.waiting == 0
    assert shop.claims == 0


async def test_i21_a_call_that_may_be_repeated_is_judged_at_once(shop: Workshop) -> None:
    shop.tools.gives("keyed", Failure(FailureClass.TRANSPORT, "gone"))
    began_ms = shop.clock.now_ms()
    await shop.handle(shop.worker(), await shop.offer(Work((shop.request("keyed"),))))
    assert (await shop.names())[3:] == ["operation_failed", "retry_scheduled"]
    assert (await shop.events())[-1].time_ms < began_ms + 1_000


async def test_an_attempt_waits_over_an_outage_and_reports(shop: Workshop) -> None:
    async def go_down(_: Call) -> Success:
        shop.server.crash(PARTITION)
        return Success(None)

    shop.tools.answers["once"] = go_down
    message = await shop.offer(Work((shop.request("once"),)))
    worker = shop.worker()

    async def story() -> None:
        await worker.accept("default", message.id, message.data)
        await shop.passes(90)
        shop.server.heal(PARTITION)
        await shop.idle(worker)

    await shop.play(story())
    assert (await shop.names())[-1] == "succeeded"
