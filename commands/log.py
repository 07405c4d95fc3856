"""The event log as the rest of AWE sees it: append units, read from a position.

A log has partitions. Inside one partition positions are contiguous from 1, an append is atomic, and nothing that
was acknowledged changes. An append names what it was decided from (expectations and a guard), so a decision made
from a state that no longer holds is refused, never merged. What an append did besides adding events (messages
sent, counters moved, a reactor's position) stands in the events' own entries, so that everything else the log keeps
can be derived from them again.
"""

from collections.abc import AsyncIterator, Awaitable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple, Protocol

EVENTS_PER_CALL = 500
BYTES_PER_CALL = 1_000_000
BYTES_PER_EVENT = 256_000


class Admission(IntEnum):
    """Share of the server's memory, in percent, from which on an append of this kind is refused."""

    REPORT = 0  # what happened is always taken, as long as a byte is left
    DISPATCH = 70  # new goals and work
    CLAIM = 80  # claims and intents: what begins an attempt or an effect


@dataclass(frozen=True, slots=True)
class Position:
    """Where a reader stands: after event ``n`` (0 = before the first) as numbered in ``epoch``."""

    n: int
    epoch: int


class NewEvent(NamedTuple):
    """One event of a unit: its aggregate inside the run, registered type, and encoded body.

    ``dispatch`` names the work queue to which the event goes as a message in the same atomic step.
    """

    aggregate: str
    type: str
    body: bytes
    dispatch: str = ""


class Expect(NamedTuple):
    """The aggregate stands at ``version``, written by ``append_id`` (version 0: no event, empty id)."""

    aggregate: str
    version: int
    append_id: str = ""


class Guard(NamedTuple):
    """Nothing restricted the run since control ``version``, written by ``append_id``."""

    version: int
    append_id: str = ""


@dataclass(frozen=True, slots=True)
class Limit:
    """Sets the bound of a counter of the run: ``reserved + spent + x <= amount``."""

    dimension: str
    amount: int


@dataclass(frozen=True, slots=True)
class Reserve:
    """Reserves ``amount`` for one operation's attempt (``holder``), or refuses the unit when it exceeds the bound."""

    dimension: str
    holder: str
    amount: int


@dataclass(frozen=True, slots=True)
class Settle:
    """Ends the reservation of ``holder`` and adds ``spent``; does nothing when there is no such reservation."""

    dimension: str
    holder: str
    spent: int


CounterStep = Limit | Reserve | Settle


@dataclass(frozen=True, slots=True)
class Advance:
    """Moves the position of a reactor.

    With ``expected`` the reactor must stand exactly there; without, it must stand anywhere below ``to``.
    """

    reactor: str
    to: Position
    expected: Position | None = None


class Ack(NamedTuple):
    """Acknowledges and deletes a message of the unit's own run.

    ``message_id`` is the queue's. ``n`` and ``append_id`` say which event the message carries: after a loss another
    event may stand at its position, and its message is not acknowledged.
    """

    queue: str
    message_id: str
    n: int
    append_id: str


class Unit(NamedTuple):
    """What one append does, all or nothing, in one run (the run's id also chooses the partition's index).

    Attributes:
        id: append id, unique for ever; a repeated unit is answered with its first result.
        absent_at: archive position up to which the caller found no event of the run; ``NEW_RUN`` for an id just
            made. It only matters when the hot tier has no index of the run.
        control: new control state, for units that restrict the run; raises the control version.
        claims: change of the number of open claims in the run.
    """

    id: str
    run: str
    events: Sequence[NewEvent] = ()
    expects: Sequence[Expect] = ()
    guard: Guard | None = None
    counters: Sequence[CounterStep] = ()
    advance: Advance | None = None
    acks: Sequence[Ack] = ()
    control: str | None = None
    claims: int = 0
    admission: Admission = Admission.REPORT
    absent_at: int = 0


NEW_RUN = 2**53 - 1


@dataclass(frozen=True, slots=True)
class Appended:
    """The unit is in the log: its events stand at ``first .. first + count - 1``; ``time_ms`` is the log's time."""

    first: int
    count: int
    epoch: int
    time_ms: int
    repeated: bool = False

    @property
    def position(self) -> Position:
        """Where a reader stands who has seen the whole unit."""
        return Position(self.first + self.count - 1, self.epoch)


