"""A proxy in front of a server that loses requests or replies on demand: what a client cannot tell apart."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from urllib.parse import urlsplit


class Proxy:
    """Forwards bytes between clients and one server until told otherwise.

    ``lose_replies``: requests reach the server, answers are dropped and the connection is cut when one would have come.
    ``lose_requests``: nothing reaches the server; the connection is cut.
    """

    def __init__(self, upstream: str) -> None:
        """``upstream``: URL of the server, on a port or a unix socket."""
        self._upstream = urlsplit(upstream)
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self.lose_replies = 0
        self.lose_requests = 0
        self.lost = 0

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"redis://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()
        for task in tuple(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def cut(self) -> None:
        """Drop every connection."""
        for writer in tuple(self._writers):
            writer.transport.abort()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if self._upstream.scheme == "unix":
                server_reader, server_writer = await asyncio.open_unix_connection(self._upstream.path)
            else:
                server_reader, server_writer = await asyncio.open_connection(
                    self._upstream.hostname, self._upstream.port
                )
        except OSError:
            writer.transport.abort()
            return
        pair = (writer, server_writer)
        self._writers.update(pair)
        for pump in (self._requests(reader, server_writer, pair), self._replies(server_reader, writer, pair)):
            task = asyncio.get_running_loop().create_task(pump)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _requests(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, pair: tuple[asyncio.StreamWriter, ...]
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(1 << 16):
                if self.lose_requests:
                    self.lose_requests -= 1
                    self.lost += 1
                    break
                sink.write(data)
                await sink.drain()
        self._abort(pair)

    async def _replies(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, pair: tuple[asyncio.StreamWriter, ...]
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(1 << 16):
                if self.lose_replies:
                    self.lose_replies -= 1
                    self.lost += 1
                    break
                sink.write(data)
                await sink.drain()
        self._abort(pair)

    def _abort(self, pair: tuple[asyncio.StreamWriter, ...]) -> None:
        for writer in pair:
            self._writers.discard(writer)
            writer.transport.abort()


@contextlib.asynccontextmanager
async def proxy(upstream: str) -> AsyncGenerator[Proxy]:
    """Run a proxy for the duration of a test."""
    made = Proxy(upstream)
    await made.start()
    try:
        yield made
    finally:
        await made.stop()
