"""How much a scheduler lets happen at once, and how often it looks."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What bounds one partition's scheduler.

    Attributes:
        dispatched: messages in a task queue that no worker has claimed yet: enough to keep workers busy, few enough to
            stay fair (I17).
        wave: unfinished items of one `for_each` task (I13).
        inline_work: bytes of a task's work, beyond which it lies in a blob.
        skew_ms: how far clocks may differ (I10).
        lease_ms: of the role itself, at most.
        task_lease_s: the longest lease that workers take.
        tick_s: how often leases, deadlines and the own lease are looked at.
        snapshot_s: how often a snapshot is taken, when anything happened.
        snapshot_events: after how many events one is taken at the latest, so that a restart folds few.
        watch_s: how often what the log owes is compared with what the queues hold (I5).
    """

    dispatched: int = 64
    wave: int = 256
    inline_work: int = 100_000
    skew_ms: int = 1_000
    lease_ms: int = 15_000
    task_lease_s: float = 30.0
    tick_s: float = 1.0
    snapshot_s: float = 60.0
    snapshot_events: int = 10_000
    watch_s: float = 30.0

    @property
    def role_lease_ms(self) -> int:
        """For how long the role is taken: whoever wants dead workers replaced sooner wants the same of schedulers."""
        return min(self.lease_ms, round(self.task_lease_s * 1_000))
