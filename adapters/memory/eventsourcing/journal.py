"""One partition in memory for threads: the decisions of the memory store, each made under a lock."""

from collections.abc import Mapping, Sequence
from threading import Condition

from awe.adapters.eventsourcing.journal import Refusal
from awe.adapters.memory import deciding
from awe.adapters.memory.caps import check
from awe.adapters.memory.clock import SystemClock
from awe.adapters.memory.partition import Partition
from awe.commands.log import Appended, Page, Position, RecordedEvent, Unit


class MemoryJournal:
    """One partition; may be shared by threads. It has no archive and never loses anything."""

    def __init__(self, partition: str) -> None:
        self._state = Partition(partition)
        self._clock = SystemClock()
        self._changed = Condition()
