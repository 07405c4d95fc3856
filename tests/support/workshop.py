"""One partition in memory, tasks that are offered in it, and workers for them.

async def test_something(shop: Workshop) -> None:
    message = await shop.offer(Work((shop.request("read"),)))
    worker = shop.worker()
    await shop.handle(worker, message)
    assert await shop.names() == ["ready", "claimed", "operation_started", "operation_succeeded", "succeeded"]
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar, cast

from awe.adapters.expressions import CelExpressions
from awe.adapters.memory.blobs import MemoryBlobs
from awe.adapters.memory.leases import MemoryTaskLeases
from awe.adapters.memory.log import MemoryEventLog
from awe.adapters.memory.queue import Message, message_of
from awe.adapters.memory.server import MemoryServer
from awe.adapters.memory.wire import Faults
from awe.adapters.schemas import JsonSchemas
from awe.commands.append_ids import AppendIds
from awe.commands.log import Appended, EventLog, Expect, NewEvent, RecordedEvent, Unit
from awe.commands.tools import Call, Failure, Success
from awe.commands.worker.settings import WorkerSettings
from awe.commands.worker.spans import Spans
from awe.commands.worker.worker import Worker
from awe.domain.contracts import Effect, Idempotency, ToolContract
from awe.domain.events import Context, Event, Json, encode
from awe.domain.expressions import Expressions
from awe.domain.identifiers import TaskKey, run_id_for, task_aggregate
from awe.domain.plan.lint.catalogue import Catalogue
from awe.domain.task.events import TaskEvent, TaskReady, claims_delta
from awe.domain.task.work import Request, Work
from awe.domain.vocabulary import decode
from support.virtual_clock import VirtualClock

T = TypeVar("T")

PARTITION = "awe.00"
RUN = run_id_for("t", "ana", "workshop", 1)
CONTEXT = Context("scheduler", "", "c-1", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")


def tool(name: str, effect: Effect = Effect.READ, **more: Any) -> ToolContract:
    fields: dict[str, Any] = {
        "name": name,
        "version": "1",
        "input_schema": {},
        "output_schema": {},
        "effect": effect,
        **more,
    }
    return ToolContract.model_validate(fields)


CONTRACTS = (
    tool("read"),
    tool("keyed", Effect.WRITE, idempotency=Idempotency.KEY),
    tool("once", Effect.WRITE),
    tool("text", output_schema={"type": "string"}),
)
_SLICES = 40
Answer = Callable[[Call], Awaitable[Success | Failure]]


async def inline(function: Callable[..., Any], /, *args: Any) -> Any:
    """In place of a thread: a test's turns of the loop stay the same each time."""
    return function(*args)


class Bench:
    """Tools that answer as they are told, and remember their calls."""

    def __init__(self, contracts: Sequence[ToolContract] = CONTRACTS) -> None:
        self.contracts = {contract.digest: contract for contract in contracts}
        self.answers: dict[str, Answer] = {}
        self.calls: list[Call] = []

    @property
    def catalogue(self) -> Catalogue:
        return Catalogue.of(self.contracts.values())

    def contract(self, digest: str) -> ToolContract | None:
        return self.contracts.get(digest)

    async def call(self, call: Call) -> Success | Failure:
        self.calls.append(call)
        answer = self.answers.get(call.contract.name)
        return Success({"n": 1}) if answer is None else await answer(call)

    def gives(self, name: str, outcome: Success | Failure) -> None:
        async def answer(_: Call) -> Success | Failure:
            return outcome

        self.answers[name] = answer


