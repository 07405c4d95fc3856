"""One partition in memory with a scheduler, and hands that do what workers do, one step at a time.

async def story(o: Office) -> None:
    run = await o.submit()
    await o.plan(run, plan_of(task("first")))
    await o.succeed(run, "first", {"n": 1})
    await o.until_event(run, "succeeded")

await play(story)
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, cast

from pydantic_core import from_json

from awe.adapters.expressions import CelExpressions
from awe.adapters.memory.blobs import MemoryBlobs
from awe.adapters.memory.leases import MemoryRoleLease, MemoryTaskLeases
from awe.adapters.memory.log import MemoryEventLog
from awe.adapters.memory.server import MemoryServer
from awe.adapters.memory.snapshots import MemorySnapshots
from awe.adapters.memory.work_queues import MemoryWorkQueues
from awe.commands.append_ids import AppendIds
from awe.commands.handling import RunHandler
from awe.commands.leases import Held
from awe.commands.log import Ack, Appended, Expect, Guard, NewEvent, Outcome, RecordedEvent, Unit
from awe.commands.messages import RequestCancel, SubmitGoal
from awe.commands.runs import RunCommands
from awe.commands.scheduler.limits import Limits
from awe.commands.scheduler.parts import Parts
from awe.commands.scheduler.scheduler import Scheduler
from awe.domain.contracts import Effect, Idempotency, ToolContract
from awe.domain.events import Context, Event, Json, encode
from awe.domain.failures import FailureClass
from awe.domain.fold import fold
from awe.domain.identifiers import RunId, TaskKey, task_aggregate
from awe.domain.plan.canonical import digest
from awe.domain.plan.lint.catalogue import Catalogue
from awe.domain.plan.model import Plan
from awe.domain.plan.pins import pins
from awe.domain.task import calls, decisions
from awe.domain.task.events import TaskReady, claims_delta
from awe.domain.task.state import Task, evolve
from awe.domain.task.work import Work, read_work
from awe.domain.vocabulary import CODEC, decode
from support.running import running
from support.virtual_clock import VirtualClock

PARTITION = "test.one"
ENTROPY = b"a test's entropy, 32 bytes long."
LEASE_MS = 30_000

NOOP = ToolContract(
    name="noop", version="1", input_schema={"type": "object"}, output_schema={}, effect=Effect.READ
)
WRITE = ToolContract(
    name="write",
    version="1",
    input_schema={"type": "object"},
    output_schema={},
    effect=Effect.WRITE,
    idempotency=Idempotency.NONE,
)
CATALOGUE = Catalogue.of((NOOP, WRITE))


def task(name: str, *deps: str, **more: Any) -> dict[str, Any]:
    """A task that calls `noop` with what its dependencies made."""
    arguments = {dep: {"$from": dep} for dep in deps}
    return {
        "id": name,
        "deps": list(deps),
        "tool_requests": [{"tool": "noop", "arguments": arguments}],
        **more,
    }


def plan_of(*tasks: dict[str, Any], **more: Any) -> Plan:
    return Plan.model_validate({"name": "p", "tasks": list(tasks), **more})


async def inline(function: Callable[..., Any], /, *args: Any) -> Any:
    """In place of a thread: a test's turns of the loop stay the same each time."""
    return function(*args)


