"""What each process runs: the real scheduler, worker and command handlers, composed as the entry points compose them."""

import asyncio
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from awe.adapters.memory.blobs import MemoryBlobs
from awe.adapters.memory.queue import MemoryConsumer
from awe.adapters.memory.snapshots import MemorySnapshots
from awe.adapters.memory.work_queues import MemoryWorkQueues
from awe.adapters.schemas import JsonSchemas
from awe.commands.append_ids import AppendIds
from awe.commands.handling import Contended, Overloaded, RunHandler
from awe.commands.messages import RequestCancel, SubmitGoal
from awe.commands.runs import RunCommands
from awe.commands.scheduler.limits import Limits
from awe.commands.scheduler.parts import Parts
from awe.commands.scheduler.scheduler import Scheduler
from awe.commands.worker.redelivery import Redelivery
from awe.commands.worker.settings import WorkerSettings
from awe.commands.worker.worker import Worker
from awe.domain.identifiers import RunId, run_id_for
from awe.domain.plan.model import Plan
from awe.domain.rejections import Rejected
from awe.domain.vocabulary import CODEC
from simulation.goals import Goal
from simulation.judging import Comparisons
from simulation.ports import SimulatedBlobs, SimulatedLeases, SimulatedLog, SimulatedRole
from simulation.process import Process, State
from simulation.tools import SimulatedTools
from simulation.world import LEASE_MS, QUEUES, SKEW_MS, World

ROLE_LEASE_MS = 4_000
_TENANT, _ACTOR = "default", "sim"


async def inline(function: Callable[..., Any], /, *args: Any) -> Any:
    """In place of a thread."""
    return function(*args)