class Workshop:
    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.server = MemoryServer(self.clock)
        self.log = MemoryEventLog(self.server, PARTITION)
        self.leases = MemoryTaskLeases(self.server, PARTITION)
        self.blobs = MemoryBlobs()
        self.tools = Bench()
        self.expressions = CelExpressions()
        self.ids = AppendIds(b"a test's own appends")
        self._workers = 0

    async def aclose(self) -> None:
        self.expressions.close()
        await self.log.aclose()
        await self.leases.aclose()

    def log_with(self, faults: Faults, **more: Any) -> MemoryEventLog:
        """A log of another process, whose requests may meet anything."""
        return MemoryEventLog(self.server, PARTITION, faults=faults, **more)

    def worker(
        self,
        name: str = "w-1",
        *,
        log: EventLog | None = None,
        spans: Spans | None = None,
        tools: Bench | None = None,
        expressions: Expressions | None = None,
        **settings: Any,
    ) -> Worker:
        self._workers += 1
        return Worker(
            name=name,
            logs={0: log or self.log},
            task_leases={0: self.leases},
            tools=tools or self.tools,
            blobs=self.blobs,
            expressions=expressions or self.expressions,
            schemas=JsonSchemas(),
            clock=self.clock,
            ids=AppendIds(f"{self._workers:09} is a worker".encode()),
            settings=WorkerSettings(**{"slots": 4, **settings}),
            spans=spans,
            off_loop=inline,
        )

    def request(self, name: str, **arguments: Json) -> Request:
        """A request whose top-level references to earlier requests are bindings; all else is data."""
        contract = next(each for each in self.tools.contracts.values() if each.name == name)
        earlier = [
            (key,)
            for key, value in arguments.items()
            if isinstance(value, dict) and str(value.get("$from")).startswith("requests/")
        ]
        return Request(name, contract.digest, arguments, tuple(earlier))

    async def offer(self, work: Work | None, *, task: str = "one", attempt: int = 1, **more: Any) -> Message:
        """Make a task ready as the scheduler does; return the message."""
        ready = TaskReady(attempt=attempt, plan=1, work=None if work is None else work.document(), **more)
        await self.append(ready, task=task, dispatch="default")
        return message_of((await self.events(task))[-1])

    async def append(self, *events: Event, task: str = "one", dispatch: str = "") -> None:
        """Append what others say of a task."""
        aggregate = task_aggregate(TaskKey(task))
        before = await self.events(task)
        last = (before[-1].version, before[-1].append_id) if before else (0, "")
        unit = Unit(
            self.ids.new(),
            RUN,
            tuple(NewEvent(aggregate, each.event_type, encode(each, CONTEXT), dispatch) for each in events),
            (Expect(aggregate, *last),),
            claims=claims_delta(cast("Sequence[TaskEvent]", events)),
        )
        assert isinstance(await self.log.append(unit), Appended)

    async def restrict(self, state: str) -> str:
        """Let the run be restricted; return the append's id, for a guard."""
        unit = Unit(self.ids.new(), RUN, (NewEvent("run", "awe.run.cancelled/1", b"{}"),), control=state)
        await self.log.append(unit)
        return unit.id

    async def play(self, story: Awaitable[T]) -> T:
        """Do something while time jumps whenever nobody can go on."""
        return await self.clock.until(story)

    async def handle(self, worker: Worker, *messages: Message, deliveries: int = 1) -> None:
        """Let a worker take messages and end with them."""

        async def all_of_it() -> None:
            for message in messages:
                await worker.accept("default", message.id, message.data, deliveries)
            await self.idle(worker)

        await self.play(all_of_it())

    async def passes(self, seconds: float) -> None:
        """Let time pass in slices, so that whoever can go on does, however many turns of the loop that takes."""
        for _ in range(_SLICES):
            await self.clock.sleep(seconds / _SLICES)

    async def idle(self, worker: Worker) -> None:
        while worker.at_work:
            await self.clock.sleep(0.001)

    async def events(self, task: str = "one") -> Sequence[RecordedEvent]:
        return (await self.log.history(RUN, task_aggregate(TaskKey(task)))).events

    async def said(self, task: str = "one") -> list[Any]:
        """A task's events; a test knows which is which."""
        return [decode(each.type, each.body)[0] for each in await self.events(task)]

    async def names(self, task: str = "one") -> list[str]:
        """The short names of a task's events."""
        return [each.event_name.rpartition(".")[2] for each in await self.said(task)]

    async def last(self, task: str = "one") -> Any:
        return (await self.said(task))[-1]

    @property
    def waiting(self) -> int:
        """How many messages nobody acknowledged."""
        return len(self.server.messages(PARTITION, "default"))

    @property
    def claims(self) -> int:
        """How many claims are open."""
        return self.server.partition(PARTITION).derived.runs[RUN].claims
