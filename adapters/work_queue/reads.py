"""How the messages of streams are asked for: all with one command, or in a cluster each stream with its own."""

from typing import Any, Final, Protocol

from awe.adapters.redis_streams.connection import AsyncClient, spreads
from awe.adapters.work_queue.patience import patiently
from awe.adapters.work_queue.shared_read import BLOCK_MS, Entries, Reader, SharedRead

_COMMAND: Final = "XREADGROUP"


class Reads(Protocol):
    """Reads streams for one consumer."""

    async def read(self, stream: str) -> Entries:
        """Wait for a stream's next messages, through outages; there is at least one.

        Raises:
            ResponseError: the stream's group is gone.
        """
        ...

    async def aclose(self) -> None:
        """Stop reading; what was delivered and not taken stays pending."""
        ...


def reads(client: AsyncClient, reader: Reader) -> Reads:
    """Return what fits the client."""
    return _ReadEach(client, reader) if spreads(client) else SharedRead(client, reader)


class _ReadEach:
    def __init__(self, client: AsyncClient, reader: Reader) -> None:
        client.set_response_callback(_COMMAND, _as_sent)
        self._client = client
        self._reader = reader

    async def read(self, stream: str) -> Entries:
        command = self._reader.command((stream,), block_ms=BLOCK_MS)
        while True:
            answer = await patiently(lambda: self._client.execute_command(*command))
            for _, entries in answer or ():
                return entries  # type: ignore[no-any-return]

    async def aclose(self) -> None:
        pass


def _as_sent(reply: Any, **_options: Any) -> Any:
    return reply
