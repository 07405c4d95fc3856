"""The appends of a process go over one connection of their own, in pipelines; in a cluster through its client.

One connection keeps the order of calls and spares each lone append the cost of a pool. Nothing is sent
twice here: what happened to a command whose reply did not come is for the caller to resolve.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Protocol, cast

import hiredis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from awe.adapters.redis_streams.connection import SOCKET_TIMEOUT_S, UNREACHABLE, AsyncClient, spreads

Command = Sequence[Any]

_pack = cast("Callable[[Command], bytes]", cast("Any", hiredis).pack_command)
"""Packs in C what the asyncio client packs in Python; it would not split a two-word command, of which none goes here."""


class Line(Protocol):
    """Sends commands together."""

    async def send(self, commands: Sequence[Command], *, timeout_s: float | None = None) -> list[Any]:
        """Return each command's reply, or the error that took its place.

        ``timeout_s``: how long the replies may take on a line of its own connection, ``SOCKET_TIMEOUT_S`` unless told.
        """
        ...

    async def aclose(self) -> None:
        """Give the connection back."""
        ...


def line(client: AsyncClient) -> Line:
    """Return the line that fits the client."""
    return _Spread(client) if spreads(client) else _Single(client)


class _Connection(Protocol):
    socket_timeout: float | None

    async def send_packed_command(self, command: bytes, *, check_health: bool) -> None: ...

    async def read_response(self, *, timeout: float) -> Any: ...  # noqa: ASYNC109 (as the library has it)

    async def disconnect(self, *, nowait: bool) -> None: ...


class _Pool(Protocol):
    async def get_connection(self) -> _Connection: ...

    async def release(self, connection: _Connection) -> None: ...


class _Single:
    def __init__(self, client: AsyncClient) -> None:
        self._pool = cast("_Pool", cast("Any", client).connection_pool)
        self._connection: _Connection | None = None
        self._dropping: asyncio.Task[None] | None = None

    async def send(self, commands: Sequence[Command], *, timeout_s: float | None = None) -> list[Any]:
        # One timer a call; asyncio.timeout costs a lone append several times as much.
        seconds = SOCKET_TIMEOUT_S if timeout_s is None else timeout_s
        overdue = asyncio.get_running_loop().call_later(seconds, self._give_up)
        try:
            connection = self._connection
            if connection is None:
                connection = self._connection = await self._pool.get_connection()
                connection.socket_timeout = None
            packed = b"".join([_pack(tuple(command)) for command in commands])
            await connection.send_packed_command(packed, check_health=False)
            return [await _reply(connection) for _ in commands]
        except UNREACHABLE as error:
            await self._drop()
            unanswered = error if isinstance(error, RedisError) else RedisConnectionError(str(error))
            return [unanswered] * len(commands)
        except BaseException:
            await self._drop()
            raise
        finally:
            overdue.cancel()

    def _give_up(self) -> None:
        """Close the connection under a call that got no answer in time: its reading then fails."""
        self._dropping = asyncio.get_running_loop().create_task(self._drop())

    async def _drop(self) -> None:
        """A late reply must never be taken for another command's."""
        if self._connection is not None:
            await self._connection.disconnect(nowait=True)

    async def aclose(self) -> None:
        if self._connection is not None:
            await self._drop()
            await self._pool.release(self._connection)
            self._connection = None


async def _reply(connection: _Connection) -> Any:
    try:
        return await connection.read_response(timeout=float("inf"))
    except UNREACHABLE:
        raise
    except RedisError as error:
        return error


class _Spread:
    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def send(self, commands: Sequence[Command], *, timeout_s: float | None = None) -> list[Any]:  # noqa: ARG002 (the client has its own)
        return await asyncio.gather(*(self._one(command) for command in commands))

    async def _one(self, command: Command) -> Any:
        try:
            return await self._client.execute_command(*command)
        except (RedisError, OSError) as error:
            return error

    async def aclose(self) -> None:
        pass
