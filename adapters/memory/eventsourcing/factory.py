from typing import TYPE_CHECKING

from awe.adapters.eventsourcing.factory import LogFactory
from awe.adapters.memory.eventsourcing.journal import MemoryJournal

if TYPE_CHECKING:
    from eventsourcing.utils import Environment, EnvType


class MemoryFactory(LogFactory):
    """Recorders on partitions of its own."""

    def __init__(self, env: "Environment | EnvType | None") -> None:
        super().__init__(env)
        self._journals: dict[str, MemoryJournal] = {}

    def journal(self, partition: str) -> MemoryJournal:
        """Return a partition; a new one is empty."""
        return self._journals.setdefault(partition, MemoryJournal(partition))
