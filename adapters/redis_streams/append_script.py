"""The append script's call and reply; one contract for the asyncio hot path and the synchronous recorder.

A call carries units of one partition. Units beyond a cap wait for the next call; one that could never fit is refused
before anything is sent.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgpack

from awe.adapters.redis_streams.keys import LAYOUT, Keys
from awe.adapters.redis_streams.packed_unit import packed
from awe.commands.log import (
    Appended,
    Conflict,
    Exhausted,
    Guarded,
    LogCorrupt,
    Misplaced,
    Outcome,
    Position,
    Pressure,
    Unit,
)


@dataclass(frozen=True, slots=True)
class Cold:
    """The hot tier has no index of the run and cannot tell whether the run is new."""

    run: str


@dataclass(frozen=True, slots=True)
class Closed:
    """The partition waits for the healer; the unit was not looked at."""


Told = Outcome | Cold | Closed | LogCorrupt
"""What the script says of one unit; what a person must look at is told as the error to raise."""


class Call:
    """The arguments of one call of the script, built unit by unit."""

    def __init__(self, keys: Keys, *, repeated: bool, together: bool = False) -> None:
        """Begin a call without units.

        Args:
            keys: the partition.
            repeated: units of the call may have been applied before.
            together: all units are appended or none. None may touch what another one does (aggregate, control,
                counters, reactor), since all are checked before the first is written.
        """
        self._keys = keys
        self._together = together
        self._places: dict[str, int] = {keys.meta: 1, keys.log: 2, keys.positions: 3}
        self._repeated = repeated
        self._values: list[Any] = []
        self.units: list[Unit] = []

    def add(self, unit: Unit, absent_at: int | None = None) -> None:
        """Add a checked unit; ``absent_at`` is what is known in place of the unit's own."""
        known = unit.absent_at if absent_at is None else absent_at
        self._values += packed(unit, known, self._keys, self._place)
        self.units.append(unit)

    def _place(self, key: str) -> int:
        return self._places.setdefault(key, len(self._places) + 1)

    def arguments(self) -> list[Any]:
        """Return what follows the script's digest: number of keys, keys, packed call."""
        # Old msgpack has one string type, as the server's unpacker wants it: bodies are bytes.
        blob = msgpack.packb(
            [LAYOUT, self._repeated, self._together, len(self.units), *self._values], use_bin_type=False
        )
        return [len(self._places), *self._places, blob]

    @staticmethod
    def archived(reply: Sequence[Any]) -> int:
        """Return the archived position that a reply tells; 0 when it tells none."""
        return int(reply[3]) if reply[0] == b"done" else 0

    def outcomes(self, reply: Sequence[Any]) -> Sequence[Told]:
        """Return what the script says of each unit, in order; ``Closed`` of those it did not look at."""
        match reply[0]:
            case b"done":
                _, epoch, time_ms, _, *outcomes = reply
                found = [
                    Appended(told, len(unit.events), epoch, time_ms)
                    if type(told) is int
                    else _TOLD[told[0]](self.partition, unit.run, epoch, told)
                    for unit, told in zip(self.units, outcomes, strict=False)
                ]
                # After a failed write the script looks at no further unit: the healer must come first.
                return [*found, *[Closed()] * (len(self.units) - len(found))]
            case b"closed":
                return [Closed()] * len(self.units)
            case b"halted":
                return [LogCorrupt(reply[1].decode())] * len(self.units)
            case _:
                wrong = LogCorrupt(
                    f"Partition {self.partition} has layout {reply[1].decode()}, this release writes {LAYOUT}: "
                    "run a release that knows it."
                )
                return [wrong] * len(self.units)

    @property
    def partition(self) -> str:
        """The partition the call is for."""
        return self._keys.partition


def _repeated(_partition: str, _run: str, epoch: int, told: Sequence[Any]) -> Appended:
    return Appended(told[1], told[2], epoch, told[3], repeated=True)


def _conflict(_partition: str, _run: str, _epoch: int, told: Sequence[Any]) -> Conflict:
    return Conflict(told[1].decode(), told[2], told[3].decode())


def _guarded(_partition: str, _run: str, _epoch: int, told: Sequence[Any]) -> Guarded:
    return Guarded(told[1], told[2].decode(), told[3].decode())


def _exhausted(_partition: str, _run: str, _epoch: int, told: Sequence[Any]) -> Exhausted:
    return Exhausted(told[1].decode(), int(told[2]), int(told[3]), int(told[4]))


def _misplaced(_partition: str, _run: str, epoch: int, told: Sequence[Any]) -> Misplaced:
    return Misplaced(told[1].decode(), Position(int(told[2]), told[3]), epoch)


def _pressure(_partition: str, _run: str, _epoch: int, told: Sequence[Any]) -> Pressure:
    return Pressure(told[1])


def _cold(_partition: str, run: str, _epoch: int, _told: Sequence[Any]) -> Cold:
    return Cold(run)


def _failed(partition: str, run: str, _epoch: int, told: Sequence[Any]) -> LogCorrupt:
    return LogCorrupt(
        f"A write of an append to run {run} failed: {told[1].decode()}. Partition {partition} is halted until the healer "
        "has taken the append back; look for a key of a wrong kind before you append it again."
    )


_TOLD: dict[bytes, Callable[[str, str, int, Sequence[Any]], Told]] = {
    b"ok": _repeated,
    b"conflict": _conflict,
    b"guarded": _guarded,
    b"exhausted": _exhausted,
    b"misplaced": _misplaced,
    b"pressure": _pressure,
    b"cold": _cold,
    b"failed": _failed,
}
