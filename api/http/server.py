"""One process serves the application until it is told to stop; then who listens is sent away, and requests end."""

import asyncio
import logging
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Final

import uvicorn

from awe.api.http.application import Application
from awe.api.http.connections import Housekeeping
from awe.api.http.limits import HttpLimits
from awe.api.http.listening import Listening
from awe.api.roles.ending import end

_log = logging.getLogger(__name__)
_HEADER_BYTES: Final = 32_768


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, answers: Callable[[], None]) -> None:
        super().__init__(config)
        self._answers = answers

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Take connections, and say so."""
        await super().startup(sockets)
        self._answers()

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Signals are the process' business."""
        yield


async def serve(
    application: Application,
    listening: Listening,
    limits: HttpLimits,
    stop: asyncio.Event,
    answers: Callable[[], None] = lambda: None,
) -> None:
    """Answer requests until ``stop`` is set, and end within the time that a drain may take; closes the sockets.

    ``answers`` is called once requests are answered.
    """
    # Its lines at lower levels have paths with their queries in them.
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    config = uvicorn.Config(
        application,
        http="h11",
        ws="websockets-sansio",
        ws_max_size=limits.body_bytes,
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=limits.connections,
        h11_max_incomplete_event_size=_HEADER_BYTES,
        timeout_graceful_shutdown=limits.leaving_s,
    )
    server = _Server(config, answers)
    keeping = Housekeeping(headers_s=limits.headers_s, closing_s=limits.send_s)
    serving = asyncio.create_task(server.serve(sockets=list(listening.sockets)))
    stopping = asyncio.create_task(stop.wait())
    housekeeping = asyncio.create_task(keeping.run(server.server_state.connections))
    try:
        await asyncio.wait({serving, stopping, housekeeping}, return_when=asyncio.FIRST_COMPLETED)
        application.drain.begin()
        if not await application.drain.idle(limits.drain_s):
            _log.warning("Some requests did not end within %g seconds and are cut off", limits.drain_s)
        await (
            application.aclose()
        )  # not before: subscribers would take the end of their streams for that of their runs
        server.should_exit = True
        await asyncio.wait({serving})
    finally:
        await end({serving, stopping, housekeeping})
    serving.result()
