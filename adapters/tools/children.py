"""Heavy tools run in child processes: some stay warm between calls, and one is killed when its call's limit comes.

Starting one takes as long as its imports, and counts within the limit of the call that needs it. A process whose call
did not end in an answer is never used again, and each is replaced after a number of calls, so what tools leave behind
in it does not pile up.
"""

import asyncio
import json
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

from awe.adapters.tools import failures
from awe.adapters.tools.child_process import ChildLost, ChildProcess
from awe.adapters.tools.frames import Frame, Kind, split_head, with_head
from awe.adapters.tools.registry import Registered
from awe.adapters.tools.ways import Returned
from awe.adapters.tools.workspaces import Workspaces
from awe.commands.blobs import BlobMissing, Blobs
from awe.commands.tools import Call, Failure
from awe.domain.artifacts import Artifact
from awe.domain.failures import FailureClass

_MOST_CALLS: Final = 200


class ChildCalls:
    def __init__(self, slots: int, blobs: Blobs, workspaces: Workspaces) -> None:
        self._free = asyncio.Semaphore(slots)
        self._warm: list[ChildProcess] = []
        self._busy: set[ChildProcess] = set()
        self._blobs = blobs
        self._workspaces = workspaces

    @property
    def pids(self) -> tuple[int, ...]:
        return tuple(child.pid for child in (*self._warm, *self._busy))

    async def run(
        self, tool: Registered, call: Call, arguments: bytes, deadline: float
    ) -> Returned | Failure:
        begun = False
        try:
            async with asyncio.timeout(deadline - time.monotonic()), self._free, self._child() as child:
                begun = True
                await child.send(Kind.CALL, with_head(_head(tool, call, deadline), arguments))
                return await self._answer(child)
        except TimeoutError:
            return failures.late(call.limit_s, begun=begun)
        except ChildLost as error:
            return Failure(FailureClass.TRANSPORT, f"there is no answer: {error}", sent=begun)

    async def close(self) -> None:
        """End all processes, also one in the middle of a call."""
        for child in (*self._warm, *self._busy):
            await child.end()
        self._warm.clear()

    @asynccontextmanager
    async def _child(self) -> AsyncGenerator[ChildProcess]:
        """A process for one call; kept when the call got its answer, and ended when not."""
        child = await self._ready()
        self._busy.add(child)
        child.calls += 1
        try:
            yield child
        except BaseException:
            await child.end()
            raise
        finally:
            self._busy.remove(child)
        if child.calls < _MOST_CALLS:
            self._warm.append(child)
        else:
            await child.end()

    async def _ready(self) -> ChildProcess:
        while self._warm:
            child = self._warm.pop()
            if child.alive:
                return child
            await child.end()
        return await ChildProcess.start(str(self._workspaces.root.absolute()))

    async def _answer(self, child: ChildProcess) -> Returned | Failure:
        """Store and read files for the tool until it is done."""
        while True:
            kind, payload = await child.receive()
            match kind:
                case Kind.OUTPUT:
                    head, output = split_head(payload)
                    return Returned(output, tuple(map(Artifact.model_validate, head["artifacts"])))
                case Kind.FAILURE:
                    said = json.loads(payload)
                    return Failure(FailureClass(said["failure"]), said["message"], said["sent"])
                case _:
                    await child.send(*await self._file(kind, payload))

    async def _file(self, kind: Kind, payload: bytes) -> Frame:
        try:
            if kind is Kind.STORE:
                return Frame(Kind.BYTES, (await self._blobs.put(payload)).encode())
            return Frame(Kind.BYTES, await self._blobs.get(payload.decode()))
        except BlobMissing as error:
            return Frame(Kind.MISSING, str(error).encode())
        except Exception as error:  # noqa: BLE001 (of whatever store; the tool's call fails by it)
            return Frame(
                Kind.REFUSED, f"an artifact cannot be stored or read: {type(error).__name__}".encode()
            )


def _head(tool: Registered, call: Call, deadline: float) -> dict[str, object]:
    operation = call.operation
    return {
        "source": tool.source.kind,
        "place": tool.source.place,
        "contract": tool.definition.contract.digest,
        "operation": [operation.run, operation.task, operation.index, operation.generation],
        "attempt": call.attempt,
        "limit_s": call.limit_s,
        "deadline": deadline,
    }
