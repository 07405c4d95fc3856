"""What happens to whom, by seed: each of some targets is killed, or stopped for two leases and let go on."""

import asyncio
import random
import signal
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from typing import NamedTuple, Protocol

import psutil

from chaos.engine.roles import Role, Supervisor
from support.server_process import ServerProcess

KINDS = ("kill", "stop")
TARGETS = ("redis", "postgres", "projector", "scheduler", "worker")


class Pace(NamedTuple):
    """At most so many faults are under way at once; the next one waits a random time, up to so long."""

    at_once: int = 2
    longest_pause_s: float = 1.5


class Target(Protocol):
    """Something with processes."""

    def kill9(self) -> object: ...
    def start(self) -> object: ...
    def pause(self) -> object: ...
    def resume(self) -> object: ...


class Server:
    """A server with all its processes: the children of one that is killed or stopped would go on."""

    def __init__(self, server: ServerProcess) -> None:
        self._server = server

    def kill9(self) -> None:
        family = self._family()
        self._server.pause()
        self._server.kill9()
        _signal(family, signal.SIGKILL)
        psutil.wait_procs(family, timeout=10)

    def start(self) -> None:
        self._server.start()

    def pause(self) -> None:
        self._server.pause()  # it makes no further ones
        _signal(self._family(), signal.SIGSTOP)

    def resume(self) -> None:
        _signal(self._family(), signal.SIGCONT)
        self._server.resume()

    def _family(self) -> list[psutil.Process]:
        return psutil.Process(self._server.pid).children(recursive=True)


class Fault(NamedTuple):
    kind: str
    target: str


def drawn(rng: random.Random, count: int) -> list[Fault]:
    """So many faults: every kind on every target, in an order that differs each time round."""
    found: list[Fault] = []
    while len(found) < count:
        bag = [Fault(kind, target) for kind in KINDS for target in TARGETS]
        rng.shuffle(bag)
        found += bag
    return found[:count]


class Faults:
    """Carries faults out; a target has one at a time, and as many are under way as the pace allows."""

    def __init__(
        self, supervisor: Supervisor, servers: dict[str, ServerProcess], stop_s: float, at_once: int
    ) -> None:
        self._supervisor = supervisor
        self._servers = {name: Server(server) for name, server in servers.items()}
        self._stop_s = stop_s
        self._busy: set[Target] = set()
        self._room = asyncio.Semaphore(at_once)
        self.done: Counter[str] = Counter()

    async def room(self) -> None:
        """Wait until another fault may begin; begin one then."""
        await self._room.acquire()

    def begin(self, fault: Fault, rng: random.Random, group: asyncio.TaskGroup) -> None:
        """Begin a fault that there is room for."""
        away_s = self._stop_s if fault.kind == "stop" else rng.uniform(0.0, 1.0)
        group.create_task(self._carry_out(fault, rng, away_s))

    async def _carry_out(self, fault: Fault, rng: random.Random, away_s: float) -> None:
        try:
            target = await self._free(fault.target, rng)
            with ExitStack() as held:
                held.callback(self._busy.discard, target)
                if isinstance(target, Role):
                    held.enter_context(self._supervisor.leave_alone(target))
                begin, end = (
                    (target.pause, target.resume) if fault.kind == "stop" else (target.kill9, target.start)
                )
                begin()
                try:
                    await asyncio.sleep(away_s)
                finally:
                    end()
            self.done[f"{fault.kind} {fault.target}"] += 1
        finally:
            self._room.release()

    async def _free(self, name: str, rng: random.Random) -> Target:
        """Wait for one of the targets of that name that has no fault now, and take it."""
        while True:
            all_of_them: list[Target] = [
                *(role for role in self._supervisor.roles if role.kind == name),
                *(server for server_name, server in self._servers.items() if server_name == name),
            ]
            free = [each for each in all_of_them if each not in self._busy and _runs(each)]
            if free:
                chosen = rng.choice(free)
                self._busy.add(chosen)
                return chosen
            await asyncio.sleep(0.05)


def _runs(target: Target) -> bool:
    return not isinstance(target, Role) or target.process.poll() is None


def _signal(processes: Sequence[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)
