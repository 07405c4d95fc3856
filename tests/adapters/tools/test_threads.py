import asyncio
import threading
import time
from collections.abc import Iterator
from queue import SimpleQueue

import pytest

from awe.adapters.tools import threads as module
from awe.adapters.tools.threads import LateError, Threads
from support.waiting import until


@pytest.fixture
async def threads() -> Threads:
    return Threads(2, "awe-test")


@pytest.fixture(autouse=True)
def _ended() -> Iterator[None]:
    yield
    for thread in threading.enumerate():
        if thread.name == "awe-test":
            thread.join(30)
            assert not thread.is_alive()


async def test_a_thread_that_serves_the_next_at_once_stays_in_the_pool(threads: Threads) -> None:
    async def several() -> set[int]:
        return {await threads.run(threading.get_ident) for _ in range(200)}

    used = await asyncio.gather(*(several() for _ in range(8)))
    assert len(set[int]().union(*used)) == 2
    assert threads.leaked == 0
    threads.close()


async def test_what_the_work_raises_is_raised_also_what_ends_a_program(threads: Threads) -> None:
    def work() -> None:
        raise SystemExit(3)

    with pytest.raises(SystemExit):
        await threads.run(work)
    threads.close()


async def test_work_that_was_given_up_before_it_began_never_begins(
    threads: Threads, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thread gets its job late, as on a busy machine."""
    gate, begun = threading.Event(), threading.Event()

    class Late(SimpleQueue[object]):
        def get(self, block: bool = True, timeout: float | None = None) -> object:  # noqa: FBT001, FBT002 (the library's)
            job = super().get(block, timeout)
            gate.wait()
            return job

    monkeypatch.setattr(module, "SimpleQueue", Late)
    caller = asyncio.create_task(threads.run(begun.set))
    await asyncio.sleep(0)
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    gate.set()
    await until(lambda: threads.leaked == 0)
    assert not begun.is_set()


async def test_a_lost_thread_ends_with_its_job_also_after_the_pool(threads: Threads) -> None:
    gate = threading.Event()
    with pytest.raises(LateError) as late:
        await threads.run(gate.wait, deadline=time.monotonic() + 0.02)
    assert late.value.begun
    assert threads.leaked == 1
    threads.close()
    gate.set()
    await until(lambda: threads.leaked == 0)


async def test_a_job_that_runs_when_the_pool_ends_is_answered(threads: Threads) -> None:
    gate = threading.Event()
    running = asyncio.create_task(threads.run(gate.wait))
    await asyncio.sleep(0.01)
    threads.close()
    gate.set()
    assert await running is True


def test_a_thread_that_outlives_the_loop_ends_quietly() -> None:
    gate = threading.Event()

    async def abandon() -> None:
        with pytest.raises(LateError):
            await Threads(1, "awe-test").run(gate.wait, deadline=time.monotonic() + 0.01)

    asyncio.run(abandon())
    gate.set()
