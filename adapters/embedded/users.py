"""Who uses a server: the open connections to its control socket, which the kernel closes when a user dies."""

import contextlib
import os
import selectors
import socket
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


class Users:
    """Each user is greeted with one line when it comes; what it sends is ignored, its end of file is its leaving."""

    def __init__(self, path: Path) -> None:
        path.unlink(missing_ok=True)  # left by a supervisor that was killed; the caller holds the lock
        self._path = path
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        path.chmod(0o600)
        self._listener.listen(socket.SOMAXCONN)
        self._listener.settimeout(0)
        self._connections: set[socket.socket] = set()
        self._events = selectors.DefaultSelector()
        self._events.register(self._listener, selectors.EVENT_READ)

    def __len__(self) -> int:
        return len(self._connections)

    @contextmanager
    def watching(self, pid: int) -> Generator[None]:
        """Let `wait` return also when the process ends."""
        descriptor = os.pidfd_open(pid)
        self._events.register(descriptor, selectors.EVENT_READ)
        try:
            yield
        finally:
            self._events.unregister(descriptor)
            os.close(descriptor)

    def wait(self, greeting: bytes, seconds: float | None) -> bool:
        """Let users come and go; whether anything happened in time."""
        ready = self._events.select(seconds)
        for key, _ in ready:
            if key.fileobj is self._listener:
                self._welcome(greeting)
            elif isinstance(key.fileobj, socket.socket):
                self._hear(key.fileobj)
        return bool(ready)

    def tell(self, line: bytes) -> None:
        for connection in self._connections:
            with contextlib.suppress(OSError):  # it has just left
                connection.sendall(line)

    def leave(self) -> None:
        """Take no more users; those still in the queue see the end of file and ask for a new supervisor."""
        self._path.unlink(missing_ok=True)
        self._events.close()
        self._listener.close()
        for connection in self._connections:
            connection.close()
        self._connections.clear()

    def _welcome(self, greeting: bytes) -> None:
        with contextlib.suppress(OSError):  # it has just left
            connection, _ = self._listener.accept()
            self._connections.add(connection)
            self._events.register(connection, selectors.EVENT_READ)
            connection.sendall(greeting)

    def _hear(self, connection: socket.socket) -> None:
        try:
            present = connection.recv(1024) != b""
        except OSError:
            present = False
        if not present:
            self._events.unregister(connection)
            self._connections.remove(connection)
            connection.close()
