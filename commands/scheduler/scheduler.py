"""The scheduler of one partition, elected by a lease that only saves work.

Whatever it appends expects the versions and the position it was decided from, so a second or stale one does no harm
(I12). After a new epoch, a loss or a replacement it forgets everything and folds the log again: a new term.
"""

import logging

from awe.commands.log import LogCorrupt, LogUnavailable
from awe.commands.scheduler.answers import Replaced
from awe.commands.scheduler.parts import Parts
from awe.commands.scheduler.term import Term
from awe.domain.scheduling.vigil import Vigil

_PAUSE_S = 0.2
_PERSON_S = 5.0

_log = logging.getLogger(__name__)


class Scheduler:
    """Schedules one partition for as long as it runs."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._vigil = Vigil(parts.limits.task_lease_s)

    async def run(self) -> None:
        """Schedule until cancelled.

        Raises:
            UnknownEvent: a newer release wrote something; the lease was given up (I9).
        """
        role, holder, clock = self._parts.role, self._parts.holder, self._parts.clock
        try:
            while True:
                await self._elected()
                term = Term(self._parts, self._vigil)
                try:
                    await term.serve()
                except (Replaced, LogUnavailable, OSError) as reason:
                    _log.info("partition %s is folded again: %s", self._parts.log.partition, reason)
                    await clock.sleep(_PAUSE_S)
                except LogCorrupt as report:
                    _log.error("partition %s waits for a person: %s", self._parts.log.partition, report)
                    await clock.sleep(_PERSON_S)
                finally:
                    await term.aclose()
        finally:
            await role.give_up(holder)

    async def _elected(self) -> None:
        while True:
            try:
                if await self._parts.role.take(self._parts.holder, self._parts.limits.role_lease_ms):
                    return
            except LogUnavailable:
                pass  # a partition that cannot be asked is asked again
            await self._parts.clock.sleep(self._parts.limits.role_lease_ms / 3_000)
