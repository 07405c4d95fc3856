"""The process in which expressions are evaluated: whatever an expression does to it, it does to nobody else.

It reads a request, answers, and waits for the next one until its parent is gone. An evaluation that takes longer than
the request allows ends the process by its alarm, whatever code is running then; one that wants more memory than the
limit fails. Requests and answers are JSON behind their length in four bytes.
"""

import json
import resource
import signal
import socket
import sys
from typing import Any, Final

from awe.adapters.cel_compiler import compiled, judged
from awe.adapters.expression_messages import receive, send
from awe.domain.expressions import Kind

_MEMORY_BYTES: Final = 768 * 1024 * 1024


def evaluate(request: dict[str, Any]) -> bool | str:
    """The verdict on a request, or the reason why there is none."""
    declarations = tuple((name, Kind(kind)) for name, kind in request["declarations"])
    expression, faults, _ = compiled(request["source"], declarations)
    if faults:
        return faults[0]
    return judged(expression, request["values"])


def main(channel: socket.socket) -> None:
    """Serve until the parent is gone."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    send(channel, b"{}")  # ready: from here on, time is the evaluation's
    while True:
        try:
            request = json.loads(receive(channel))
        except EOFError:
            return
        signal.setitimer(signal.ITIMER_REAL, request["limit_s"])  # the default action of its signal is to end
        answer = evaluate(request)
        signal.setitimer(signal.ITIMER_REAL, 0)
        send(channel, json.dumps(answer).encode())


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
