"""The server in memory, with somebody who looks at every append, loss and healing as it happens."""

from awe.adapters.memory.deciding import Cold
from awe.adapters.memory.server import MemoryServer
from awe.commands.clock import Clock
from awe.commands.log import Outcome, Unit
from simulation.audit import Audit


class AuditedServer(MemoryServer):
    def __init__(self, clock: Clock, audit: Audit) -> None:
        super().__init__(clock)
        self._audit = audit

    def append(self, name: str, unit: Unit, *, maybe_repeated: bool) -> Outcome | Cold:
        told = super().append(name, unit, maybe_repeated=maybe_repeated)
        self._audit.appended(self.partition(name), unit, told)
        return told

    def archive(self, name: str, up_to: int) -> None:
        super().archive(name, up_to)
        self._audit.archived(self.partition(name))

    def crash(self, name: str, *, lost: int = 0) -> None:
        super().crash(name, lost=lost)
        self._audit.failed(self.partition(name))

    def lose_derived(self, name: str) -> None:
        super().lose_derived(name)
        self._audit.failed(self.partition(name))

    def heal(self, name: str) -> None:
        super().heal(name)
        self._audit.healed(self.partition(name))
