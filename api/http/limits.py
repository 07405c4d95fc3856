"""How much a request may take of this process: bytes, and time."""

from dataclasses import dataclass
from typing import Self

from awe.api.settings import Settings


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """Sizes in bytes, times in seconds.

    Attributes:
        body_bytes: of a request's body, and of a message over a web socket.
        answer_s: until an answer begins, the request's body included.
        send_s: until a client that reads too slowly takes the next piece of an answer.
        headers_s: until a client has sent the headers of a request.
        greeting_s: until a web socket has shown a key.
        drain_s: that running requests get when the process is told to stop.
        leaving_s: that connections get which are still there after that.
        connections: at a time.
    """

    body_bytes: int = 1_048_576
    answer_s: float = 30.0
    send_s: float = 60.0
    headers_s: float = 20.0
    greeting_s: float = 10.0
    drain_s: float = 20.0
    leaving_s: int = 5
    connections: int = 2_000

    @classmethod
    def of(cls, settings: Settings) -> Self:
        return cls(
            body_bytes=settings.http_body_bytes,
            answer_s=settings.http_timeout_s,
            drain_s=settings.http_drain_s,
        )
