"""What a worker may be told."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """`slots` attempts run at once; a claim is held for `lease_ms` and renewed; clocks differ by at most `skew_ms` (I10)."""

    slots: int = 16
    lease_ms: int = 30_000
    skew_ms: int = 1_000

    def __post_init__(self) -> None:
        if self.slots < 1 or self.lease_ms < 1 or self.skew_ms < 0:
            raise ValueError(f"A worker needs at least one slot, a lease and no negative skew, not {self}.")
