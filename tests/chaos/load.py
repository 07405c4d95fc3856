"""A client that appends to a few aggregates, knows them only from what it was told, and keeps at it."""

import random
from collections.abc import Callable, Mapping, Sequence

from awe.commands.append_ids import AppendIds
from awe.commands.log import Appended, Conflict, EventLog, Expect, NewEvent, Unit
from chaos.ledger import Answer, answer

RUNS = 4
TASKS = 6


class Client:
    """Appends units of one to three events, each decided from the last state of the aggregate that it heard of.

    Several clients share the aggregates, so that they conflict and learn from it.
    """

    def __init__(
        self, logs: Mapping[str, EventLog], rng: random.Random, told: Callable[[Answer], None]
    ) -> None:
        self._logs = logs
        self._partitions: Sequence[str] = sorted(logs)
        self._rng = rng
        self._ids = AppendIds(rng.randbytes(9))
        self._told = told
        self._known: dict[tuple[str, str, str], tuple[int, str]] = {}

    async def append(self) -> Answer:
        """Append one unit and note its outcome."""
        rng = self._rng
        partition = rng.choice(self._partitions)
        run, aggregate = f"r-{rng.randrange(RUNS)}", f"t:{rng.randrange(TASKS)}"
        place = (partition, run, aggregate)
        version, writer = self._known.get(place, (0, ""))
        body = b'{"data":{"filler":"%s"}}' % (b"x" * rng.randrange(400))
        events = [NewEvent(aggregate, "awe.chaos/1", body)] * rng.randint(1, 3)
        unit = Unit(self._ids.new(), run, events, (Expect(aggregate, version, writer),))
        outcome = await self._logs[partition].append(unit)
        match outcome:
            case Appended():
                self._known[place] = (version + len(events), unit.id)
            case Conflict():
                self._known[place] = (outcome.version, outcome.append_id)
            case _:
                pass
        told = answer(partition, unit, outcome)
        self._told(told)
        return told
