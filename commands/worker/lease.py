"""Heartbeats: what is held for long is renewed with one call a partition; what ends soon costs nothing (I14).

A claim says itself how long its lease lasts, so an attempt is renewed only once it is a third of a lease old; the first
renewal comes after two thirds at the latest. A heartbeat that fails is repeated and never ends an attempt.
"""

import logging
from typing import Final

from awe.commands.clock import Clock
from awe.commands.leases import Held, TaskLeases

_BEATS: Final = 3
"""Heartbeats in the time of a lease."""

_log = logging.getLogger(__name__)


class Heartbeat:
    """Keeps the leases of one partition's attempts."""

    def __init__(self, leases: TaskLeases, clock: Clock, lease_ms: int) -> None:
        self._leases = leases
        self._clock = clock
        self._lease_ms = lease_ms
        self._period_s = lease_ms / 1000 / _BEATS
        self._since: dict[Held, float] = {}
        self._renewed: set[Held] = set()
        self._released: set[Held] = set()

    def hold(self, held: Held) -> None:
        """The claim of this attempt was just appended."""
        self._since[held] = self._clock.monotonic()

    def release(self, held: Held) -> None:
        """The attempt has ended, or was never held."""
        self._since.pop(held, None)
        if held in self._renewed:
            self._renewed.discard(held)
            self._released.add(held)

    async def run(self) -> None:
        """Renew until cancelled."""
        while True:
            await self._clock.sleep(self._period_s)
            await self.beat()

    async def beat(self) -> None:
        """Renew once what is due."""
        due_since = self._clock.monotonic() - self._period_s
        due = [held for held, since in self._since.items() if since <= due_since]
        released = tuple(self._released)
        if not due and not released:
            return
        self._renewed.update(due)
        try:
            await self._leases.renew(due, self._lease_ms, released)
        except Exception as error:  # noqa: BLE001 (whatever it is, the next beat may get through)
            _log.warning("Leases of %d tasks were not renewed, they are again soon: %s", len(due), error)
        else:
            self._released.difference_update(released)
