"""What clients were told, line by line, so that a check afterwards can hold the log to it."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TextIO

from awe.commands.log import Appended, Conflict, Outcome, Position, Unit


@dataclass(frozen=True, slots=True)
class Answer:
    """One unit and its outcome: appended at ``first`` in ``epoch``, or refused by version ``version`` of ``writer``."""

    partition: str
    unit: str
    run: str
    aggregate: str
    expected: int
    count: int
    first: int = 0
    epoch: int = 0
    version: int = 0
    writer: str = ""

    @property
    def appended(self) -> bool:
        return self.first > 0

    @property
    def position(self) -> Position:
        return Position(self.first + self.count - 1, self.epoch)


def answer(partition: str, unit: Unit, outcome: Outcome) -> Answer:
    """Note an outcome.

    Raises:
        AssertionError: a unit without guard, counters and position was answered by something else.
    """
    expect = unit.expects[0]
    asked = (partition, unit.id, unit.run, expect.aggregate, expect.version, len(unit.events))
    match outcome:
        case Appended():
            assert outcome.count == len(unit.events), f"{outcome} for {len(unit.events)} events"
            return Answer(*asked, first=outcome.first, epoch=outcome.epoch)
        case Conflict(aggregate, version, writer):
            assert aggregate == expect.aggregate
            assert (version, writer) != (expect.version, expect.append_id), "refused by what it expected"
            return Answer(*asked, version=version, writer=writer)
        case _:
            raise AssertionError(f"unexpected outcome {outcome}")


class LedgerFile:
    """Answers of one process, appended to a file as they come."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def add(self, told: Answer) -> None:
        self._file.write(json.dumps(asdict(told), separators=(",", ":")) + "\n")

    @staticmethod
    def read(path: Path) -> Iterator[Answer]:
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                yield Answer(**json.loads(line))
