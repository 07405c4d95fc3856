"""Sync tools run in threads of their own pool, so the event loop goes on; their output is made JSON there too."""

import asyncio
import concurrent.futures
import time
from collections.abc import Coroutine
from typing import Any

from pydantic import ValidationError

from awe.adapters.tools import failures
from awe.adapters.tools.definition import Definition
from awe.adapters.tools.printing import in_tool
from awe.adapters.tools.registry import Registered
from awe.adapters.tools.threads import ExhaustedError, LateError, Threads
from awe.adapters.tools.ways import Prepared, Returned, encoded, prepared
from awe.adapters.tools.workspaces import Workspaces
from awe.commands.blobs import Blobs
from awe.commands.tools import Call, Failure
from awe.domain.failures import FailureClass


class ThreadStorage:
    """Files of a tool in a thread: it waits until the loop has stored them, no longer than its call may take."""

    def __init__(self, blobs: Blobs, loop: asyncio.AbstractEventLoop, deadline: float) -> None:
        self._blobs = blobs
        self._loop = loop
        self._deadline = deadline

    def store(self, data: bytes) -> object:
        return self._done(self._blobs.put(data))

    def load(self, digest: str) -> bytes:
        data: bytes = self._done(self._blobs.get(digest))
        return data

    async def get(self, digest: str) -> bytes:
        return await self._blobs.get(digest)

    def _done(self, wanted: Coroutine[Any, Any, Any]) -> Any:
        remaining = self._deadline - time.monotonic()
        if remaining <= 0:
            wanted.close()
            raise TimeoutError("the call is over; nothing is stored or read for it any more")
        try:
            future: concurrent.futures.Future[Any] = asyncio.run_coroutine_threadsafe(wanted, self._loop)
        except RuntimeError:  # the loop is closed: the call was abandoned long ago
            wanted.close()
            raise
        try:
            return future.result(remaining)
        finally:
            future.cancel()


class ThreadedCalls:
    def __init__(self, threads: Threads, blobs: Blobs, workspaces: Workspaces) -> None:
        self._threads = threads
        self._blobs = blobs
        self._workspaces = workspaces

    async def run(
        self, tool: Registered, call: Call, arguments: bytes, deadline: float
    ) -> Returned | Failure:
        storage = ThreadStorage(self._blobs, asyncio.get_running_loop(), deadline)
        definition = tool.definition
        try:
            ready = prepared(definition, call, arguments, deadline, storage, self._workspaces)
        except ValidationError as error:
            return failures.unreadable_arguments(error)
        try:
            output: bytes | Failure = await self._threads.run(
                lambda: _outcome(definition, ready, deadline), deadline=deadline
            )
        except LateError as error:
            return failures.late(call.limit_s, begun=error.begun)
        except ExhaustedError as error:
            return Failure(FailureClass.INTERNAL, str(error), sent=False)
        return output if isinstance(output, Failure) else Returned(output, ready.artifacts)


def _outcome(definition: Definition, ready: Prepared, deadline: float) -> bytes | Failure:
    """Run the tool; in its thread, and whatever it raises is its failure."""
    if time.monotonic() >= deadline:
        raise LateError(begun=False)
    try:
        with in_tool():
            result = definition.function(**ready.keywords)
    except BaseException as error:  # noqa: BLE001 (SystemExit of a tool is its failure, not the thread's end)
        return failures.raised(error)
    return encoded(definition, result)
