"""The recorders of the library; each is a view of one journal, so one of another kind on the same journal agrees."""

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    Notification,
    OperationalError,
    ProcessRecorder,
    StoredEvent,
    Tracking,
    TrackingRecorder,
)

from awe.adapters.eventsourcing.errors import translated
from awe.adapters.eventsourcing.journal import Journal
from awe.adapters.eventsourcing.notifications import notification, select
from awe.adapters.eventsourcing.originators import run_of
from awe.adapters.eventsourcing.patience import Patience
from awe.adapters.eventsourcing.subscription import LogSubscription
from awe.adapters.eventsourcing.writer import Writer


class LogRecorder:
    """What every recorder has; questions are asked again while the log is away, as long as ``patience`` lasts."""

    def __init__(self, journal: Journal, patience: Patience) -> None:
        self.journal = journal
        self._patience = patience
        self._writer = Writer(journal)

    def _write(self, stored_events: Sequence[StoredEvent], tracking: Tracking | None = None) -> list[int]:
        with translated():
            return self._writer.write(stored_events, tracking)


class LogAggregateRecorder(LogRecorder, AggregateRecorder):
    """Records the events of aggregates, or their snapshots."""

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int] | None:
        """Record events, all or none."""
        self._write(stored_events)
        return None

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """Return the events of an originator in order of their versions; costs nothing for those of others."""
        with translated():
            run = run_of(originator_id)
            places = self._patience.ask(partial(self.journal.places, run))
            versions = [
                version
                for version in map(int, places)
                if (gt is None or version > gt) and (lte is None or version <= lte)
            ]
            chosen = sorted(versions, reverse=desc)[:limit]
            positions = [places[str(version)] for version in chosen]
            events = self._patience.ask(partial(self.journal.events, positions))
        found = {int(event.aggregate): event for event in events if event.run == run}
        if not found.keys() >= set(chosen):
            raise OperationalError("The log lost events while they were read: read again.")
        return [StoredEvent(originator_id, each, found[each].type, found[each].body) for each in chosen]


class LogApplicationRecorder(LogAggregateRecorder, ApplicationRecorder):
    """Records the events of an application, which are its notifications in the order of their ids, without gap."""

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int] | None:
        """Record events, all or none; return their notification ids."""
        return self._write(stored_events)

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Return up to ``limit`` notifications of these topics (all when empty)."""
        after = max((start or 0) - inclusive_of_start, 0)
        with translated():
            read = self.journal.read
            events = select(
                lambda n, count: self._patience.ask(partial(read, n, count)), after, stop, limit, topics
            )
        return [notification(event) for event in events]

    def max_notification_id(self) -> int | None:
        """Return the id of the last notification."""
        with translated():
            return self._patience.ask(self.journal.head).n or None

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> "LogSubscription":
        """Return an iterator over notifications that waits for more."""
        return LogSubscription(self, self.journal, self._patience, gt, topics)


class LogTrackingRecorder(LogRecorder, TrackingRecorder):
    """Records how far upstream applications were processed."""

    def insert_tracking(self, tracking: Tracking) -> None:
        """Record a position."""
        self._write((), tracking)

    def max_tracking_id(self, application_name: str) -> int | None:
        """Return the recorded position of an application."""
        with translated():
            awaited = self._patience.ask(partial(self.journal.reactor_position, application_name)).n
        return awaited - 1 if awaited else None


class LogProcessRecorder(LogTrackingRecorder, LogApplicationRecorder, ProcessRecorder):
    """Records events and the position of what they react to in one step."""

    def insert_events(
        self, stored_events: Sequence[StoredEvent], *, tracking: Tracking | None = None, **_: Any
    ) -> Sequence[int] | None:
        """Record events and a position, all or nothing; return the events' notification ids."""
        return self._write(stored_events, tracking)
