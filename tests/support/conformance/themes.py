"""All properties of an event log, theme by theme."""

from support.conformance.appending import Appending
from support.conformance.concurrency import Concurrency
from support.conformance.counters import Counters
from support.conformance.derivation import Derivation
from support.conformance.epochs import Epochs
from support.conformance.guards import Guards
from support.conformance.idempotency import Idempotency
from support.conformance.limits import Limits
from support.conformance.memory import Memory
from support.conformance.model_based import ModelBased
from support.conformance.partitions import Partitions
from support.conformance.pressure import MemoryPressure
from support.conformance.queues import Queues
from support.conformance.reactors import Reactors
from support.conformance.reading import Reading
from support.conformance.suite import Suite
from support.conformance.tiers import Tiers

THEMES: tuple[type[Suite], ...] = (
    Appending,
    Idempotency,
    Guards,
    Counters,
    Reactors,
    Queues,
    Reading,
    Epochs,
    Tiers,
    MemoryPressure,
    Limits,
    Concurrency,
    Derivation,
    Partitions,
    Memory,
    ModelBased,
)


class EventLogConformance(
    Appending,
    Idempotency,
    Guards,
    Counters,
    Reactors,
    Queues,
    Reading,
    Epochs,
    Tiers,
    MemoryPressure,
    Limits,
    Concurrency,
    Derivation,
    Partitions,
    Memory,
    ModelBased,
):
    """Every theme; a subclass defines the fixture ``harness``."""