@dataclass(frozen=True, slots=True)
class Conflict:
    """An expectation failed: the aggregate stands at this version, written by this append."""

    aggregate: str
    version: int
    append_id: str


@dataclass(frozen=True, slots=True)
class Guarded:
    """The guard failed: the run's present control version, who wrote it, and the control state itself."""

    version: int
    append_id: str
    state: str


@dataclass(frozen=True, slots=True)
class Exhausted:
    """A reservation exceeds its bound."""

    dimension: str
    limit: int
    spent: int
    reserved: int


@dataclass(frozen=True, slots=True)
class Misplaced:
    """The reactor stands at ``position``, not where its ``Advance`` expected, or the log is in a later ``epoch``.

    In a later epoch the caller reads from its own position first, which tells it whether that survived.
    """

    reactor: str
    position: Position
    epoch: int


@dataclass(frozen=True, slots=True)
class Pressure:
    """The server is too full for this kind of append."""

    percent: int


Outcome = Appended | Conflict | Guarded | Exhausted | Misplaced | Pressure


class RecordedEvent(NamedTuple):
    """An event as the log holds it: position ``n``, ``version`` in its aggregate from 1, ``place`` in its append from 0."""

    n: int
    run: str
    aggregate: str
    version: int
    type: str
    append_id: str
    place: int
    time_ms: int
    body: bytes

    @property
    def id(self) -> str:
        """Unique for ever: the append that wrote the event and the event's place in it."""
        return f"{self.append_id}.{self.place}"


@dataclass(frozen=True, slots=True)
class Page:
    """Contiguous events after the position asked for (empty at the head), and where the reader now stands."""

    events: Sequence[RecordedEvent]
    position: Position


@dataclass(frozen=True, slots=True)
class Rewound:
    """The position asked for did not survive a loss: ``common`` is the last one shared with today's log."""

    common: Position


@dataclass(frozen=True, slots=True)
class Control:
    """The run's control version, the append that wrote it and its state; zero and empty when never restricted."""

    version: int = 0
    append_id: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class RunHistory:
    """Events of one run in log order, its control state, and the position up to which this is complete."""

    events: Sequence[RecordedEvent]
    control: Control
    position: Position


class LogError(Exception):
    """Base of what can go wrong with the log itself; every message says what to do."""


class UnitTooLarge(LogError):  # noqa: N818 (named for the fact, like the outcomes)
    """The unit exceeds a cap; nothing was sent."""


class LogUnavailable(LogError):  # noqa: N818 (likewise)
    """The partition cannot answer: its server is away, or it waits for the healer. Nothing is known of the unit."""


class LogCorrupt(LogError):  # noqa: N818 (likewise)
    """The partition stopped because tiers disagree or an entry is not readable; a person must look."""


class EventLog(Protocol):
    """One partition of the log."""

    @property
    def partition(self) -> str:
        """The partition's name, for example ``awe.07``."""
        ...

    def append(self, unit: Unit) -> Awaitable[Outcome]:
        """Append one unit; concurrent calls share one round trip. The awaitable is awaited once.

        Waits over outages and restarts until the outcome is known. When the caller is cancelled, a unit that was
        sent is still carried to its end in the background.

        Raises:
            UnitTooLarge: before anything is sent.
            LogCorrupt: the partition is halted.
        """
        ...

    async def read(self, after: Position, limit: int = EVENTS_PER_CALL) -> Page | Rewound:
        """Return up to ``limit`` events after a position, from whichever tier holds them."""
        ...

    def follow(self, after: Position, limit: int = EVENTS_PER_CALL) -> AsyncIterator[Page | Rewound]:
        """Read from a position on and wait for more, without gap or duplicate, over restarts.

        Never yields an empty page. After ``Rewound`` it goes on from the common position.
        """
        ...

    async def history(self, run: str, aggregate: str | None = None) -> RunHistory:
        """Return every event of a run, or of one of its aggregates, from both tiers."""
        ...

    async def head(self) -> Position:
        """Return the position of the last event."""
        ...

    async def reactor_position(self, reactor: str) -> Position:
        """Return where a reactor stands (``Position(0, 0)`` when it never moved)."""
        ...
