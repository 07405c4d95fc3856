"""Async tools run on the event loop, each in a task of its own, so that its cancellation is never its caller's.

At the limit the task is cancelled. A tool that does not let itself be cancelled is abandoned a moment later; what
blocks the loop cannot be stopped by anything on it, so such a tool is to be a sync one, or heavy.
"""

import asyncio
import time
from typing import Any, Final

from pydantic import ValidationError

from awe.adapters.tools import failures
from awe.adapters.tools.definition import Definition
from awe.adapters.tools.printing import in_tool
from awe.adapters.tools.registry import Registered
from awe.adapters.tools.threads import LateError, expire
from awe.adapters.tools.ways import Prepared, Returned, encoded, prepared
from awe.adapters.tools.workspaces import Workspaces
from awe.commands.blobs import Blobs
from awe.commands.tools import Call, Failure

_GRACE_S: Final = 0.25


class LoopStorage:
    """Files of an async tool: written meanwhile, and waited for at its end."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self._writing: list[asyncio.Task[str]] = []

    def store(self, data: bytes) -> object:
        task = asyncio.get_running_loop().create_task(self._put(data))
        self._writing.append(task)
        return task

    def load(self, digest: str) -> bytes:
        raise RuntimeError(f"an async tool must not block: await fetch_artifact({digest[:64]!r})")

    async def get(self, digest: str) -> bytes:
        return await self._blobs.get(digest)

    async def settle(self) -> None:
        """Return when all is stored, or raise what went wrong."""
        if self._writing:
            await asyncio.gather(*self._writing)

    def give_up(self) -> None:
        for task in self._writing:
            task.cancel()

    async def _put(self, data: bytes) -> str:
        return await self._blobs.put(data)


class InlineCalls:
    def __init__(self, blobs: Blobs, workspaces: Workspaces) -> None:
        self._blobs = blobs
        self._workspaces = workspaces
        self._abandoned: set[asyncio.Task[None]] = set()

    @property
    def leaked(self) -> int:
        """Tools that were abandoned and still run."""
        return len(self._abandoned)

    async def run(
        self, tool: Registered, call: Call, arguments: bytes, deadline: float
    ) -> Returned | Failure:
        storage = LoopStorage(self._blobs)
        definition = tool.definition
        try:
            ready = prepared(definition, call, arguments, deadline, storage, self._workspaces)
        except ValidationError as error:
            return failures.unreadable_arguments(error)
        try:
            outcome = await self._within(definition, ready, deadline)
            if outcome is None:
                return failures.late(call.limit_s, begun=True)
            result, raised = outcome
            if raised is not None:
                late = isinstance(raised, LateError)
                return failures.late(call.limit_s, begun=False) if late else failures.raised(raised)
            output = encoded(definition, result)
            if isinstance(output, Failure):
                return output
            try:
                await storage.settle()
            except Exception as error:  # noqa: BLE001 (of whatever store)
                return failures.not_stored(error)
            return Returned(output, ready.artifacts)
        finally:
            storage.give_up()

    async def _within(
        self, definition: Definition, ready: Prepared, deadline: float
    ) -> tuple[Any, BaseException | None] | None:
        """What the tool returned or raised; None when the deadline came first."""
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[tuple[Any, BaseException | None] | None] = loop.create_future()
        task = loop.create_task(_tell(outcome, definition, ready, deadline))
        alarm = loop.call_later(deadline - time.monotonic(), expire, outcome)
        try:
            return await outcome
        finally:
            alarm.cancel()
            if not task.done():
                await self._stop(task)

    async def _stop(self, task: asyncio.Task[None]) -> None:
        task.cancel()
        self._abandoned.add(task)
        task.add_done_callback(self._abandoned.discard)
        await asyncio.wait({task}, timeout=_GRACE_S)

    async def close(self) -> None:
        """Ask once more what was abandoned to end."""
        for task in self._abandoned:
            task.cancel()
        if self._abandoned:
            await asyncio.wait(self._abandoned, timeout=_GRACE_S)


async def _tell(
    outcome: asyncio.Future[Any], definition: Definition, ready: Prepared, deadline: float
) -> None:
    """Run the tool and tell what came of it, also what would end the loop if it got out of this task."""
    told: tuple[Any, BaseException | None]
    try:
        if time.monotonic() >= deadline:
            raise LateError(begun=False)  # noqa: TRY301 (right before the call, where whatever is raised is told)
        with in_tool():
            told = (await definition.function(**ready.keywords), None)
    except BaseException as error:  # noqa: BLE001 (SystemExit of a tool is its failure, not our end)
        told = (None, error)
    if not outcome.done():
        outcome.set_result(told)
