"""A worker whose claim was taken away says what it saw, once, and changes nothing that was finished (I21)."""

from awe.commands.log import Outcome, Unit
from awe.commands.tools import Call, Failure, Success
from awe.domain.events import Event
from awe.domain.failures import FailureClass
from awe.domain.task.events import OperationObservedLate, TaskSucceeded
from awe.domain.task.work import Work
from support.task_events import claimed, ready, retry, seen_late, unknown
from support.workshop import PARTITION, Workshop


def taken_away(shop: Workshop, outcome: Success | Failure, *since: Event, tool: str = "once") -> None:
    """While the call runs, others write to the task."""

    async def answer(_: Call) -> Success | Failure:
        await shop.append(*since)
        return outcome

    shop.tools.answers[tool] = answer


async def test_i21_a_fenced_success_is_observed_late_and_acknowledges_its_own_message(shop: Workshop) -> None:
    taken_away(shop, Success({"n": 9}), unknown())
    await shop.handle(shop.worker(), await shop.offer(Work((shop.request("once"),))))
    last = await shop.last()
    assert isinstance(last, OperationObservedLate)
    assert last.output == {"n": 9}
    key = shop.tools.calls[0].operation.idempotency_key
    assert (await shop.events())[-1].append_id == f"{key}.late.1"
    assert last.failure is None
    assert shop.waiting == 0


async def test_i21_a_fenced_failure_tells_whether_it_settles_anything(shop: Workshop) -> None:
    taken_away(shop, Failure(FailureClass.TIMEOUT, "late"), retry(), ready(2), claimed(2), tool="keyed")
    await shop.handle(shop.worker(), await shop.offer(Work((shop.request("keyed"),))))
    last = await shop.last()
    assert isinstance(last, OperationObservedLate)
    assert last.failure is FailureClass.TIMEOUT
    assert not last.definite


async def test_i21_the_same_observation_is_recorded_once(shop: Workshop) -> None:
    taken_away(shop, Success({"n": 9}), unknown(), seen_late({"n": 9}))
    await shop.handle(shop.worker(), await shop.offer(Work((shop.request("once"),))))
    assert (await shop.names()).count("operation_observed_late") == 1
    assert shop.waiting == 0


async def test_i21_a_finished_result_stays(shop: Workshop) -> None:
    taken_away(shop, Success({"n": 9}), retry(), ready(2), claimed(2), TaskSucceeded(attempt=2, output=1))
    await shop.handle(shop.worker(), await shop.offer(Work((shop.request("once"),))))
    assert (await shop.names())[-2:] == ["succeeded", "operation_observed_late"]


async def test_i14_a_late_word_of_an_earlier_attempt_takes_no_claim_away(shop: Workshop) -> None:
    await shop.append(ready(), claimed())
    taken_away(shop, Success(None), seen_late(attempt=1, index=3))
    await shop.append(retry())
    message = await shop.offer(Work((shop.request("once"),)), attempt=2)
    await shop.handle(shop.worker(), message)
    assert (await shop.names())[-3:] == ["operation_observed_late", "operation_succeeded", "succeeded"]
    assert shop.waiting == 0


async def test_i02_a_claim_that_the_log_lost_is_reported_nowhere(shop: Workshop) -> None:
    async def lose(_: Call) -> Success:
        shop.server.crash(PARTITION, lost=2)
        shop.server.heal(PARTITION)
        return Success(None)

    shop.tools.answers["once"] = lose
    await shop.handle(shop.worker(), await shop.offer(Work((shop.request("once"),))))
    assert await shop.names() == ["ready"]
    assert shop.waiting == 1


async def test_i02_the_same_attempt_in_other_hands_after_a_loss_is_not_ours(shop: Workshop) -> None:
    async def lose(_: Call) -> Success:
        shop.server.crash(PARTITION, lost=2)
        shop.server.heal(PARTITION)
        await shop.append(claimed())
        return Success(None)

    shop.tools.answers["once"] = lose
    await shop.handle(shop.worker(), await shop.offer(Work((shop.request("once"),))))
    assert await shop.names() == ["ready", "claimed"]
    assert shop.waiting == 1


async def test_a_fenced_verdict_alone_leaves_nothing_behind(shop: Workshop) -> None:
    """The operation was reported before, since it must not be repeated; only the judgement came too late."""

    async def judge(_: Call) -> Success:
        return Success("no number")

    shop.tools.answers["once"] = judge
    work = Work((shop.request("once"),), output_schema={"type": "integer"})
    message = await shop.offer(work)
    worker = shop.worker()
    told = shop.log.append

    async def append(unit: Unit) -> Outcome:
        outcome = await told(unit)
        if len(unit.events) == 1 and "operation_succeeded" in unit.events[0].type:
            await shop.append(retry())
        return outcome

    shop.log.append = append  # type: ignore[method-assign]  # another writer comes in between
    await shop.handle(worker, message)
    assert (await shop.names())[3:] == ["operation_succeeded", "retry_scheduled"]
    assert shop.waiting == 0
