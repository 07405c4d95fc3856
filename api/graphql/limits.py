"""How much one request, one client and all subscribers together may take."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Most of each.

    Attributes:
        tokens: of a document.
        depth: of nested fields.
        aliases: in an operation, fragments counted where they are spread.
        cost: fields times the items they are asked of.
        subscribers: subscriptions of this process; a web socket has at most `per_socket` operations.
        waiting_events: events kept for a client that is slower than the log.
        fresh_s: how long a query waits for a position.
        append_s: how long a mutation waits for its outcome.
        inline_bytes: of a plan or of outputs fetched from a blob; larger ones are only named.
    """

    tokens: int = 2_000
    depth: int = 12
    aliases: int = 30
    cost: int = 50_000
    subscribers: int = 1_000
    per_socket: int = 50
    waiting_events: int = 2_000
    fresh_s: float = 2.0
    append_s: float = 15.0
    inline_bytes: int = 2_000_000
