"""A worker takes an offered task, calls its tools one after the other, and reports in as few appends as there can be."""

import asyncio
import json

import pytest

from awe.commands.tools import Call, Failure, Success
from awe.commands.worker.attempt import MOST_DELIVERIES
from awe.commands.worker.payloads import INLINE_BYTES
from awe.domain.artifacts import Artifact
from awe.domain.events import Json
from awe.domain.failures import FailureClass
from awe.domain.task.work import Request, Work
from support.task_events import unknown
from support.workshop import PARTITION, RUN, Workshop

WHOLE = ["ready", "claimed", "operation_started", "operation_succeeded", "succeeded"]
FILE = Artifact(name="a.txt", media_type="text/plain", bytes=1, sha256="a" * 64)


async def test_i14_a_task_is_two_appends_and_the_second_acknowledges(shop: Workshop) -> None:
    message = await shop.offer(Work((shop.request("read", q=1),)))
    await shop.handle(shop.worker(), message)
    assert await shop.names() == WHOLE
    assert len({event.append_id for event in await shop.events()}) == 3
    assert shop.waiting == 0
    assert shop.claims == 0
    assert (await shop.last()).output == {"n": 1}
    assert shop.tools.calls[0].arguments == {"q": 1}


async def test_i20_the_intent_is_in_the_log_before_the_call(shop: Workshop) -> None:
    async def look(call: Call) -> Success:
        assert (await shop.names())[-1] == "operation_started"
        assert call.operation.run == RUN
        return Success(None)

    shop.tools.answers["read"] = look
    await shop.handle(shop.worker(), await shop.offer(Work((shop.request("read"),))))
    assert await shop.names() == WHOLE


async def test_what_a_worker_says_hangs_together_with_what_offered_the_task(shop: Workshop) -> None:
    await shop.handle(shop.worker("w-7"), await shop.offer(Work((shop.request("read"),))))
    body = (await shop.events())[-1].body
    assert b'"actor":"w-7"' in body
    assert b'"corr":"c-1"' in body
    assert b"0af7651916cd43dd8448eb211c80319c" in body


async def test_a_result_and_the_next_intent_are_one_append(shop: Workshop) -> None:
    second = shop.request("keyed", of={"$from": "requests/0", "path": "/n"}, data={"$from": "elsewhere"})
    await shop.handle(shop.worker(), await shop.offer(Work((shop.request("read"), second))))
    events = await shop.events()
    assert events[3].append_id == events[4].append_id
    assert [event.type.split("/")[0] for event in events[3:5]] == [
        "awe.task.operation_succeeded",
        "awe.task.operation_started",
    ]
    assert shop.tools.calls[1].arguments == {"of": 1, "data": {"$from": "elsewhere"}}
    assert shop.waiting == 0


async def test_a_reference_that_finds_nothing_ends_the_task_and_keeps_the_result_before(
    shop: Workshop,
) -> None:
    second = shop.request("read", of={"$from": "requests/0", "path": "/missing"})
    await shop.handle(shop.worker(), await shop.offer(Work((shop.request("read"), second))))
    assert (await shop.names())[3:] == ["operation_succeeded", "dead_lettered"]
    assert (await shop.last()).failure is FailureClass.INVALID_INPUT
    assert "requests/0" in (await shop.last()).cause
    assert shop.waiting == 0


async def test_large_payloads_are_blobs(shop: Workshop) -> None:
    large = "x" * (INLINE_BYTES + 1)
    shop.tools.gives("read", Success({"large": large}, (FILE,)))
    work = Work((shop.request("read", large=large),))
    digest = await shop.blobs.put(json.dumps(work.document()).encode())
    await shop.handle(shop.worker(), await shop.offer(None, work_blob=digest))
    started, told, done = (await shop.said())[2:]
    assert started.arguments is None
    assert await shop.blobs.get(started.arguments_digest)
    assert told.output is None
    assert told.artifacts == (FILE,)
    assert told.output_blob == done.output_blob
    assert large.encode() in await shop.blobs.get(done.output_blob)


async def test_work_that_cannot_be_read_ends_the_task(shop: Workshop) -> None:
    await shop.handle(shop.worker(), await shop.offer(None, work_blob="b" * 64))
    assert await shop.names() == ["ready", "claimed", "dead_lettered"]
    assert (await shop.last()).failure is FailureClass.INTERNAL
    assert shop.waiting == 0
    await shop.handle(shop.worker(), await shop.offer(None, task="two"))
    assert await shop.names("two") == ["ready", "claimed", "dead_lettered"]


@pytest.mark.parametrize(
    ("failure", "end"),
    [(FailureClass.TRANSPORT, "retry_scheduled"), (FailureClass.TOOL_ERROR, "dead_lettered")],
)
async def test_a_failure_is_judged_where_it_is_reported(
    shop: Workshop, failure: FailureClass, end: str
) -> None:
    shop.tools.gives("read", Failure(failure, "it broke"))
    await shop.handle(shop.worker(), await shop.offer(Work((shop.request("read"),))))
    assert (await shop.names())[3:] == ["operation_failed", end]
    assert shop.waiting == 0
    assert shop.claims == 0


