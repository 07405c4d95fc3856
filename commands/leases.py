"""The ports of leases: who works on a claimed task, and which process schedules a partition.

A lease saves work and never keeps a promise: whatever is appended rests on expected versions. Ends are Unix
milliseconds of the log's server.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol


class Held(NamedTuple):
    """One attempt under a lease."""

    run: str
    aggregate: str
    attempt: int


class TaskLeases(Protocol):
    """The leases of one partition's claimed tasks, beyond what their claims say (I14)."""

    async def renew(self, held: Sequence[Held], lease_ms: int, released: Sequence[Held] = ()) -> None:
        """Let all these leases end `lease_ms` from now on, in one step; forget the released ones.

        Raises:
            LogUnavailable: nothing is known of it; renew again.
        """
        ...

    async def ends(self, held: Sequence[Held]) -> Mapping[Held, int]:
        """Return when the leases end that were renewed at all.

        Raises:
            LogUnavailable: the partition cannot be asked.
        """
        ...


class RoleLease(Protocol):
    """The lease of one role in one partition, for example of the scheduler."""

    async def take(self, holder: str, lease_ms: int) -> bool:
        """Take or renew the lease for a holder; False while another holds it.

        Raises:
            LogUnavailable: the partition cannot be asked.
        """
        ...

    async def give_up(self, holder: str) -> None:
        """End the lease if this holder has it; errors are swallowed, since it ends by itself."""
        ...
