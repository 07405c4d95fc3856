"""The appends of one partition that wait for a call, in the order they came; unknown ones first.

A call never mixes units that may have been applied before with fresh ones: a unit that leaves no entry is answered
differently when it is repeated.

A run whose id was just made has no event up to the position that was last known to be archived. That is what is told
of it, never that it is new: a call that is delayed until the run was archived and dropped is then still recognised.
"""

import asyncio
import random
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from awe.adapters.redis_streams.append_script import Call
from awe.adapters.redis_streams.keys import Keys
from awe.commands.log import BYTES_PER_CALL, EVENTS_PER_CALL, NEW_RUN, Outcome, Unit

_FIRST_WAIT_S = 0.01
_LONGEST_WAIT_S = 1.0


@dataclass(slots=True, eq=False)
class Pending:
    """A unit, who waits for its outcome, and whether it was sent without an answer."""

    unit: Unit
    size: int
    future: asyncio.Future[Outcome]
    absent_at: int
    unknown: bool = False


@dataclass(slots=True, eq=False)
class Lane:
    """One partition's queue; it pauses alone while its partition is closed or its server away."""

    keys: Keys
    waiting: deque[Pending] = field(default_factory=deque[Pending])
    not_before: float = 0.0
    archived: int = 0
    _wait_s: float = _FIRST_WAIT_S

    def add(self, unit: Unit, size: int) -> asyncio.Future[Outcome]:
        """Queue a checked unit of so many bytes; the future is its outcome's."""
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        absent_at = self.archived if unit.absent_at == NEW_RUN else unit.absent_at
        self.waiting.append(Pending(unit, size, future, absent_at))
        return future

    def take(self, now: float) -> tuple["Lane", Call, list[Pending]] | None:
        """Take the units of the next call, up to its caps; those whose caller went before they were sent are dropped."""
        if now < self.not_before:
            return None
        call: Call | None = None
        taken: list[Pending] = []
        events = volume = 0
        while self.waiting:
            pending = self.waiting[0]
            if pending.future.done() and not pending.unknown:
                self.waiting.popleft()
                continue
            if call is None or not taken:
                call = Call(self.keys, repeated=pending.unknown)
            events += len(pending.unit.events)
            volume += pending.size
            if taken and (
                pending.unknown != taken[0].unknown or events > EVENTS_PER_CALL or volume > BYTES_PER_CALL
            ):
                break
            self.waiting.popleft()
            try:
                call.add(pending.unit, pending.absent_at)
            except (TypeError, ValueError) as error:  # a text that has no bytes, and the like
                pending.future.set_exception(error)
            else:
                taken.append(pending)
        return (self, call, taken) if call is not None and taken else None

    def answered(self) -> None:
        """The partition answers: no pause any more."""
        self._wait_s = _FIRST_WAIT_S
        self.not_before = 0.0

    def put_back(self, taken: Sequence[Pending], now: float, *, unknown: bool) -> None:
        """Keep units for a later call, after a pause that grows with each failure in a row."""
        for pending in taken:
            pending.unknown = pending.unknown or unknown
        self.waiting.extendleft(reversed(taken))
        self.not_before = now + self._wait_s * random.uniform(0.5, 1.0)  # noqa: S311 (spreads clients, no secret)
        self._wait_s = min(self._wait_s * 2, _LONGEST_WAIT_S)