@dataclass(slots=True)
class Installation:
    """What processes share besides the server, and who runs."""

    world: World
    goals: list[Goal]
    blobs: MemoryBlobs = field(default_factory=MemoryBlobs)
    expressions: Comparisons = field(default_factory=Comparisons)
    schemas: JsonSchemas = field(default_factory=JsonSchemas)
    terms: dict[str, list[tuple[str, asyncio.Task[None]]]] = field(
        default_factory=dict[str, list[tuple[str, asyncio.Task[None]]]]
    )
    """The schedulers of each process, by partition."""
    stoppers: dict[str, Callable[[], Any]] = field(default_factory=dict[str, Callable[[], Any]])
    """How each process is asked to stop."""
    submitted: set[str] = field(default_factory=set[str])
    cancelled: set[str] = field(default_factory=set[str])
    given_up: set[str] = field(default_factory=set[str])
    _started: int = 0
    _opened: int = 0

    @property
    def plans(self) -> dict[str, Plan | None]:
        return {goal.name: goal.plan for goal in self.goals}

    def run_of(self, goal: Goal) -> RunId:
        return run_id_for(_TENANT, _ACTOR, goal.name, self.world.settings.partitions)

    def start(self, role: str) -> Process:
        """Start a process; what goes wrong in it is a problem of the seed."""
        self._started += 1
        process = Process(f"{role}-{self._started}", role)
        self.world.processes.append(process)
        programs = {"scheduler": self._scheduler, "worker": self._worker, "client": self._client}
        self.world.loop.start(self._watched(process, programs[role]), process)
        return process

    async def _watched(self, process: Process, program: Callable[[Process], Any]) -> None:
        try:
            await program(process)
        except Exception as fault:  # noqa: BLE001 (whatever it is, no process may end by it)
            self.world.audit.wrong(f"{process.name} ended: {_innermost(fault)!r} {_place(fault)}")
        process.state = State.DEAD

    def _ids(self, process: Process, what: str) -> AppendIds:
        return AppendIds(self.world.dice(f"ids/{process.name}/{what}").randbytes(9))

    # The scheduler's process: one scheduler for each partition.

    async def _scheduler(self, process: Process) -> None:
        world, settings = self.world, self.world.settings
        limits = Limits(
            dispatched=settings.dispatched,
            wave=settings.wave,
            inline_work=settings.inline_work,
            skew_ms=SKEW_MS,
            lease_ms=ROLE_LEASE_MS,
            task_lease_s=LEASE_MS / 1000,
            tick_s=1.0,
            snapshot_s=5.0,
            watch_s=5.0,
        )
        running: list[tuple[str, asyncio.Task[None]]] = []
        for partition in world.partitions:
            parts = Parts(
                log=SimulatedLog(world, process, partition),
                holder=process.name,
                role=SimulatedRole(world, process, partition),
                task_leases=SimulatedLeases(world, process, partition),
                queues=MemoryWorkQueues(world.server, partition),
                snapshots=MemorySnapshots(world.server, partition),
                blobs=SimulatedBlobs(world, process, self.blobs),
                expressions=self.expressions,
                clock=world.clock_of(process),
                ids=self._ids(process, partition),
                limits=limits,
                off_loop=inline,
            )
            running.append((partition, asyncio.create_task(Scheduler(parts).run())))
        self.terms[process.name] = running
        tasks = [task for _, task in running]
        stopping = asyncio.Event()
        self.stoppers[process.name] = stopping.set
        watch = asyncio.create_task(stopping.wait())
        await asyncio.wait([watch, *tasks], return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        for ended in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(ended, Exception):
                raise ended

    # The worker's process: a worker, and a consumer and a reclaimer for each of its queues.

    async def _worker(self, process: Process) -> None:
        world = self.world
        workers: list[Worker] = []
        logs = {
            number: SimulatedLog(
                world,
                process,
                partition,
                lambda unit, outcome: workers[0].orphaned(unit, outcome),  # noqa: PLW0108 (there is none yet)
            )
            for number, partition in enumerate(world.partitions)
        }
        worker = Worker(
            name=process.name,
            logs=logs,
            task_leases={
                number: SimulatedLeases(world, process, partition)
                for number, partition in enumerate(world.partitions)
            },
            tools=SimulatedTools(world, process, self.plans),
            blobs=SimulatedBlobs(world, process, self.blobs),
            expressions=self.expressions,
            schemas=self.schemas,
            clock=world.clock_of(process),
            ids=self._ids(process, "all"),
            settings=WorkerSettings(slots=world.settings.slots, lease_ms=LEASE_MS, skew_ms=SKEW_MS),
            off_loop=inline,
        )
        workers.append(worker)

        async def accept(queue: str, message_id: str, data: bytes) -> None:
            with process.inside("slot"):
                await worker.accept(queue, message_id, data)

        work = [asyncio.create_task(worker.run())]
        reading: list[asyncio.Task[None]] = []
        for number, partition in enumerate(world.partitions):
            consumers = [MemoryConsumer(world.group(partition, queue), process.name) for queue in QUEUES]
            batch = max(1, world.settings.slots // (len(QUEUES) * len(world.partitions)))
            reading += [asyncio.create_task(consumer.feed(accept, batch)) for consumer in consumers]
            reading.append(asyncio.create_task(Redelivery(worker, logs[number], consumers).run()))
        stopping = asyncio.Event()
        self.stoppers[process.name] = stopping.set
        watch = asyncio.create_task(stopping.wait())
        await asyncio.wait([watch, *work, *reading], return_when=asyncio.FIRST_COMPLETED)
        for task in reading:
            task.cancel()
        await worker.drain(world.dice(f"drain/{process.name}").uniform(0, 4))
        for task in work:
            task.cancel()
        for ended in await asyncio.gather(*work, *reading, return_exceptions=True):
            if isinstance(ended, Exception):
                raise ended

    # The client's process: whoever comes after it repeats what it cannot know the fate of.

    async def _client(self, process: Process) -> None:
        commands = self._commands(process)
        async with asyncio.TaskGroup() as group:
            for goal in self.goals:
                group.create_task(self._pursue(commands, goal))

    async def _pursue(self, commands: RunCommands, goal: Goal) -> None:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(max(goal.at_s - loop.time(), 0))
        command = SubmitGoal(
            tenant=_TENANT,
            actor=_ACTOR,
            goal=goal.name,
            inputs=goal.inputs,
            deadline_ms=goal.deadline_ms,
            queue=goal.queue,
            priority=goal.priority,
            idempotency_key=goal.name,
        )
        if goal.name not in self.submitted:
            await _insist(lambda: commands.submit(command))
            self.submitted.add(goal.name)
        if goal.cancel_s is not None and goal.name not in self.cancelled:
            await asyncio.sleep(max(goal.cancel_s - loop.time(), 0))
            await self._cancel(commands, goal)
            self.cancelled.add(goal.name)

    async def give_up(self, goal: Goal, process: Process) -> None:
        """Cancel a run that waits for a person, as a person would."""
        self.given_up.add(goal.name)
        await self._cancel(self._commands(process), goal)

    async def _cancel(self, commands: RunCommands, goal: Goal) -> None:
        with suppress(Rejected):  # it has ended
            await _insist(lambda: commands.cancel(RequestCancel(actor=_ACTOR, run=self.run_of(goal))))

    def _commands(self, process: Process) -> RunCommands:
        logs = {
            number: SimulatedLog(self.world, process, partition)
            for number, partition in enumerate(self.world.partitions)
        }
        self._opened += 1
        ids = self._ids(process, str(self._opened))
        handlers = {number: RunHandler(log, CODEC, ids) for number, log in logs.items()}
        return RunCommands(handlers.__getitem__, len(logs), self.world.dice(process.name).randbytes)


async def _insist(ask: Callable[[], Any]) -> None:
    while True:
        try:
            await ask()
        except (Overloaded, Contended):
            await asyncio.sleep(0.5)
        else:
            return


def _place(fault: BaseException) -> str:
    frames = traceback.extract_tb(_innermost(fault).__traceback__)
    return " < ".join(f"{each.name}:{each.lineno}" for each in reversed(frames[-4:]))


def _innermost(fault: BaseException) -> BaseException:
    inner: Sequence[BaseException] = getattr(fault, "exceptions", ())  # of a group
    return _innermost(inner[0]) if inner else fault
