"""What happens to processes and to their server, as the dice want it; whatever fails comes back after a while.

Most faults lie in wait at a point that the dice choose, for the next time that a process is there.
"""

import asyncio
import random
from collections.abc import Callable
from typing import Final

from awe.adapters.memory.partition import State as PartitionState
from simulation.coverage import BODY, POINTS, SERVER
from simulation.process import Process, State, Trap
from simulation.programs import Installation
from simulation.world import LEASE_MS

CREW: Final = {"scheduler": 2, "worker": 3, "client": 1}
_PATIENCE_S: Final = 4.0
_COLD: Final = frozenset({"read_archived_index", "restore_index"})
_PRESSURES: Final = (71, 76, 82, 100)


class Storm:
    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._world = installation.world
        self._dice = self._world.dice("storm")
        self._loop = self._world.loop

    async def blow(self) -> None:
        """Let faults happen until the seed's storm is over."""
        dice = self._dice
        until_s = self._world.settings.storm_s
        pause_s = dice.choice((0.3, 1.0, 3.0))
        while self._loop.time() < until_s and not self._world.audit.problems:
            await asyncio.sleep(dice.uniform(0, 2 * pause_s))
            self._prepare(dice)

    async def calm(self) -> None:
        """Let everything that stands still go on, and everything that is gone come back."""
        world = self._world
        world.stormy = False
        world.server.resume()
        for process in world.live():
            process.trap = None
            self._go_on(process)
        for name in world.partitions:
            partition = world.server.partition(name)
            partition.pressure, partition.full = 0, False
            if partition.state is PartitionState.CLOSED:
                world.server.heal(name)
        for role, number in CREW.items():
            for _ in range(number - len(world.staff(role))):
                self._installation.start(role)

    # Lying in wait

    def _prepare(self, dice: random.Random) -> None:
        role = dice.choice(("scheduler", "worker", "worker", "client"))
        processes = [
            each for each in self._world.live(role) if each.state is State.RUNNING and each.trap is None
        ]
        if not processes:
            return
        process, point = dice.choice(processes), dice.choice(POINTS[role])
        if dice.random() < 0.08:
            self._stop(process)
            return
        fault = dice.choice((*BODY, *BODY, *SERVER))
        trap = Trap(point, dice.choice((0, 0, 1, dice.randint(0, 12))), lambda: self._strike(process, fault))
        process.trap = trap
        if point == "give_up_role":
            self._stop(process)
        if point in _COLD:
            self._forget()
        self._later(_PATIENCE_S, lambda: self._spring(process, trap))

    def _spring(self, process: Process, trap: Trap) -> None:
        """The process did not come by: it happens where it is."""
        if process.trap is trap and process.state is State.RUNNING:
            process.trap = None
            trap.spring()

    def _strike(self, process: Process, fault: str) -> None:
        world = self._world
        if not world.stormy:
            return
        if fault == "tail loss" and not world.settings.lossy:
            fault = "server restart"
        world.coverage.events[fault] += 1
        world.audit.note(f"{fault} at {process.name} in {process.points}")
        hit = [process] if fault in BODY else world.live()
        for each in hit:
            world.coverage.meet(fault, each.role, each.points)
        match fault:
            case "crash":
                self._kill(process)
            case "pause":
                self._pause(process)
            case "server pause":
                self._pause_server()
            case "pressure":
                self._press()
            case _:
                self._fail(lose=fault == "tail loss")

    # What happens

    def _kill(self, process: Process) -> None:
        process.state = State.DEAD
        self._restart(process.role)

    def _stop(self, process: Process) -> None:
        """Ask for a clean stop, as a new release does."""
        ask = self._installation.stoppers.get(process.name)
        if ask is not None:
            self._world.coverage.events["clean stop"] += 1
            self._world.audit.note(f"{process.name} is asked to stop")
            process.leaving = True
            ask()
            self._restart(process.role)

    def _restart(self, role: str) -> None:
        def start() -> None:
            if self._world.stormy and len(self._world.staff(role)) < CREW[role]:
                self._installation.start(role)

        self._later(self._dice.choice((0.0, 0.5, self._dice.uniform(0, 10))), start)

    def _pause(self, process: Process) -> None:
        process.state = State.STOPPED
        lease_s = LEASE_MS / 1000
        for_s = self._dice.choice(
            (0.2, self._dice.uniform(0, lease_s), self._dice.uniform(lease_s, 4 * lease_s))
        )
        self._later(for_s, lambda: self._go_on(process))

    def _go_on(self, process: Process) -> None:
        if process.state is State.STOPPED:
            self._world.audit.note(f"{process.name} goes on")
            process.state = State.RUNNING
            self._loop.go_on(process)

    def _pause_server(self) -> None:
        self._world.server.pause()
        self._later(self._dice.choice((0.3, 2.0, self._dice.uniform(0, 15))), self._world.server.resume)

    def _press(self) -> None:
        partition = self._world.server.partition(self._dice.choice(self._world.partitions))
        level = self._dice.choice(_PRESSURES)
        partition.pressure, partition.full = level, level == _PRESSURES[-1]

        def relieve() -> None:
            partition.pressure, partition.full = 0, False

        self._later(self._dice.uniform(0, 6), relieve)

    def _fail(self, *, lose: bool) -> None:
        """A server fails and comes back with its file's tail or without, or with its log alone, and is healed."""
        dice, server = self._dice, self._world.server
        name = dice.choice(self._world.partitions)
        partition = server.partition(name)
        if partition.state is not PartitionState.OPEN:
            return
        if not lose and dice.random() < 0.5:
            server.lose_derived(name)
            for (where, _), group in self._world.groups.items():
                if where == name:
                    group.forget()
        else:
            loose = partition.n - partition.archived
            server.crash(name, lost=dice.choice((1, loose, dice.randint(0, loose))) if lose and loose else 0)

        def heal() -> None:
            if partition.state is PartitionState.CLOSED:
                server.heal(name)

        self._later(dice.choice((0.0, 0.5, dice.uniform(0, 12))), heal)

    def _forget(self) -> None:
        """Archive all and drop every index that may be dropped."""
        server = self._world.server
        for name in self._world.partitions:
            partition = server.partition(name)
            if partition.state is PartitionState.OPEN:
                server.archive(name, partition.n)
                for run in list(partition.derived.runs):
                    server.drop_index(name, run)

    def _later(self, seconds: float, do: Callable[[], None]) -> None:
        self._loop.call_later(seconds, do)


async def keep(installation: Installation) -> None:
    """Archive, trim and drop indexes as the keepers of real servers do, now and then with a long lag."""
    world = installation.world
    dice, server = world.dice("keepers"), world.server
    while True:
        await asyncio.sleep(dice.choice((0.2, 0.5, 1.0, dice.uniform(0, 12))))
        for name in world.partitions:
            partition = server.partition(name)
            if partition.state is not PartitionState.OPEN or not partition.n:
                continue
            server.archive(name, dice.choice((partition.n, dice.randint(partition.archived, partition.n))))
            if dice.random() < 0.5:
                server.trim(name, partition.archived - dice.choice((0, 5, 50)))
            if dice.random() < 0.2 and partition.derived.runs:
                server.drop_index(name, dice.choice(list(partition.derived.runs)))
