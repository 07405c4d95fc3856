"""The ports of simulated processes: the memory adapters, with what happens to requests drawn from the seed.

Each says while a call lasts that its process is inside it, so that faults can be sent to meet it there.
"""

from collections.abc import Callable
from typing import TypeVar

from awe.adapters.memory.blobs import MemoryBlobs
from awe.adapters.memory.leases import MemoryRoleLease, MemoryTaskLeases
from awe.adapters.memory.log import MemoryEventLog, Orphaned
from awe.adapters.memory.wire import GOOD, LOST_REPLY, LOST_REQUEST, Fate
from awe.commands.log import EVENTS_PER_CALL, Appended, Outcome, Page, Position, Rewound, Unit
from simulation.coverage import APPEND, RARE, WIRE
from simulation.process import Process
from simulation.world import World

T = TypeVar("T")

TIMEOUT_S = 1.0


class Weather:
    """Implements `awe.adapters.memory.wire.Faults` for one process."""

    def __init__(self, world: World, process: Process) -> None:
        self._world = world
        self._process = process
        self._dice = world.dice(f"wire/{process.name}")

    def fate(self, operation: str) -> Fate:
        world, dice, role = self._world, self._dice, self._process.role
        world.coverage.made[role, operation] += 1
        share = world.settings.wire
        if operation in RARE:
            share *= 4
        if not world.stormy or dice.random() >= share:
            return GOOD
        fault = dice.choice(WIRE)
        world.coverage.meet(fault, role, (operation,))
        return self._sent(fault)

    def _sent(self, fault: str) -> Fate:
        dice = self._dice
        match fault:
            case "lost request":
                return LOST_REQUEST
            case "lost reply":
                return LOST_REPLY
            case "late reply":
                return Fate((dice.uniform(0, 0.3),), TIMEOUT_S + dice.uniform(0, 4))
            case "duplicate":
                return Fate((0.0, dice.choice((0.0, dice.uniform(0, 9)))))
            case "reorder":  # the request is overtaken by its own repetition, and by what is sent after it
                return Fate((TIMEOUT_S + dice.uniform(0, 6),), 0.0)
            case _:
                return Fate((dice.uniform(0, 0.4),), dice.uniform(0, 0.4))


class SimulatedLog(MemoryEventLog):
    def __init__(
        self, world: World, process: Process, partition: str, orphaned: Orphaned | None = None
    ) -> None:
        super().__init__(
            world.server,
            partition,
            faults=Weather(world, process),
            orphaned=orphaned,
            reply_timeout_s=TIMEOUT_S,
            retry_s=0.2,
        )
        self._world = world
        self._process = process
        self._read_up_to = 0
        self._decided: dict[str, int] = {}

    async def append(self, unit: Unit) -> Outcome:
        self._position(unit)
        try:
            with self._process.inside(APPEND):
                told = await super().append(unit)
        finally:
            self._decided.pop(unit.id, None)
        self._world.coverage.events[f"{self._process.role} {type(told).__name__}"] += 1
        if isinstance(told, Appended) and unit.events:
            self._world.audit.acknowledged[self.partition, unit.id] = told
        return told

    async def read(self, after: Position, limit: int = EVENTS_PER_CALL) -> Page | Rewound:
        found = await super().read(after, limit)
        if isinstance(found, Page):
            self._read_up_to = found.position.n
        return found

    async def _ask(self, operation: str, serve: Callable[[], T]) -> T:
        with self._process.inside(operation):
            return await super()._ask(operation, serve)

    def _position(self, unit: Unit) -> None:
        """The position of a reactor never passes what one of its units was decided from before that is answered (I12)."""
        advance = unit.advance
        if advance is None:
            return
        if unit.events:
            self._decided[unit.id] = self._read_up_to
        elif advance.to.n > min(self._decided.values(), default=advance.to.n):
            self._world.audit.wrong(
                f"{self._process.name} moves to {advance.to.n} past what is not answered (I12)"
            )


class SimulatedRole(MemoryRoleLease):
    def __init__(self, world: World, process: Process, partition: str) -> None:
        super().__init__(
            world.server, partition, "scheduler", faults=Weather(world, process), reply_timeout_s=TIMEOUT_S
        )
        self._process = process

    async def _ask(self, operation: str, serve: Callable[[], T]) -> T:
        with self._process.inside(operation):
            return await super()._ask(operation, serve)


class SimulatedLeases(MemoryTaskLeases):
    def __init__(self, world: World, process: Process, partition: str) -> None:
        super().__init__(world.server, partition, faults=Weather(world, process), reply_timeout_s=TIMEOUT_S)
        self._process = process

    async def _ask(self, operation: str, serve: Callable[[], T]) -> T:
        with self._process.inside(operation):
            return await super()._ask(operation, serve)


class SimulatedBlobs:
    """One process' way to the blobs that all share."""

    def __init__(self, world: World, process: Process, store: MemoryBlobs) -> None:
        self._clock = world.server.clock
        self._dice = world.dice(f"blobs/{process.name}")
        self._process = process
        self._store = store

    async def put(self, data: bytes) -> str:
        with self._process.inside("blob.put"):
            await self._pause()
            return await self._store.put(data)

    async def get(self, digest: str) -> bytes:
        with self._process.inside("blob.get"):
            await self._pause()
            return await self._store.get(digest)

    async def _pause(self) -> None:
        await self._clock.sleep(self._dice.choice((0.0, 0.0, 0.01, 0.5)))
