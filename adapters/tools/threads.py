"""Threads for calls that block: one for each slot, and one more for each that was given up on.

A thread cannot be stopped. A job that outlives its deadline is abandoned: its caller goes on, its slot is free again,
and its thread counts as leaked until the job does end. When as many are lost as there are slots, nothing more is
taken: then the process has to be replaced. All threads are daemons, so none of them holds up the end of the process.
"""

import asyncio
import contextvars
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from typing import Any, Final, NamedTuple

_JOIN_S: Final = 1.0


class ExhaustedError(Exception):
    """Too many threads are lost to jobs that do not end."""


class LateError(Exception):
    """The deadline came; `begun` tells whether the work had begun."""

    def __init__(self, *, begun: bool) -> None:
        super().__init__("the deadline came first")
        self.begun = begun


class _Job(NamedTuple):
    work: Callable[[], Any]
    context: contextvars.Context
    given_up: Callable[[], bool]
    report: Callable[[Any, BaseException | None], object]


class _Thread:
    def __init__(self, name: str) -> None:
        self.jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._thread = threading.Thread(target=_serve, args=(self.jobs,), name=name, daemon=True)
        self._thread.start()

    def end(self) -> None:
        """After the job that it has now."""
        self.jobs.put(None)

    def join(self) -> None:
        self._thread.join(_JOIN_S)


class Threads:
    """All but the work itself happens on the event loop on which `run` is called."""

    def __init__(self, slots: int, name: str) -> None:
        self._slots = slots
        self._name = name
        self._free = asyncio.Semaphore(slots)
        self._idle: list[_Thread] = []
        self._busy: set[_Thread] = set()
        self._leaked: set[_Thread] = set()

    @property
    def leaked(self) -> int:
        """Threads whose job was abandoned and still runs."""
        return len(self._leaked)

    def close(self) -> None:
        """End the threads; one that is lost in a job ends with the job, or with the process."""
        for thread in (*self._idle, *self._busy):
            thread.end()
        for thread in self._idle:
            thread.join()
        self._idle.clear()

    async def run(self, work: Callable[[], Any], *, deadline: float | None = None) -> Any:
        """What the work returns or raises.

        Raises:
            LateError: the deadline, by `time.monotonic`, came first.
            ExhaustedError: no thread is left.
        """
        await self._take_slot(deadline)
        try:
            if len(self._leaked) >= self._slots:
                raise ExhaustedError(
                    f"{self.leaked} calls outlived their limit and still hold a thread; restart the worker"
                )
            return await self._run(work, deadline)
        finally:
            self._free.release()

    async def _take_slot(self, deadline: float | None) -> None:
        if not self._free.locked():
            await self._free.acquire()
            return
        try:
            async with asyncio.timeout(None if deadline is None else deadline - time.monotonic()):
                await self._free.acquire()
        except TimeoutError:
            raise LateError(begun=False) from None

    async def _run(self, work: Callable[[], Any], deadline: float | None) -> Any:
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[Any] = loop.create_future()
        thread = self._idle.pop() if self._idle else _Thread(self._name)
        self._busy.add(thread)
        over = False  # by now the thread may be busy again, with the job of somebody else

        def finished(value: Any, error: BaseException | None) -> None:
            nonlocal over
            over = True
            self._finished(thread)
            if not outcome.done():
                outcome.set_result((value, error))

        def report(value: Any, error: BaseException | None) -> None:
            with suppress(RuntimeError):  # the loop is closed, and nobody waits any more
                loop.call_soon_threadsafe(finished, value, error)

        thread.jobs.put(_Job(work, contextvars.copy_context(), outcome.done, report))
        alarm = None if deadline is None else loop.call_later(deadline - time.monotonic(), expire, outcome)
        try:
            result = await outcome
        finally:
            if alarm is not None:
                alarm.cancel()
            if not over:
                self._busy.remove(thread)
                self._leaked.add(thread)
                thread.end()
        if result is None:
            raise LateError(begun=True)
        value, error = result
        if error is not None:
            raise error
        return value

    def _finished(self, thread: _Thread) -> None:
        self._leaked.discard(thread)
        if thread in self._busy:
            self._busy.remove(thread)
            self._idle.append(thread)


def expire(waiting: asyncio.Future[Any]) -> None:
    """Let whoever waits go on with nothing."""
    if not waiting.done():
        waiting.set_result(None)


def _serve(jobs: SimpleQueue[_Job | None]) -> None:
    while (job := jobs.get()) is not None:
        value, error = None, None
        try:
            if not job.given_up():  # what nobody waits for any more does not begin
                value = job.context.run(job.work)
        except BaseException as raised:  # noqa: BLE001 (whatever it is, it is the caller's)
            error = raised
        job.report(value, error)
        del job, value, error  # nothing lives on while the thread waits
