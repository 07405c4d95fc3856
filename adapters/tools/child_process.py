"""One child process of heavy tools, as the worker holds it: started, spoken with, and ended for certain.

It is the leader of a session of its own, so a terminal's Ctrl-C does not reach it, and ending it also ends what its
tools have started and left in its group.
"""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from typing import Final, Self

from awe.adapters.tools.frames import Frame, Kind, packed, receive_from

_OURS: Final = "AWE_"
_POLL_S: Final = 0.005
_SEEN_S: Final = 0.25
_STDERR: Final = 2


class ChildLost(Exception):  # noqa: N818 (named for the fact)
    """The process ended, for the reason that is said."""


class ChildProcess:
    def __init__(
        self,
        process: subprocess.Popen[bytes],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._process = process
        self._reader = reader
        self._writer = writer
        self._ended = False
        self.calls = 0

    @classmethod
    async def start(cls, workspaces: str) -> Self:
        """Start the process, on a thread that lives as long as it is to live.

        Raises:
            ChildLost: it does not start.
        """
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                process = _spawn(theirs)
            except OSError as error:
                ours.close()
                raise ChildLost(f"its process could not be started: {error.strerror}") from error
        try:
            child = cls(process, *await asyncio.open_unix_connection(sock=ours))
        except BaseException as error:
            ours.close()
            process.kill()
            process.wait()
            if isinstance(error, OSError):
                raise ChildLost(f"its process could not be spoken with: {error.strerror}") from error
            raise
        try:
            await child.send(
                Kind.HELLO, json.dumps({"path": list(map(str, sys.path)), "workspaces": workspaces}).encode()
            )
            await child.receive()
        except BaseException:
            await child.end()
            raise
        return child

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        """A process that ended is only looked at: until `end` has its group, its number is not to be anybody else's."""
        return not self._ended and (
            os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
        )

    async def send(self, kind: Kind, payload: bytes) -> None:
        """Raises `ChildLost` when it is gone."""
        self._writer.write(packed(kind, payload))
        try:
            await self._writer.drain()
        except OSError as error:
            raise await self._lost() from error

    async def receive(self) -> Frame:
        """The next frame; raises `ChildLost` when it is gone, or says what is none."""
        try:
            return await receive_from(self._reader)
        except (EOFError, OSError, ValueError) as error:
            raise await self._lost() from error

    async def end(self) -> None:
        """Kill it with its group, and wait until it is gone."""
        if not self._ended:
            self._ended = True
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()
        while self._process.poll() is None:  # noqa: ASYNC110 (the kernel tells nobody but whoever asks)
            await asyncio.sleep(_POLL_S)

    async def _lost(self) -> ChildLost:
        """Its socket is closed a moment before its end can be seen."""
        for _ in range(round(_SEEN_S / _POLL_S)):
            if not self.alive:
                break
            await asyncio.sleep(_POLL_S)
        by_itself = not self.alive
        await self.end()
        if not by_itself:
            return ChildLost("its process did not answer as it should")
        status = self._process.returncode
        return ChildLost(
            f"its process was killed by signal {-status}"
            if status < 0
            else f"its process ended with status {status}"
        )


def _spawn(theirs: socket.socket) -> subprocess.Popen[bytes]:
    """No setting of ours is handed on, since URLs carry passwords; what the tools themselves need is.

    What a tool prints is written at once: a process that is killed writes nothing more.
    """
    command = (
        sys.executable,
        "-u",
        "-P",
        "-m",
        "awe.adapters.tools.child",
        str(theirs.fileno()),
        str(os.getpid()),
    )
    return subprocess.Popen(  # noqa: S603 (our own module)
        command,
        pass_fds=(theirs.fileno(),),
        stdin=subprocess.DEVNULL,
        stdout=_STDERR,
        env={name: value for name, value in os.environ.items() if not name.startswith(_OURS)},
        start_new_session=True,
    )
