"""How long a synchronous caller waits for a log that is away: through a restart, not for ever."""

import time
from collections.abc import Callable
from threading import Event
from typing import TypeVar

from awe.commands.log import LogUnavailable

T = TypeVar("T")

_FIRST_PAUSE_S = 0.01
_LONGEST_PAUSE_S = 0.5


class Patience:
    """A bound, in seconds, on asking again."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def ask(self, question: Callable[[], T], given_up: Event | None = None) -> T:
        """Ask until there is an answer.

        Args:
            question: may be asked any number of times.
            given_up: ends the waiting early.

        Raises:
            LogUnavailable: as the last question did, when the bound is reached or the caller gave up.
        """
        end = time.monotonic() + self.seconds
        given_up = Event() if given_up is None else given_up
        pause_s = _FIRST_PAUSE_S
        while True:
            try:
                return question()
            except LogUnavailable:
                if time.monotonic() + pause_s > end or given_up.wait(pause_s):
                    raise
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
