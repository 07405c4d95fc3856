"""What earlier attempts did for certain is not done again; what is in doubt is repeated with the same key (I22)."""

from typing import Any

from awe.commands.tools import Failure, Success
from awe.commands.worker.payloads import INLINE_BYTES
from awe.domain.events import Json
from awe.domain.failures import FailureClass
from awe.domain.task.events import OperationStarted
from awe.domain.task.work import Request, Work
from support.task_events import claimed, did, ready, retry, seen_late, unknown
from support.workshop import CONTRACTS, Workshop


async def first_attempt(shop: Workshop, work: Work, *more: Any, attempt: int = 2) -> None:
    """One attempt at the work, that ends with a retry, and the offer of another taken by a second worker."""
    await shop.handle(shop.worker(), await shop.offer(work))
    await shop.append(*more)
    shop.tools.answers.clear()
    shop.tools.calls.clear()
    await shop.handle(shop.worker("w-2"), await shop.offer(work, attempt=attempt))


def keys(shop: Workshop) -> list[str]:
    return [call.operation.idempotency_key for call in shop.tools.calls]


async def test_i22_an_unsettled_call_is_repeated_with_the_same_generation_and_key(shop: Workshop) -> None:
    shop.tools.gives("keyed", Failure(FailureClass.TRANSPORT, "gone"))
    work = Work((shop.request("keyed", a=1, b=2),))
    message = await shop.offer(work)
    await shop.handle(shop.worker(), message)
    before = keys(shop)
    shop.tools.answers.clear()
    again = Work((shop.request("keyed", b=2, a=1),))
    await shop.handle(shop.worker("w-2"), await shop.offer(again, attempt=2))
    assert keys(shop) == [*before, *before]
    assert [each.attempt for each in shop.tools.calls] == [1, 2]
    assert (await shop.names())[-1] == "succeeded"
    assert shop.waiting == 0


async def test_i22_what_succeeded_is_used_and_only_the_rest_is_called(shop: Workshop) -> None:
    shop.tools.gives("once", Success({"n": 5}))
    shop.tools.gives("keyed", Failure(FailureClass.TRANSPORT, "gone"))
    work = Work((shop.request("once"), shop.request("keyed", of={"$from": "requests/0", "path": "/n"})))
    await shop.handle(shop.worker(), await shop.offer(work))
    shop.tools.answers.clear()
    shop.tools.calls.clear()
    await shop.handle(shop.worker("w-2"), await shop.offer(work, attempt=2))
    assert [call.contract.name for call in shop.tools.calls] == ["keyed"]
    assert shop.tools.calls[0].arguments == {"of": 5}
    assert (await shop.names())[-3:] == ["operation_started", "operation_succeeded", "succeeded"]


async def test_i21_a_late_success_of_the_only_call_ends_the_task_without_another(shop: Workshop) -> None:
    large: Json = {"large": "x" * (INLINE_BYTES + 1)}

    async def lose_the_claim(_: Any) -> Success:
        await shop.append(unknown())
        return Success(large)

    shop.tools.answers["once"] = lose_the_claim
    await first_attempt(shop, Work((shop.request("once"),)))
    assert not shop.tools.calls
    assert (await shop.names())[-4:] == ["operation_observed_late", "ready", "claimed", "succeeded"]
    assert (await shop.last()).output_blob is not None


async def test_i22_another_request_is_another_generation_once_the_former_is_settled(shop: Workshop) -> None:
    shop.tools.gives("once", Failure(FailureClass.TRANSPORT, "not even sent", sent=False))
    await shop.handle(shop.worker(), await shop.offer(Work((shop.request("once", a=1),))))
    shop.tools.answers.clear()
    await shop.handle(shop.worker(), await shop.offer(Work((shop.request("once", a=2),)), attempt=2))
    started = [each for each in await shop.said() if isinstance(each, OperationStarted)]
    assert [each.generation for each in started] == [1, 2]
    assert len(set(keys(shop))) == 2


async def test_i22_another_request_waits_for_no_outcome_that_nobody_will_tell(shop: Workshop) -> None:
    shop.tools.gives("keyed", Failure(FailureClass.TRANSPORT, "gone"))
    await shop.handle(shop.worker(), await shop.offer(Work((shop.request("keyed", a=1),))))
    await shop.handle(shop.worker(), await shop.offer(Work((shop.request("keyed", a=2),)), attempt=2))
    assert (await shop.names())[-2:] == ["claimed", "dead_lettered"]
    assert (await shop.last()).failure is FailureClass.UNKNOWN_OUTCOME
    assert len(shop.tools.calls) == 1


async def test_i14_a_later_attempt_looks_before_it_claims(shop: Workshop) -> None:
    await shop.append(ready(), claimed(), retry())
    message = await shop.offer(Work((shop.request("read"),)), attempt=2)
    await shop.append(claimed(2))
    await shop.handle(shop.worker(), message)
    assert (await shop.names())[-1] == "claimed"
    assert shop.waiting == 1
    await shop.append(retry(2))
    await shop.handle(shop.worker(), message)
    assert shop.waiting == 0


async def test_an_abandoned_read_is_read_again(shop: Workshop) -> None:
    shop.tools.gives("read", Failure(FailureClass.TRANSPORT, "gone"))
    await first_attempt(shop, Work((shop.request("read"),)))
    assert (await shop.names())[-1] == "succeeded"


async def test_a_success_of_an_older_contract_is_not_taken_for_the_new_one(shop: Workshop) -> None:
    shop.tools.gives("keyed", Failure(FailureClass.TRANSPORT, "gone"))
    newer = CONTRACTS[0].model_copy(update={"version": "2"})
    shop.tools.contracts[newer.digest] = newer
    await shop.handle(shop.worker(), await shop.offer(Work((shop.request("read"), shop.request("keyed")))))
    shop.tools.answers.clear()
    shop.tools.calls.clear()
    work = Work((Request("read", newer.digest, {}), shop.request("keyed")))
    await shop.append(seen_late(None, attempt=1, index=1))
    await shop.handle(shop.worker(), await shop.offer(work, attempt=2))
    assert [(call.contract.version, call.operation.generation) for call in shop.tools.calls] == [("2", 2)]
    assert (await shop.names())[-1] == "succeeded"
    assert did().index == 0
