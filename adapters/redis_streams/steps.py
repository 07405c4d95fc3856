"""What healing asks of Redis, written once for asyncio and for threads: a generator of requests, driven by either client.

A request is a script with its keys and arguments, the rewrite of the append-only file, or a pause. Scripts return
replies as the server sent them, whatever a client library makes of the commands inside.
"""

import asyncio
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, cast

from redis.exceptions import RedisError

from awe.adapters.redis_streams.cancellation import heed_cancel
from awe.adapters.redis_streams.connection import UNREACHABLE, AsyncClient, spreads
from awe.adapters.redis_streams.scripts import source
from awe.commands.log import LogCorrupt, LogError, LogUnavailable

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Script:
    """A script of this package by its file's name; replies with what it returns."""

    name: str
    keys: Sequence[str]
    arguments: Sequence[str | int | bytes] = ()

    @property
    def command(self) -> Sequence[str | int | bytes]:
        """The command that runs it. Healing is rare, so the text goes along and the server need not know it."""
        return ("EVAL", source(self.name), len(self.keys), *self.keys, *self.arguments)


@dataclass(frozen=True, slots=True)
class Page:
    """Up to ``count`` entries of a stream from an id on, as the server sends them.

    A synchronous client may have other ideas of how entries are read: for it a script fetches them, at twice the cost.
    """

    stream: str
    first: str
    count: int

    @property
    def command(self) -> Sequence[str | int]:
        """The command that reads it."""
        return ("XRANGE", self.stream, self.first, "+", "COUNT", self.count)

    @property
    def script(self) -> Script:
        """The script that reads it."""
        return Script("page", (self.stream,), (self.first, self.count))


@dataclass(frozen=True, slots=True)
class Rewrite:
    """Rewrite the append-only file of the server that holds ``key``; replies with the server's refusal, or ``""``."""

    key: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait, in seconds."""

    seconds: float


Request = Script | Page | Rewrite | Pause
Steps = Generator[Request, Any, T]


class SyncClient(Protocol):
    """What is used of a synchronous redis-py client. Replies are bytes."""

    def execute_command(self, *command: Any) -> Any:
        """Send one command and return its reply."""
        ...


def drive(client: SyncClient, steps: Steps[T]) -> T:
    """Run steps to their end with a synchronous client.

    Raises:
        LogUnavailable: the server cannot be asked.
        LogCorrupt: the server refuses a script.
    """
    reply: Any = None
    while True:
        try:
            request = steps.send(reply)
        except StopIteration as done:
            return cast("T", done.value)
        try:
            reply = _ask(client, request)
        except (*UNREACHABLE, RedisError) as error:
            reply = _refusal(request, error)


async def drive_async(client: AsyncClient, steps: Steps[T]) -> T:
    """Run steps to their end with an asyncio client; faults as `drive` tells them."""
    reply: Any = None
    while True:
        try:
            request = steps.send(reply)
        except StopIteration as done:
            return cast("T", done.value)
        try:
            reply = await _ask_async(client, request)
            heed_cancel()
        except (*UNREACHABLE, RedisError) as error:
            reply = _refusal(request, error)


def _ask(client: SyncClient, request: Request) -> Any:
    match request:
        case Script():
            return client.execute_command(*request.command)
        case Page():
            return client.execute_command(*request.script.command)
        case Rewrite():
            client.execute_command("BGREWRITEAOF")
            return ""
        case Pause(seconds):
            return time.sleep(seconds)


async def _ask_async(client: AsyncClient, request: Request) -> Any:
    match request:
        case Script() | Page():
            return await client.execute_command(*request.command)
        case Rewrite(key):
            if spreads(client):
                cluster: Any = client
                node = cluster.get_node_from_key(key)
                await cluster.execute_command("BGREWRITEAOF", target_nodes=node)
            else:
                await client.execute_command("BGREWRITEAOF")
            return ""
        case Pause(seconds):
            return await asyncio.sleep(seconds)


def _refusal(request: Request, error: Exception) -> str:
    """Return the server's refusal of a rewrite; anything else is a fault."""
    if isinstance(error, UNREACHABLE):
        raise LogUnavailable(
            f"Redis does not answer: {error}; check AWE_REDIS_URL and the server."
        ) from error
    if isinstance(request, Rewrite):
        return str(error)
    raise _corrupt(request, error) from error


def _corrupt(request: Request, error: Exception) -> LogError:
    if "LOADING" in str(error) or "MASTERDOWN" in str(error):
        return LogUnavailable(f"Redis is not ready: {error}; wait until it has loaded its data.")
    return LogCorrupt(
        f"Redis refused {request.name if isinstance(request, Script) else request}: {error}; the server must be Redis 7.0 or Valkey 7.2 or later."
    )