class Office:
    """The partition, its scheduler's parts, and a worker's hands."""

    def __init__(self, server: MemoryServer, clock: VirtualClock, limits: Limits) -> None:
        self.server = server
        self.clock = clock
        self.log = MemoryEventLog(server, PARTITION)
        self.blobs = MemoryBlobs()
        self.leases = MemoryTaskLeases(server, PARTITION)
        self.limits = limits
        self.expressions = CelExpressions()
        self.snapshots = MemorySnapshots(server, PARTITION)
        self.ids = AppendIds(b"the hands of a worker")
        self.runs = RunCommands(
            [RunHandler(self.log, CODEC, AppendIds(ENTROPY))].__getitem__, 1, lambda count: ENTROPY[:count]
        )
        self.schedulers = 0

    def role(self, role: str = "scheduler") -> MemoryRoleLease:
        return MemoryRoleLease(self.server, PARTITION, role)

    def scheduler(self, log: MemoryEventLog | None = None, role: str = "scheduler") -> Scheduler:
        self.schedulers += 1
        parts = Parts(
            log=log or self.log,
            holder=f"scheduler-{self.schedulers}",
            role=self.role(role),
            task_leases=self.leases,
            queues=MemoryWorkQueues(self.server, PARTITION),
            snapshots=self.snapshots,
            blobs=self.blobs,
            expressions=self.expressions,
            clock=self.clock,
            ids=AppendIds(f"{self.schedulers:09d}".encode()),
            limits=self.limits,
            off_loop=inline,
        )
        return Scheduler(parts)

    async def submit(self, **goal: Any) -> RunId:
        wanted: dict[str, Any] = {"actor": "ana", "goal": "g", "inputs": {}, "idempotency_key": "k", **goal}
        command = SubmitGoal.model_validate(wanted)
        return (await self.runs.submit(command)).run

    async def plan(self, run: RunId, plan: Plan, findings: Sequence[dict[str, Any]] = ()) -> None:
        """Do the planning of a run as a worker would."""
        output = {
            "plan": plan.model_dump(mode="json", by_alias=True),
            "digest": digest(plan),
            "findings": list(findings),
            "pins": pins(plan, CATALOGUE),
        }
        await self.succeed(run, "sys.plan", cast("Json", output))

    async def cancel(self, run: RunId) -> None:
        await self.runs.cancel(RequestCancel(actor="ana", run=run))

    async def events(self, run: RunId) -> Sequence[RecordedEvent]:
        return (await self.log.history(run)).events

    async def names(self, run: RunId, key: str | None = None) -> list[str]:
        """The short names of a run's events, or of one task's."""
        aggregate = "run" if key is None else task_aggregate(TaskKey(key))
        return [
            event.type.split("/")[0].rpartition(".")[2]
            for event in await self.events(run)
            if event.aggregate == aggregate
        ]

    async def last(self, run: RunId, key: str | None = None) -> Event:
        aggregate = "run" if key is None else task_aggregate(TaskKey(key))
        found = [event for event in await self.events(run) if event.aggregate == aggregate]
        return decode(found[-1].type, found[-1].body)[0]

    async def until(self, done: Callable[[], Awaitable[bool]], most_s: float = 3_600.0) -> None:
        """Let time pass until something holds."""
        end = self.clock.monotonic() + most_s
        pause_s = 0.01
        while not await done():
            assert self.clock.monotonic() < end, "it did not happen"
            await self.clock.sleep(pause_s)
            pause_s = min(pause_s * 1.5, 1.0)

    async def until_event(self, run: RunId, name: str, key: str | None = None, times: int = 1) -> None:
        async def there() -> bool:
            return (await self.names(run, key)).count(name) >= times

        await self.until(there)

    async def offered(self, run: RunId, key: str) -> RecordedEvent:
        """Wait until a task is ready, and return the event that offers it."""
        await self.until(lambda: self._is_ready(run, key))
        found = [e for e in await self.events(run) if e.aggregate == task_aggregate(TaskKey(key))]
        return found[-1]

    async def _is_ready(self, run: RunId, key: str) -> bool:
        names = await self.names(run, key)
        return bool(names) and names[-1] == "ready"

    async def work(self, run: RunId, key: str) -> Work:
        offer = await self.offered(run, key)
        ready = cast("TaskReady", decode(offer.type, offer.body)[0])
        if ready.work_blob is not None:
            return read_work(await self._json(ready.work_blob))
        return read_work(ready.work)

    async def _json(self, digest: str) -> Json:
        return cast("Json", from_json(await self.blobs.get(digest)))

    async def claim(self, run: RunId, key: str, contract: ToolContract = NOOP) -> Outcome:
        """Claim a task with its first intent."""
        offer = await self.offered(run, key)
        state, _, _ = await self._state(run, key)
        work = await self.work(run, key)
        claimed = decisions.claim(state, attempt=state.attempt, worker="hands", lease_ms=LEASE_MS)
        after = fold(state, evolve, claimed)
        former = after.operation(0)
        started = calls.start_operation(
            after,
            attempt=state.attempt,
            index=0,
            generation=1 if former is None else former.generation,
            contract=contract,
            arguments_digest="ab" * 32,
            arguments=None,
            now_ms=self.clock.now_ms(),
            call_until_ms=self.clock.now_ms() + 10_000,
        )
        guard = Guard(work.control.version, work.control.append_id)
        return await self._append(
            run, key, (*claimed, *started), (offer.version, offer.append_id), guard=guard
        )

    async def report(self, run: RunId, key: str, output: Json) -> Outcome:
        state, version, append_id = await self._state(run, key)
        told = calls.succeed_operation(state, attempt=state.attempt, index=0, generation=1, output=output)
        done = decisions.succeed(fold(state, evolve, told), attempt=state.attempt, output=output)
        return await self._append(run, key, (*told, *done), (version, append_id))

    async def succeed(self, run: RunId, key: str, output: Json) -> None:
        """Claim a task and report its output."""
        assert isinstance(await self.claim(run, key), Appended)
        assert isinstance(await self.report(run, key, output), Appended)

    async def fail(
        self, run: RunId, key: str, failure: FailureClass = FailureClass.TOOL_ERROR, message: str = "broken"
    ) -> None:
        """Claim a task and report a failure."""
        assert isinstance(await self.claim(run, key), Appended)
        state, version, append_id = await self._state(run, key)
        told = calls.fail_operation(
            state,
            attempt=state.attempt,
            index=0,
            generation=1,
            failure=failure,
            message=message,
            now_ms=self.clock.now_ms(),
            skew_ms=0,
        )
        judged = decisions.fail(
            fold(state, evolve, told), attempt=state.attempt, failure=failure, message=message, identity=run
        )
        assert isinstance(await self._append(run, key, (*told, *judged), (version, append_id)), Appended)

    async def renew(self, run: RunId, key: str, attempt: int = 1) -> None:
        await self.leases.renew([Held(run, task_aggregate(TaskKey(key)), attempt)], LEASE_MS)

    async def append(self, run: RunId, key: str, *events: Event) -> Outcome:
        """Append events that rest on nothing, as a late observation does."""
        _, version, append_id = await self._state(run, key)
        return await self._append(run, key, events, (version, append_id))

    async def _append(
        self,
        run: RunId,
        key: str,
        events: Sequence[Any],
        expected: tuple[int, str],
        *,
        guard: Guard | None = None,
    ) -> Outcome:
        aggregate = task_aggregate(TaskKey(key))
        unit = Unit(
            self.ids.new(),
            run,
            tuple(NewEvent(aggregate, event.event_type, encode(event, Context("hands"))) for event in events),
            (Expect(aggregate, *expected),),
            guard,
            claims=claims_delta(events),
            acks=[
                Ack(queue, str(event.n), event.n, event.append_id)
                for queue in self.server.partition(PARTITION).derived.queues
                for event in self.server.messages(PARTITION, queue)
                if (event.run, event.aggregate) == (run, aggregate)
            ]
            if claims_delta(events) < 0
            else (),
        )
        return await self.log.append(unit)

    async def _state(self, run: RunId, key: str) -> tuple[Task, int, str]:
        found = (await self.log.history(run, task_aggregate(TaskKey(key)))).events
        events = [cast("Any", decode(event.type, event.body)[0]) for event in found]
        last = found[-1]
        return fold(Task(), evolve, events), last.version, last.append_id

    async def aclose(self) -> None:
        self.expressions.close()
        await self.log.aclose()


async def play(
    story: Callable[[Office], Awaitable[None]], limits: Limits | None = None, *, scheduled: bool = True
) -> None:
    """Tell a story in an office with a running scheduler (unless it begins without), on a clock of its own."""
    clock = VirtualClock()
    o = Office(MemoryServer(clock), clock, limits or Limits())

    async def told() -> None:
        if scheduled:
            async with running(o.scheduler().run()):
                await story(o)
        else:
            await story(o)

    try:
        await clock.until(told())
    finally:
        await o.aclose()
