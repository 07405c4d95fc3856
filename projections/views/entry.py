"""A recorded event as a view sees it: decoded, with what its entry in the log says."""

from typing import NamedTuple

from awe.domain.events import Event


class Entry(NamedTuple):
    """`event` is None where a newer release wrote it; `type` is its registered type all the same.

    It is None too where the body is not one of its type; then `error` says so.
    """

    n: int
    run: str
    aggregate: str
    time_ms: int
    type: str
    event: Event | None
    actor: str = ""
    error: str = ""
    version: int = 0
    """Of its aggregate, from 1; 0 where nobody said."""
