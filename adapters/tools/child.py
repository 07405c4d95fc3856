"""The process in which heavy tools run: whatever one does to it, it does to nobody else.

It takes one call after the other until its parent is gone; when that dies, the kernel ends this process with it, also
in the middle of a call. What a tool prints goes to stderr. Files go to the parent, who stores them: this process
needs no way of its own to wherever they are kept.
"""

import asyncio
import ctypes
import json
import os
import resource
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from awe.adapters.tools import failures
from awe.adapters.tools.definition import Definition
from awe.adapters.tools.errors import ToolLoadError
from awe.adapters.tools.frames import Kind, receive, send, split_head, with_head
from awe.adapters.tools.loading import Source, load
from awe.adapters.tools.ways import encoded, prepared
from awe.adapters.tools.workspaces import Workspaces
from awe.commands.blobs import BlobMissing
from awe.commands.tools import Call, Failure
from awe.domain.failures import FailureClass
from awe.domain.identifiers import OperationId

_PR_SET_PDEATHSIG: Final = 1


class ParentStorage:
    """Files of a heavy tool: its process asks the worker to store and to read them."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel

    def store(self, data: bytes) -> object:
        return self._ask(Kind.STORE, data)

    def load(self, digest: str) -> bytes:
        return self._ask(Kind.LOAD, digest.encode())

    async def get(self, digest: str) -> bytes:
        return self.load(digest)

    def _ask(self, kind: Kind, payload: bytes) -> bytes:
        send(self._channel, kind, payload)
        answer = receive(self._channel)
        if answer.kind is Kind.MISSING:
            raise BlobMissing(answer.payload.decode())
        if answer.kind is Kind.REFUSED:
            raise OSError(answer.payload.decode())
        return answer.payload


def main(channel: socket.socket, parent: int) -> None:
    """Serve the parent, and do not outlive it."""
    channel.set_inheritable(False)
    _die_with(parent)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    serve(channel)


def serve(channel: socket.socket) -> None:
    """Run one call after the other until the other side is gone."""
    hello = json.loads(receive(channel).payload)
    sys.path[:] = hello["path"]
    workspaces = Workspaces(Path(hello["workspaces"]))
    send(channel, Kind.READY, b"")
    while True:
        try:
            head, arguments = split_head(receive(channel).payload)
        except EOFError:
            return
        kind, payload = _answer(head, arguments, channel, workspaces)
        send(channel, kind, payload)


def _answer(
    head: dict[str, Any], arguments: bytes, channel: socket.socket, workspaces: Workspaces
) -> tuple[Kind, bytes]:
    """Run one call; whatever the tool raises is its failure."""
    definition = _found(Source(head["source"], head["place"]), head["contract"])
    if isinstance(definition, Failure):
        return _failed(definition)
    run, task, index, generation = head["operation"]
    operation = OperationId(run, task, index, generation)
    call = Call(operation, definition.contract, {}, head["attempt"], head["limit_s"])
    deadline: float = head["deadline"]
    try:
        ready = prepared(definition, call, arguments, deadline, ParentStorage(channel), workspaces)
    except ValidationError as error:
        return _failed(failures.unreadable_arguments(error))
    if time.monotonic() >= deadline:
        return _failed(failures.late(call.limit_s, begun=False))
    try:
        result = definition.function(**ready.keywords)
        if definition.asynchronous:
            result = asyncio.run(result)
    except BaseException as error:  # noqa: BLE001 (SystemExit of a tool is its failure, not the process' end)
        return _failed(failures.raised(error))
    output = encoded(definition, result)
    if isinstance(output, Failure):
        return _failed(output)
    artifacts = [artifact.model_dump() for artifact in ready.artifacts]
    return Kind.OUTPUT, with_head({"artifacts": artifacts}, output)


def _found(source: Source, digest: str) -> Definition | Failure:
    try:
        for definition in load(source):
            if definition.contract.digest == digest:
                return definition
    except ToolLoadError as error:
        return Failure(FailureClass.INTERNAL, str(error), sent=False)
    return Failure(
        FailureClass.INTERNAL,
        f"{source.place} no longer has the tool that it had; restart the worker",
        sent=False,
    )


def _failed(failure: Failure) -> tuple[Kind, bytes]:
    said = {"failure": failure.failure, "message": failure.message, "sent": failure.sent}
    return Kind.FAILURE, json.dumps(said).encode()


def _die_with(parent: int) -> None:
    """Let the kernel kill this process when the thread that started it ends."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))
    if os.getppid() != parent:  # it ended before the kernel was told
        os._exit(1)


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2]))
