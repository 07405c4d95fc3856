"""Outages are not deaths: who did not watch cannot say that others were silent (I15).

After a new epoch, a reconnect or a gap in its own watching of more than half a lease, a watcher declares no lease lost
before one full lease has passed. It waits so at most twice in a row without a new epoch, since versions and not this
wait keep what follows correct.
"""

from dataclasses import dataclass

_WAITS_IN_A_ROW = 2


@dataclass(slots=True)
class Vigil:
    """Times are seconds of a clock that nobody sets."""

    lease_s: float
    epoch: int = 0
    waits: int = 0
    not_before: float = 0.0
    watched: float | None = None

    def watch(self, now: float, epoch: int) -> None:
        """The log was seen just now."""
        if epoch != self.epoch:
            self.epoch, self.waits = epoch, 0
            self._wait(now)
        elif self.watched is None or now - self.watched > self.lease_s / 2:
            if self.waits < _WAITS_IN_A_ROW:
                self._wait(now)
        elif now >= self.not_before + self.lease_s:
            self.waits = 0
        self.watched = now

    def interrupted(self) -> None:
        """The log could not be seen; the next time it is counts as a reconnect."""
        self.watched = None

    def may_declare(self, now: float) -> bool:
        """Whether a lease that ran out means a lost worker."""
        return self.watched is not None and now >= self.not_before

    def _wait(self, now: float) -> None:
        self.waits += 1
        self.not_before = now + self.lease_s
