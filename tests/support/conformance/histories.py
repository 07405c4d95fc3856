"""Random histories: a store and the naive model live through the same steps and must give the same answers.

A step is a word and a few small numbers, which are given a meaning where the history stands; so any list of steps is
a history, whoever made it, and a shorter one is a simpler one.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from awe.commands.log import (
    NEW_RUN,
    Admission,
    Advance,
    Appended,
    CounterStep,
    EventLog,
    Expect,
    Guard,
    Limit,
    Misplaced,
    Outcome,
    Page,
    Position,
    Reserve,
    Rewound,
    Settle,
    Unit,
)
from support.conformance.harness import Harness
from support.conformance.model import Answer, Model, Write
from support.conformance.units import BEGIN, a, ack, event, everything, new_id

KNOBS = 8
"""Numbers of a step."""

TOP = 15
"""The largest of them."""

RUNS = ("r-00-one", "r-00-two")
REACTOR = "scheduler"
QUEUE = "work"


class Step(NamedTuple):
    word: str
    knobs: Sequence[int]


@dataclass(slots=True)
class History:
    """One life of a store and its model."""

    harness: Harness
    log: EventLog
    model: Model = field(default_factory=Model)
    sent: list[Unit] = field(default_factory=list[Unit])
    seen: list[tuple[Position, Sequence[Write]]] = field(
        default_factory=list[tuple[Position, Sequence[Write]]]
    )

    @classmethod
    async def begin(cls, harness: Harness) -> "History":
        """Begin with an empty partition."""
        log = await harness.log()
        head = await log.head()
        return cls(harness, log, Model(epoch=head.epoch), seen=[(BEGIN, []), (head, [])])

    async def append(self, knobs: Sequence[int], *, answered: bool = True) -> None:
        which, *_ = knobs
        run, absent_at = (RUNS[which % 2], 0) if which < TOP else (f"r-{new_id()}", NEW_RUN)
        sent = await self._unit(run, knobs)
        self.sent.append(sent)
        await self._send(sent._replace(absent_at=absent_at), answered=answered)

    async def append_unanswered(self, knobs: Sequence[int]) -> None:
        await self.harness.lose_next_reply()
        await self.append(knobs, answered=False)

    async def retry(self, knobs: Sequence[int]) -> None:
        """Send a unit again; one that is not in the log names messages that may be gone, so it acks none."""
        if self.sent:
            sent = self.sent[-1 - (knobs[0] * (TOP + 1) + knobs[1]) % len(self.sent)]
            there = any(write.unit.id == sent.id for write in self.model.writes)
            await self._send(sent if there else sent._replace(acks=()))

    async def archive(self, knobs: Sequence[int]) -> None:
        up_to = self.model.n * knobs[0] // TOP
        await self.harness.archive_to(up_to)
        self.model.archive(up_to)

    async def trim(self, knobs: Sequence[int]) -> None:
        await self.harness.trim_to(self.model.n * knobs[0] // TOP)

    async def drop(self, knobs: Sequence[int]) -> None:
        run = RUNS[knobs[0] % 2]
        if await self.harness.drop_index(run):
            assert self.model.droppable(run)

    async def restart(self, knobs: Sequence[int]) -> None:  # noqa: ARG002 (a step has knobs)
        await self.harness.restart()
        await self._in_new_epoch()

    async def lose(self, knobs: Sequence[int]) -> None:
        count = 1 + knobs[0] % 7
        await self.harness.lose_tail(count)
        self.model.lose(count)
        await self._in_new_epoch()

    async def rebuild(self, knobs: Sequence[int]) -> None:  # noqa: ARG002 (a step has knobs)
        await self.harness.rebuild()
        await self._in_new_epoch()

    async def press(self, knobs: Sequence[int]) -> None:
        self.model.pressure = (0, 69, 75, 90)[knobs[0] % 4]
        await self.harness.set_pressure(self.model.pressure)

    async def read(self, knobs: Sequence[int]) -> None:
        at, past = self.seen[-1 - (knobs[0] * (TOP + 1) + knobs[1]) % len(self.seen)]
        limit = 1 + knobs[2]
        now = self.model.lineage()
        shared = next((n for n, each in enumerate(past) if n >= len(now) or now[n] is not each), len(past))
        found = await self.log.read(at, limit)
        if shared < len(past):
            assert found == Rewound(Position(shared, self.model.epoch))
            return
        page = a(Page, found)
        assert [each.append_id for each in page.events] == [
            each.unit.id for each in now[at.n : at.n + len(page.events)]
        ]
        assert bool(page.events) == (at.n < len(now))
        assert len(page.events) <= limit
        assert page.position == Position(at.n + len(page.events), self.model.epoch)
        self._remember(page.position)

    async def check(self) -> None:
        """Compare all that can be seen."""
        assert await self.log.head() == Position(self.model.n, self.model.epoch)
        events = await everything(self.log, 7)
        assert [(each.n, each.run, each.aggregate, each.append_id) for each in events] == [
            (n, write.unit.run, new.aggregate, write.unit.id) for write, n, new in self.model.events()
        ]
        versions: dict[tuple[str, str], int] = {}
        for each in events:
            key = (each.run, each.aggregate)
            versions[key] = versions.get(key, 0) + 1
            assert each.version == versions[key]
        for run in RUNS:
            history = await self.log.history(run)
            assert list(history.events) == [each for each in events if each.run == run]
            control = history.control
            assert (control.version, control.append_id, control.state) == self.model.control(run)
        assert (await self.log.reactor_position(REACTOR)).n == self.model.reactor(REACTOR)
        assert sorted(each.n for each in await self.harness.messages(QUEUE)) == list(
            self.model.outstanding(QUEUE)
        )

    async def _unit(self, run: str, knobs: Sequence[int]) -> Unit:
        _, shape, expected, guarded, counted, moved, did, admitted = knobs
        first, *rest = [("a", "b")[shape >> place & 1] for place in range(1 + shape % 3)]
        mine = [each for each in await self.harness.messages(QUEUE) if each.run == run and did == 1]
        return Unit(
            id=new_id(),
            run=run,
            events=[event(first, dispatch=QUEUE if did & 4 else ""), *map(event, rest)],
            expects=self._expects(run, [first, *rest][-1], expected),
            guard=self._guard(run, guarded),
            counters=_steps(counted),
            advance=self._advance(moved),
            acks=[ack(each, QUEUE) for each in mine[:1]],
            control=f"state-{did}" if did in {2, 10} else None,
            claims={3: 1, 9: -1}.get(did, 0),
            admission=(Admission.REPORT, Admission.DISPATCH, Admission.CLAIM)[admitted % 3],
        )

    def _expects(self, run: str, aggregate: str, knob: int) -> Sequence[Expect]:
        version, writer = self.model.stands(run, aggregate)
        match knob % 5:
            case 0:
                return [Expect(aggregate, version, "another")]
            case 1:
                return [Expect(aggregate, max(version - 1, 0), writer)]
            case 2 | 3:
                return [Expect(aggregate, version, writer)]
            case _:
                return []

    def _guard(self, run: str, knob: int) -> Guard | None:
        version, writer, _ = self.model.control(run)
        match knob % 5:
            case 0:
                return Guard(version, writer)
            case 1 if knob > TOP // 2:
                return Guard(version, "another")
            case _:
                return None

    def _advance(self, knob: int) -> Advance | None:
        to = Position(self.model.n, self.model.epoch)
        match knob:
            case 0 | 1:
                return Advance(REACTOR, to, Position(self.model.reactor(REACTOR), self.model.epoch))
            case 2:
                return Advance(REACTOR, to)
            case 3:
                return Advance(REACTOR, to, Position(self.model.n + 1, self.model.epoch))
            case 4:
                return Advance(REACTOR, Position(self.model.n, self.model.epoch - 1))
            case _:
                return None

    async def _send(self, unit: Unit, *, answered: bool = True) -> None:
        expected = self.model.take(unit)
        told = await self.log.append(unit)
        if isinstance(told, Appended):
            self._remember(told.position)
            if not answered and expected == _reduced(replace(told, repeated=False)):
                return  # applied, not answered, and answered as a repeated unit
        assert _reduced(told) == expected

    def _remember(self, at: Position) -> None:
        self.seen.append((at, self.model.lineage()[: at.n]))

    async def _in_new_epoch(self) -> None:
        head = await self.log.head()
        assert head.epoch > self.model.epoch
        self.model.epoch = head.epoch
        assert head.n == self.model.n
        self._remember(head)


def _steps(knob: int) -> Sequence[CounterStep]:
    holder = f"op{knob % 3}"
    match knob:
        case 0 | 1:
            return [Limit("usd", 10 + 5 * knob)]
        case 2 | 3 | 4 | 5:
            return [Reserve("usd", holder, knob)]
        case 6 | 7:
            return [Settle("usd", holder, knob)]
        case 8:
            return [Settle("usd", "op0", 1), Reserve("usd", "op1", 6)]
        case 9:
            return [Reserve("usd", "op2", 2), Limit("usd", 12), Reserve("usd", "op2", 3)]
        case _:
            return []


def _reduced(told: Outcome) -> Answer:
    match told:
        case Appended(first, count, _, _, repeated):
            return ("appended", first, count, repeated)
        case Misplaced(_, stands, _):
            return ("misplaced", stands.n)
        case _:
            return told


WORDS: dict[str, Callable[[History, Sequence[int]], Awaitable[None]]] = {
    "append": History.append,
    "append_unanswered": History.append_unanswered,
    "retry": History.retry,
    "archive": History.archive,
    "trim": History.trim,
    "drop": History.drop,
    "restart": History.restart,
    "lose": History.lose,
    "rebuild": History.rebuild,
    "press": History.press,
    "read": History.read,
}
"""Everything that may happen."""


async def live(harness: Harness, steps: Sequence[Step]) -> None:
    """Let the store and the model live through these steps; an answer that differs is an ``AssertionError``."""
    history = await History.begin(harness)
    for step in steps:
        await WORDS[step.word](history, step.knobs)
    await history.check()
