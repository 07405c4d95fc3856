"""One partition in Redis for threads: appends through the script of the hot path, opens the partition when it must.

A partition waits to be opened when it is new and after every start of its server; whoever appends next opens it, under
a new epoch. An append that was not answered is repeated with its id until it is.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from redis.exceptions import NoScriptError

from awe.adapters.eventsourcing.journal import Refusal
from awe.adapters.eventsourcing.patience import Patience
from awe.adapters.redis_streams import index
from awe.adapters.redis_streams.append_script import Call, Closed, Told
from awe.adapters.redis_streams.entries import raw, recorded
from awe.adapters.redis_streams.eventsourcing.servers import AWAY, Client, RedisError, Servers
from awe.adapters.redis_streams.eventsourcing.tail import RedisTail
from awe.adapters.redis_streams.keys import Keys
from awe.adapters.redis_streams.scripts import digest, source
from awe.adapters.redis_streams.single_tier import open_single_tier
from awe.commands import lineage
from awe.commands.log import (
    Appended,
    LogCorrupt,
    LogUnavailable,
    Misplaced,
    Page,
    Position,
    RecordedEvent,
    Unit,
)
from awe.commands.unit_caps import check

T = TypeVar("T")

_RANGES_PER_STEP = 1000


@dataclass(slots=True)
class _Sending:
    """Units on their way: whether they may have been applied, which a repeated call has to say."""

    units: Sequence[Unit]
    unknown: bool = False


class RedisJournal:
    """One partition; may be shared by threads."""

    def __init__(self, servers: Servers, partition: str, patience: Patience) -> None:
        self._servers = servers
        self._keys = Keys(partition)
        self._patience = patience

    @property
    def partition(self) -> str:
        """The partition's name."""
        return self._keys.partition

    def append(self, units: Sequence[Unit]) -> Sequence[Appended] | Refusal:
        """Append all units or none; see the port."""
        for unit in units:
            check(unit)
        sending = _Sending(units)
        return self._patience.ask(lambda: self._send(sending))

    def head(self) -> Position:
        """Return the position of the last event."""
        return self._ask(self._look).position

    def read(self, after: int, limit: int) -> Page:
        """Return up to ``limit`` events after a position; see the port."""
        return self._ask(lambda client: self._look(client, after, limit))

    def common(self, position: Position) -> int:
        """Return the last position that today's log shares with the one in which ``position`` was seen."""
        flat = self._ask(lambda client: client.execute_command("HGETALL", self._keys.epochs))
        return lineage.common({int(epoch): int(start) for epoch, start in flat.items()}, position)

    def places(self, run: str) -> Mapping[str, int]:
        """Return the position of each event of a run, by its aggregate."""
        found = self._ask(lambda client: client.execute_command("HGETALL", self._keys.index(run)))
        return {
            aggregate.decode(): index.segments(field.decode())[1][0].first
            for aggregate, field in found.items()
        }

    def events(self, positions: Sequence[int]) -> Sequence[RecordedEvent]:
        """Return the events at these positions; see the port."""
        ranges = _ranges(positions)
        found: list[RecordedEvent] = []
        for at in range(0, len(ranges), _RANGES_PER_STEP):
            step = ranges[at : at + _RANGES_PER_STEP]
            replies = self._ask(partial(self._entries, step))
            found.extend(recorded(raw(entry)) for reply in replies for entry in reply)
        return found

    def reactor_position(self, reactor: str) -> Position:
        """Return where a reactor stands."""
        found = self._ask(lambda client: client.execute_command("HGET", self._keys.positions, reactor))
        n, _, epoch = (found or b"0;0").partition(b";")
        return Position(int(n), int(epoch))

    def tail(self) -> RedisTail:
        """Return something that waits for more events, on a connection of its own."""
        return RedisTail(self._servers, self._keys.log)

    def _send(self, sending: _Sending) -> Sequence[Appended] | Refusal:
        told = self._call(sending)
        if _closed(told):
            self._ask(lambda client: open_single_tier(client, self.partition))
            told = self._call(sending)
        if _closed(told):
            raise LogUnavailable(
                f"Partition {self.partition} was closed again right after it had been opened."
            )
        appended: list[Appended] = []
        for unit, outcome in zip(sending.units, told, strict=True):
            if isinstance(outcome, Appended):
                appended.append(outcome)
            elif isinstance(outcome, LogCorrupt):
                raise outcome
            elif not isinstance(outcome, Refusal):
                raise LogCorrupt(
                    f"Partition {self.partition} has an archive, which this module does not read: use one of its own."
                )
            elif sending.unknown and (done := _done_before(unit, outcome)) is not None:
                appended.append(done)
            else:
                return outcome
        return appended

    def _call(self, sending: _Sending) -> Sequence[Told]:
        call = Call(self._keys, repeated=sending.unknown, together=len(sending.units) > 1)
        for unit in sending.units:
            call.add(unit)
        try:
            return call.outcomes(self._ask(lambda client: _evaluate(client, call.arguments())))
        except LogUnavailable:
            sending.unknown = True
            raise

    def _look(self, client: Client, after: int = 0, limit: int = 0) -> Page:
        pipe = client.pipeline(transaction=True)
        pipe.execute_command("HMGET", self._keys.meta, "epoch", "n")
        if limit:
            pipe.execute_command("XRANGE", self._keys.log, f"{after + 1}-0", "+", "COUNT", limit)
        (epoch, last), *replies = pipe.execute()
        n = int(last or 0)
        # What is beyond the last position belongs to an append that failed half way; nobody was told of it.
        entries = [entry for reply in replies for entry in map(raw, reply) if entry.n <= n]
        if limit and after < n and (not entries or entries[0].n != after + 1):
            raise LogCorrupt(
                f"Partition {self.partition} holds no event {after + 1}: it was moved to an archive."
            )
        events = [recorded(entry) for entry in entries]
        return Page(events, Position(after + len(events) if limit else n, int(epoch or 0)))

    def _entries(self, ranges: Sequence[tuple[int, int]], client: Client) -> Sequence[Any]:
        pipe = client.pipeline(transaction=False)
        for first, last in ranges:
            pipe.execute_command("XRANGE", self._keys.log, f"{first}-0", f"{last}-0")
        replies: Sequence[Any] = pipe.execute()
        return replies

    def _ask(self, question: Callable[[Client], T]) -> T:
        """Ask the server that holds the partition, once."""
        try:
            return question(self._servers.holding(self._keys.log))
        except AWAY as error:
            self._servers.look_again()
            raise LogUnavailable(f"Partition {self.partition} cannot be asked now: {error}") from error
        except RedisError as error:
            raise LogCorrupt(f"Redis refused a request on partition {self.partition}: {error}") from error


def _evaluate(client: Client, arguments: Sequence[Any]) -> Any:
    try:
        return client.execute_command("EVALSHA", digest("append"), *arguments)
    except NoScriptError:
        return client.execute_command("EVAL", source("append"), *arguments)


def _closed(told: Sequence[Told]) -> bool:
    return all(isinstance(outcome, Closed) for outcome in told)


def _done_before(unit: Unit, outcome: Refusal) -> Appended | None:
    """Return the result of a lone position, sent before without an answer, that is where it was sent to.

    A unit without events leaves no trace of who appended it, and would do nothing else, whoever moved the position.
    """
    if unit.events or unit.advance is None or not isinstance(outcome, Misplaced):
        return None
    there = outcome.position.n == unit.advance.to.n
    return Appended(0, 0, outcome.epoch, 0, repeated=True) if there else None


def _ranges(positions: Sequence[int]) -> list[tuple[int, int]]:
    """Return positions as ranges, both ends included, in log order."""
    found: list[tuple[int, int]] = []
    for n in sorted(positions):
        if found and found[-1][1] == n - 1:
            found[-1] = (found[-1][0], n)
        else:
            found.append((n, n))
    return found