async def test_a_tool_that_is_not_here_is_left_to_others_until_nobody_took_it(
    shop: Workshop, caplog: pytest.LogCaptureFixture
) -> None:
    message = await shop.offer(Work((Request("far", "f" * 64, {}),)))
    worker = shop.worker()
    await shop.handle(worker, message)
    await shop.handle(worker, message, deliveries=MOST_DELIVERIES - 1)
    assert await shop.names() == ["ready"]
    assert shop.waiting == 1
    assert caplog.text.count("'far'") == 1
    await shop.handle(worker, message, deliveries=MOST_DELIVERIES)
    assert await shop.names() == ["ready", "claimed", "dead_lettered"]
    assert (await shop.last()).failure is FailureClass.INVALID_INPUT
    assert "no worker knows tool 'far' with contract ffffffffffff" in (await shop.last()).cause
    assert shop.waiting == 0


async def test_no_fault_of_a_tool_is_lost(shop: Workshop, caplog: pytest.LogCaptureFixture) -> None:
    async def break_down(_: Call) -> Success:
        raise KeyError("secret")

    shop.tools.answers["read"] = break_down
    await shop.handle(shop.worker(), await shop.offer(Work((shop.request("read"),))))
    assert (await shop.names())[3:] == ["operation_failed", "dead_lettered"]
    assert (await shop.last()).failure is FailureClass.INTERNAL
    assert "KeyError in worker w-1" in (await shop.last()).cause
    assert "secret" not in (await shop.last()).cause
    assert "fault of the engine" in caplog.text


async def test_a_tool_that_cancels_itself_ends_its_call_alone(shop: Workshop) -> None:
    async def cancel(_: Call) -> Success:
        raise asyncio.CancelledError

    shop.tools.answers["read"] = cancel
    await shop.handle(shop.worker(), await shop.offer(Work((shop.request("read"),))))
    assert (await shop.last()).failure is FailureClass.INTERNAL


async def test_a_result_that_no_event_can_hold_is_a_failure(shop: Workshop) -> None:
    many = tuple(FILE.model_copy(update={"name": f"{'n' * 240}{number}"}) for number in range(1_000))
    shop.tools.gives("read", Success(None, many))
    await shop.handle(shop.worker(), await shop.offer(Work((shop.request("read"),))))
    assert (await shop.names())[3:] == ["operation_failed", "dead_lettered"]
    assert (await shop.last()).failure is FailureClass.OUTPUT_TOO_LARGE


async def test_a_halted_partition_ends_an_attempt_with_a_word_in_the_log(
    shop: Workshop, caplog: pytest.LogCaptureFixture
) -> None:
    async def halt(_: Call) -> Success:
        shop.server.halt(PARTITION)
        return Success(None)

    shop.tools.answers["read"] = halt
    worker = shop.worker()
    await shop.handle(worker, await shop.offer(Work((shop.request("read"),))))
    assert "ends without a report" in caplog.text
    assert worker.has_room


async def test_data_that_looks_like_a_reference_stays_data(shop: Workshop) -> None:
    arguments: dict[str, Json] = {
        "data": {"$from": "requests/0", "path": "/n"},
        "list": [1, {"deep": {"$from": "requests/0"}}],
        "default": {"$from": "requests/0", "path": "/none", "default": None},
    }
    first, second = shop.request("read"), shop.request("read", **arguments)
    places = (("list", 1, "deep"), ("default",))
    await shop.handle(shop.worker(), await shop.offer(Work((first, second._replace(earlier=places)))))
    bound: dict[str, Json] = {**arguments, "list": [1, {"deep": {"n": 1}}], "default": None}
    assert shop.tools.calls[1].arguments == bound


async def test_a_binding_to_what_is_no_earlier_request_is_no_work(shop: Workshop) -> None:
    request = shop.request("read", x={"$from": "requests/0"})
    await shop.handle(shop.worker(), await shop.offer(Work((request,))))
    assert "'requests/0' is no earlier request" in (await shop.last()).cause


async def test_work_without_requests_is_a_fault_that_the_task_shows(shop: Workshop) -> None:
    await shop.handle(shop.worker(), await shop.offer(Work(())))
    assert (await shop.names())[-1] == "dead_lettered"
    assert (await shop.last()).failure is FailureClass.INTERNAL
    assert shop.waiting == 0


async def test_a_fault_after_the_claim_was_lost_ends_quietly(shop: Workshop) -> None:
    async def lose_and_break(_: Call) -> Success:
        await shop.append(unknown())
        raise KeyError

    shop.tools.answers["once"] = lose_and_break
    worker = shop.worker()
    message = await shop.offer(Work((shop.request("once"),)))
    await shop.handle(worker, message)
    assert (await shop.names())[-1] == "operation_observed_late"
    assert worker.has_room


@pytest.mark.parametrize(("failures", "end"), [(3, "succeeded"), (4, "outcome_unknown")])
async def test_a_result_is_not_lost_for_a_moments_fault_of_the_store(
    shop: Workshop, failures: int, end: str
) -> None:
    put, left = shop.blobs.put, ["full"] * failures

    async def fail_first(data: bytes) -> str:
        if left:
            raise OSError(left.pop())
        return await put(data)

    shop.blobs.put = fail_first  # type: ignore[method-assign]  # as a disk that is full for a while
    shop.tools.gives("once", Success("x" * (INLINE_BYTES + 1)))
    await shop.handle(shop.worker(), await shop.offer(Work((shop.request("once"),))))
    assert (await shop.names())[-1] == end
    assert len(shop.tools.calls) == 1
    assert shop.waiting == 0
