"""CEL behind the port of expressions: compiled here, evaluated in a process that can be stopped.

The library's iteration budget bounds loops but not what one turn of a loop costs: within a thousand characters an
expression can still take minutes or gigabytes on a large output. So evaluation happens in `expression_process`,
started when it is first needed, replaced when it dies; its death means inconclusive. Evaluation blocks its caller for
no longer than the limit, so an event loop calls it in a thread. Only what cannot iterate is judged at once, in this
process: that costs a tenth. The library takes 7 MiB, which only who meets an expression spends.
"""

import json
import socket
import subprocess
import sys
from collections.abc import Mapping
from threading import Lock
from types import TracebackType
from typing import Final, NamedTuple, Self

from pydantic import JsonValue

from awe.adapters.expression_messages import MOST_BYTES, receive, send
from awe.domain.expressions import Declarations, Inconclusive

_STARTUP_S: Final = 30.0
_GRACE_S: Final = 5.0  # beyond the limit, at which the process ends itself


class _Child(NamedTuple):
    process: subprocess.Popen[bytes]
    channel: socket.socket


class CelExpressions:
    """The port's implementation; close it, or use it as a context manager, to end its process."""

    def __init__(self, *, limit_s: float = 1.0) -> None:
        self._limit_s = limit_s
        self._lock = Lock()
        self._child: _Child | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process, if there is one."""
        with self._lock:
            self._end()

    def compile(self, source: str, declarations: Declarations) -> tuple[str, ...]:
        """What is wrong with the source."""
        from awe.adapters.cel_compiler import compiled  # noqa: PLC0415 (dear to load; a scheduler rarely needs it)

        return compiled(source, declarations).faults

    def evaluate(
        self, source: str, declarations: Declarations, values: Mapping[str, JsonValue]
    ) -> bool | Inconclusive:
        """The verdict, within the limit of seconds."""
        if faults := self.compile(source, declarations):
            return Inconclusive(faults[0])
        request = {
            "source": source,
            "declarations": declarations,
            "values": dict(values),
            "limit_s": self._limit_s,
        }
        message = json.dumps(request).encode()
        if len(message) > MOST_BYTES:
            return Inconclusive(f"{len(message):,} bytes are too much to judge; the limit is {MOST_BYTES:,}")
        with self._lock:
            answer = self._exchange(message)
        return answer if isinstance(answer, bool) else Inconclusive(answer)

    def evaluate_at_once(
        self, source: str, declarations: Declarations, values: Mapping[str, JsonValue]
    ) -> bool | Inconclusive | None:
        """The verdict in this process, of a source whose cost is bounded by the size of its values."""
        from awe.adapters.cel_compiler import compiled, judged  # noqa: PLC0415 (as above)

        found = compiled(source, declarations)
        if found.faults:
            return Inconclusive(found.faults[0])
        if not found.brief:
            return None
        answer = judged(found.expression, values)
        return answer if isinstance(answer, bool) else Inconclusive(answer)

    def _exchange(self, message: bytes) -> bool | str:
        """The verdict of the process, or the reason why there is none."""
        try:
            channel = self._running().channel
            channel.settimeout(self._limit_s + _GRACE_S)
            send(channel, message)
            verdict: bool | str = json.loads(receive(channel))
        except (EOFError, OSError):
            self._end()
            return f"stopped: it took more than {self._limit_s:g} s, or too much memory"
        return verdict

    def _running(self) -> _Child:
        if self._child is None or self._child.process.poll() is not None:
            self._end()
            ours, theirs = socket.socketpair()
            with theirs:
                command = (sys.executable, "-m", "awe.adapters.expression_process", str(theirs.fileno()))
                process = subprocess.Popen(command, pass_fds=(theirs.fileno(),), stdin=subprocess.DEVNULL)  # noqa: S603 -- our own module
            self._child = _Child(process, ours)
            ours.settimeout(_STARTUP_S)
            try:
                receive(ours)
            except (EOFError, OSError) as error:
                self._end()
                raise RuntimeError(
                    f"the process for expressions did not start: {' '.join(command)}"
                ) from error
        return self._child

    def _end(self) -> None:
        if self._child is not None:
            self._child.channel.close()
            self._child.process.kill()
            self._child.process.wait()
            self._child = None
