"""An event loop on which time is a number: when nobody can go on, it is the time of the next timer.

Every callback belongs to a process, as its context says. A stopped process' callbacks wait until it goes on, and a dead
one's are never called: no handler and no `finally` runs, as after a kill. What is on the network belongs to nobody and
arrives all the same. Nothing here depends on addresses or on the hashing of strings.
"""

import asyncio
import heapq
from collections import deque
from collections.abc import Callable, Coroutine, Generator
from contextlib import suppress
from contextvars import Context, ContextVar
from itertools import count
from typing import Any, TypeVar, TypeVarTuple, Unpack, cast

from simulation.process import Process

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

PROCESS: ContextVar[Process | None] = ContextVar("process", default=None)

_NETWORK = frozenset({"Wire._deliver"})
"""Work that goes on after its process is gone: what was sent arrives."""


class Stalled(Exception):  # noqa: N818 (named for the fact)
    """Nobody can go on, and nobody waits for time."""


class _Task(asyncio.Task[Any]):
    def __init__(self, coro: Any, *, loop: "SimulatedLoop", context: Context | None) -> None:
        self.serial = next(loop.serials)
        super().__init__(coro, loop=loop, context=context)

    def __hash__(self) -> int:
        return self.serial


class _Future(asyncio.Future[Any]):
    def __init__(self, loop: "SimulatedLoop") -> None:
        self.serial = next(loop.serials)
        super().__init__(loop=loop)

    def __hash__(self) -> int:
        return self.serial


class SimulatedLoop(asyncio.BaseEventLoop):
    """Runs callbacks in the order in which they were due."""

    def __init__(self) -> None:
        super().__init__()
        self.serials = count(1)
        self.network = Context()
        self.steps = 0
        self.faults: list[str] = []
        self._now = 0.0
        self._queue: deque[tuple[Process | None, asyncio.Handle]] = deque()
        self._timers: list[tuple[float, int, Process | None, asyncio.TimerHandle]] = []
        self._tasks: list[_Task] = []
        self.set_task_factory(cast("Any", self._task))
        self.set_exception_handler(
            lambda _, said: self.faults.append(f"{said.get('message')}: {said.get('exception')!r}")
        )

    def time(self) -> float:
        return self._now

    def start(self, work: Coroutine[Any, Any, Any], process: Process | None) -> asyncio.Task[Any]:
        """Run something as a process, or as nobody."""
        context = Context()
        context.run(PROCESS.set, process)
        return self.create_task(work, context=context)

    def go_on(self, process: Process) -> None:
        """Let a stopped process run what became due meanwhile."""
        held, process.held = process.held, []
        self._queue.extend((process, handle) for handle in held)

    def play(self, story: Coroutine[Any, Any, T]) -> T:
        """Return what a story comes to; everything that still runs then is dropped unseen."""
        try:
            return cast("T", self.run_until_complete(self.start(story, None)))
        finally:
            self._drop()
            self.close()

    # What asyncio calls

    def call_soon(
        self, callback: Callable[[Unpack[Ts]], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        process = PROCESS.get() if context is None else context.get(PROCESS)
        handle = asyncio.Handle(callback, args, self, context)
        self._queue.append((process, handle))
        return handle

    call_soon_threadsafe = call_soon  # there are no threads

    def call_at(
        self,
        when: float,
        callback: Callable[[Unpack[Ts]], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        process = PROCESS.get() if context is None else context.get(PROCESS)
        timer = asyncio.TimerHandle(when, callback, args, self, context)
        heapq.heappush(self._timers, (when, next(self.serials), process, timer))
        return timer

    def call_later(
        self,
        delay: float,
        callback: Callable[[Unpack[Ts]], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        return self.call_at(self._now + delay, callback, *args, context=context)

    def create_future(self) -> asyncio.Future[Any]:
        return _Future(self)

    def _task(
        self, loop: asyncio.AbstractEventLoop, work: Any, *, context: Context | None = None
    ) -> asyncio.Task[Any]:
        del loop
        if getattr(work, "__qualname__", "") in _NETWORK:
            context = self.network.copy()
        task = _Task(work, loop=self, context=context)
        self._tasks.append(task)  # a dead process' tasks would else be collected, and their handlers run
        return task

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """A cancelled timer is skipped when it is due."""

    def _asyncgen_finalizer_hook(self, agen: Any) -> None:
        """A generator that nobody iterates any more is dropped as it is."""

    def _run_once(self) -> None:
        queue, timers = self._queue, self._timers
        while timers and timers[0][3].cancelled():
            heapq.heappop(timers)
        if not queue:
            if not timers:
                raise Stalled
            self._now = max(self._now, timers[0][0])
        while timers and timers[0][0] <= self._now:
            _, _, process, timer = heapq.heappop(timers)
            if not timer.cancelled():
                queue.append((process, timer))
        for _ in range(len(queue)):
            process, handle = queue.popleft()
            if handle.cancelled() or (process is not None and not process.admits(handle)):
                continue
            self.steps += 1
            handle._run()

    def _drop(self) -> None:
        """Close what is under way: it must neither run on nor be complained about."""
        faults, self.faults = self.faults, []
        for task in self._tasks:
            if task.done():
                continue
            cast("Any", task)._log_destroy_pending = False
            coroutine = cast("Generator[Any, Any, Any]", task.get_coro())
            closed = False
            while not closed:
                with suppress(Exception):
                    coroutine.close()
                    closed = True
        self._tasks.clear()
        self._queue.clear()
        self._timers.clear()
        self.faults = faults
