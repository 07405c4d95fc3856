"""What the process of heavy tools answers, seen from its parent's side; here it is a thread, so that it can be looked at."""

import asyncio
import json
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from awe.adapters.tools import child
from awe.adapters.tools.frames import (
    LONGEST,
    Frame,
    Kind,
    packed,
    receive,
    receive_from,
    send,
    split_head,
    with_head,
)
from awe.adapters.tools.loading import Source
from awe.adapters.tools.registry import Registry
from support.workbench import OPERATION

FILE = Path(__file__).with_name("heavy_tools.py")
REGISTRY = Registry.load(files=[FILE])


@pytest.fixture
def channel(tmp_path: Path) -> Iterator[socket.socket]:
    ours, theirs = socket.socketpair()
    thread = threading.Thread(target=child.serve, args=(theirs,))
    thread.start()
    send(ours, Kind.HELLO, json.dumps({"path": sys.path, "workspaces": str(tmp_path)}).encode())
    assert receive(ours) == Frame(Kind.READY, b"")
    yield ours
    ours.shutdown(socket.SHUT_WR)
    thread.join(10)
    assert not thread.is_alive()
    ours.close()
    theirs.close()


def ask(channel: socket.socket, name: str, *, remaining_s: float = 30.0, **changed: Any) -> None:
    contract = REGISTRY.catalogue.find(name, None)
    assert contract is not None
    head = {
        "source": "file",
        "place": Source.file(FILE).place,
        "contract": contract.digest,
        "operation": [OPERATION.run, OPERATION.task, OPERATION.index, OPERATION.generation],
        "attempt": 1,
        "limit_s": 30.0,
        "deadline": time.monotonic() + remaining_s,
        **changed,
    }
    arguments = {"pid": {}, "async.pid": {}, "files": {"name": "a"}, "missing": {}, "large": {}}
    send(channel, Kind.CALL, with_head(head, json.dumps(arguments.get(name, {"how": "plain"})).encode()))


def failed(channel: socket.socket) -> tuple[str, bool]:
    kind, payload = receive(channel)
    assert kind is Kind.FAILURE
    said = json.loads(payload)
    return said["failure"], said["sent"]


def test_one_call_after_the_other(channel: socket.socket) -> None:
    for name in ("pid", "async.pid"):
        ask(channel, name)
        kind, payload = receive(channel)
        assert kind is Kind.OUTPUT
        assert split_head(payload)[0] == {"artifacts": []}


def test_files_are_asked_for(channel: socket.socket) -> None:
    ask(channel, "files")
    kind, data = receive(channel)
    assert kind is Kind.STORE
    send(channel, Kind.BYTES, b"digest")
    for _ in range(2):
        kind, digest = receive(channel)
        assert (kind, len(digest)) == (Kind.LOAD, 64)
        send(channel, Kind.BYTES, data)
    head, output = split_head(receive(channel).payload)
    assert head["artifacts"] == [json.loads(output)]


@pytest.mark.parametrize("answer", [Kind.MISSING, Kind.REFUSED])
def test_a_file_that_cannot_be_had_is_an_error_in_the_tool(channel: socket.socket, answer: Kind) -> None:
    ask(channel, "missing")
    assert receive(channel).kind is Kind.LOAD
    send(channel, answer, b"no")
    assert failed(channel) == ("tool_error", True)


def test_failures_are_told(channel: socket.socket) -> None:
    ask(channel, "fail")
    assert failed(channel) == ("tool_error", True)
    ask(channel, "large")
    assert failed(channel) == ("output_too_large", True)
    ask(channel, "settings")  # with an argument that it does not have
    assert failed(channel) == ("invalid_input", False)
    ask(channel, "pid", remaining_s=-1.0)
    assert failed(channel) == ("transport", False)
    ask(channel, "pid", contract="0" * 64)
    assert failed(channel) == ("internal", False)
    ask(channel, "pid", place="/nowhere.py")
    assert failed(channel) == ("internal", False)


async def test_a_frame_is_the_same_on_a_loop() -> None:
    reader = asyncio.StreamReader()
    reader.feed_data(packed(Kind.OUTPUT, b"data") + packed(Kind.READY, b""))
    assert await receive_from(reader) == (Kind.OUTPUT, b"data")
    assert await receive_from(reader) == (Kind.READY, b"")


@pytest.mark.parametrize(
    "data",
    [b"O\xff\xff\xff\xff", b"O\0\0\0\x05half", b"O\0", b"?\0\0\0\0"],
    ids=["long", "half", "head", "kind"],
)
async def test_what_is_no_frame_is_an_error(data: bytes) -> None:
    assert LONGEST < 0xFFFFFFFF
    reader = asyncio.StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    with pytest.raises((EOFError, ValueError)):
        await receive_from(reader)
