"""What a seed makes: its dice, its server and what stands outside of it, and where everything that is wrong is noted."""

import random
from dataclasses import dataclass, field

from awe.adapters.memory.queue import MemoryGroup
from simulation.audit import Audit
from simulation.clock import SkewedClock
from simulation.coverage import Coverage
from simulation.ledger import Ledger
from simulation.loop import SimulatedLoop
from simulation.process import Process
from simulation.server import AuditedServer

QUEUES = ("default", "special")
SKEW_MS = 1_000
LEASE_MS = 6_000


@dataclass(slots=True)
class Settings:
    """What the dice made of a seed; `lossy` servers lose what is not archived when they fail."""

    lossy: bool
    partitions: int
    wire: float
    """Share of requests that something happens to."""
    storm_s: float
    slots: int
    dispatched: int
    wave: int
    inline_work: int
    runs: int


@dataclass(slots=True)
class World:
    seed: int
    loop: SimulatedLoop
    settings: Settings
    coverage: Coverage
    server: AuditedServer
    ledger: Ledger
    audit: Audit
    stormy: bool = True
    processes: list[Process] = field(default_factory=list[Process])
    groups: dict[tuple[str, str], MemoryGroup] = field(default_factory=dict[tuple[str, str], MemoryGroup])

    @property
    def partitions(self) -> list[str]:
        return [f"sim.{number:02d}" for number in range(self.settings.partitions)]

    def dice(self, what: str) -> random.Random:
        """Dice of their own for each part, so that one that rolls once more leaves the others as they are."""
        return random.Random(f"{self.seed}/{what}")

    def live(self, role: str | None = None) -> list[Process]:
        return [each for each in self.processes if not each.dead and role in {None, each.role}]

    def staff(self, role: str) -> list[Process]:
        """Who will go on working."""
        return [each for each in self.live(role) if not each.leaving]

    def group(self, partition: str, queue: str) -> MemoryGroup:
        if (partition, queue) not in self.groups:
            self.groups[partition, queue] = MemoryGroup(self.server, partition, queue)
        return self.groups[partition, queue]

    def clock_of(self, process: Process) -> SkewedClock:
        dice = self.dice(f"clock/{process.name}")
        return SkewedClock(self.loop, dice.randint(-SKEW_MS // 2, SKEW_MS // 2), dice.uniform(1, 9_000))


def build(seed: int) -> World:
    """The world of a seed, with nobody in it yet."""
    dice = random.Random(f"{seed}/settings")
    settings = Settings(
        lossy=dice.random() < 0.4,
        partitions=dice.choice((1, 1, 1, 2)),
        wire=dice.choice((0.0, 0.02, 0.06, 0.15)),
        storm_s=dice.uniform(15, 60),
        slots=dice.choice((1, 2, 4, 8)),
        dispatched=dice.choice((1, 2, 5, 128)),
        wave=dice.choice((1, 2, 256)),
        inline_work=dice.choice((60, 600, 100_000, 100_000)),
        runs=dice.randint(3, 8),
    )
    loop = SimulatedLoop()
    audit = Audit(loop, lossy=settings.lossy, lease_s=LEASE_MS / 1000)
    server = AuditedServer(SkewedClock(loop), audit)
    ledger = Ledger(loop, audit, skew_ms=SKEW_MS)
    return World(seed, loop, settings, Coverage(), server, ledger, audit)
