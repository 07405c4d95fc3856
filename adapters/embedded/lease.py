"""One process' use of one embedded server, held by a thread that asks for the server anew when its supervisor dies."""

import contextlib
import logging
import socket
import threading
from concurrent.futures import Future
from typing import Self

from awe.adapters.embedded.attachment import attach
from awe.adapters.embedded.home import Home, Kind
from awe.adapters.servers.faults import ServerError

RETRY_S = 2.0
LEAVE_S = 1.0

_log = logging.getLogger(__name__)


class Lease:
    """Within its block the server runs; `url` has its URL once it answers, or the ServerError."""

    def __init__(self, kind: Kind, home: Home, *, linger_s: float, timeout_s: float) -> None:
        self.url: Future[str] = Future()
        self._kind: Kind = kind
        self._home = home
        self._linger_s = linger_s
        self._timeout_s = timeout_s
        self._given_up = threading.Event()
        self._connection: socket.socket | None = None
        self._thread = threading.Thread(target=self._hold, name=f"awe-embedded-{kind}", daemon=True)

    def __enter__(self) -> Self:
        self.url.set_running_or_notify_cancel()  # a waiter that is cancelled does not cancel it for the others
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the server to its other users."""
        self._given_up.set()
        if self._connection is not None:
            with contextlib.suppress(OSError):  # already closed
                self._connection.shutdown(socket.SHUT_RDWR)
        self._thread.join(LEAVE_S)

    def _hold(self) -> None:
        try:
            self._connection, url = self._attach()
        except BaseException as error:  # noqa: BLE001 - raised where the future is read
            self.url.set_exception(error)
            return
        self.url.set_result(url)
        while self._connection is not None:
            with self._connection:
                self._await_end(self._connection)
            self._connection = self._attach_again()

    def _await_end(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):  # it was reset
            while not self._given_up.is_set() and connection.recv(4096):
                pass  # the fault that ends the supervisor; whoever asks anew is told it as well

    def _attach_again(self) -> socket.socket | None:
        reported = None
        while not self._given_up.is_set():
            try:
                return self._attach()[0]
            except ServerError as error:
                if error.fault != reported:
                    reported = error.fault
                    _log.error("The embedded %s server is away, trying again: %s", self._kind, error)
                self._given_up.wait(RETRY_S)
        return None

    def _attach(self) -> tuple[socket.socket, str]:
        return attach(
            self._kind,
            self._home,
            linger_s=self._linger_s,
            timeout_s=self._timeout_s,
            given_up=self._given_up,
        )
