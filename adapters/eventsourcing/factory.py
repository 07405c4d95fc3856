"""Builds recorders for an application from its environment; a store adds where its partitions are."""

from abc import abstractmethod
from typing import Any, TypeVar

from eventsourcing.persistence import InfrastructureFactory
from eventsourcing.utils import resolve_topic

from awe.adapters.eventsourcing.journal import Journal
from awe.adapters.eventsourcing.partitions import partition_of
from awe.adapters.eventsourcing.patience import Patience
from awe.adapters.eventsourcing.recorders import (
    LogAggregateRecorder,
    LogApplicationRecorder,
    LogProcessRecorder,
    LogRecorder,
    LogTrackingRecorder,
)

R = TypeVar("R", bound=LogRecorder)

EVENTS = "events"
DEFAULT_PATIENCE_S = "10"


class LogFactory(InfrastructureFactory[LogTrackingRecorder]):
    """Recorders over journals.

    Environment: ``AWE_EVENTSOURCING_PREFIX`` (default ``es``) begins the names of the partitions,
    ``AWE_EVENTSOURCING_PATIENCE_S`` (default 10) is how long a call waits for a log that is away. As always in the
    library, the name of an application may stand before a name (``BANKACCOUNTS_AWE_...``).
    """

    PREFIX = "AWE_EVENTSOURCING_PREFIX"
    PATIENCE = "AWE_EVENTSOURCING_PATIENCE_S"

    @abstractmethod
    def journal(self, partition: str) -> Journal:
        """Return a partition; the same one for the same name."""

    def aggregate_recorder(self, purpose: str = EVENTS) -> LogAggregateRecorder:
        """Return a recorder of an aggregate's events, or, for another purpose, in a partition of that purpose."""
        return self._recorder(LogAggregateRecorder, "" if purpose == EVENTS else purpose)

    def application_recorder(self) -> LogApplicationRecorder:
        """Return a recorder of the class that ``APPLICATION_RECORDER_TOPIC`` names, or the usual one."""
        return self._recorder(self._named(self.APPLICATION_RECORDER_TOPIC, LogApplicationRecorder))

    def tracking_recorder(self, tracking_recorder_class: type[Any] | None = None) -> Any:
        """Return a recorder of a given class, of the one that ``TRACKING_RECORDER_TOPIC`` names, or the usual one."""
        chosen = tracking_recorder_class or self._named(self.TRACKING_RECORDER_TOPIC, LogTrackingRecorder)
        return self._recorder(_checked(chosen, LogTrackingRecorder))

    def process_recorder(self) -> LogProcessRecorder:
        """Return a recorder of the class that ``PROCESS_RECORDER_TOPIC`` names, or the usual one."""
        return self._recorder(self._named(self.PROCESS_RECORDER_TOPIC, LogProcessRecorder))

    @property
    def patience(self) -> Patience:
        """How long a call waits for a log that is away."""
        told = self.env.get(self.PATIENCE, DEFAULT_PATIENCE_S)
        try:
            return Patience(float(told))
        except ValueError:
            raise OSError(f"{self.PATIENCE}={told!r} is no number of seconds.") from None

    def _recorder(self, kind: type[R], purpose: str = "") -> R:
        partition = partition_of(self.env.get(self.PREFIX, "es"), self.env.name, purpose)
        return kind(self.journal(partition), self.patience)

    def _named(self, variable: str, usual: type[R]) -> type[R]:
        topic = self.env.get(variable)
        return _checked(resolve_topic(topic), usual) if topic else usual


def _checked(chosen: Any, usual: type[R]) -> type[R]:
    if not (isinstance(chosen, type) and issubclass(chosen, usual)):
        raise TypeError(f"{chosen!r} is no {usual.__name__}: derive it from that class.")
    return chosen
