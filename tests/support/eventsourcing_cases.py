"""Every test case that the `eventsourcing` package ships for a persistence module, ready for a store.

A store is a mixin that says which environment its module needs; a test module derives one class per case from both.
Left out are the cases of the package's DCB part: they ask for another factory (`DCBInfrastructureFactory`) with
another recorder (events selected by tags), which a log of aggregates is not. So are those for transcoders: these
modules bring none, applications use the package's.
"""

from collections.abc import Mapping
from typing import Any, ClassVar
from unittest import TestCase

import pytest
from eventsourcing.persistence import (
    InfrastructureFactory,
    StoredEvent,
    Tracking,
    TrackingRecorder,
)
from eventsourcing.tests import application as shipped_application
from eventsourcing.tests import persistence as shipped
from eventsourcing.tests import projection as shipped_projection
from eventsourcing.utils import Environment, get_topic

from awe.adapters.eventsourcing.factory import LogFactory
from awe.adapters.eventsourcing.recorders import (
    LogAggregateRecorder,
    LogApplicationRecorder,
    LogProcessRecorder,
    LogTrackingRecorder,
)


class Store(TestCase):
    """Where a case runs. A store's own fixture of this name hands ``use`` the environment that its module needs."""

    factory_class: ClassVar[type[LogFactory]]

    def use(self, monkeypatch: pytest.MonkeyPatch, env: Mapping[str, str]) -> None:
        module = self.factory_class.__module__.rpartition(".")[0]
        self.settings = {**env, "PERSISTENCE_MODULE": module}
        for name, value in self.settings.items():
            monkeypatch.setenv(name, value)

    def make_factory(self, name: str = "") -> LogFactory:
        factory = InfrastructureFactory[Any].construct(Environment(name, self.settings))
        assert isinstance(factory, self.factory_class)
        self.addCleanup(factory.close)
        return factory


class AggregateRecorder(Store, shipped.AggregateRecorderTestCase):
    def create_recorder(self) -> LogAggregateRecorder:
        return self.make_factory().aggregate_recorder()


class SnapshotRecorder(Store, shipped.AggregateRecorderTestCase):
    def create_recorder(self) -> LogAggregateRecorder:
        return self.make_factory().aggregate_recorder(purpose="snapshots")


class TextOriginators(Store, shipped.AggregateRecorderTestCase):
    def new_originator_id(self) -> str:
        return f"someone@example.com; 100 % {super().new_originator_id()}"

    def create_recorder(self) -> LogAggregateRecorder:
        return self.make_factory().aggregate_recorder()


class ApplicationRecorder(Store, shipped.ApplicationRecorderTestCase[LogApplicationRecorder]):
    def create_recorder(self) -> LogApplicationRecorder:
        return self.make_factory().application_recorder()

    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class NonInterleaving(Store, shipped.NonInterleavingNotificationIDsBaseCase):
    insert_num = 500

    def create_recorder(self) -> LogApplicationRecorder:
        return self.make_factory().application_recorder()


class TrackingRecorderCase(Store, shipped.TrackingRecorderTestCase):
    def create_recorder(self) -> LogTrackingRecorder:
        recorder: LogTrackingRecorder = self.make_factory().tracking_recorder()
        return recorder


class ProcessRecorder(Store, shipped.ProcessRecorderTestCase):
    def create_recorder(self) -> LogProcessRecorder:
        return self.make_factory().process_recorder()


class OwnTrackingRecorder(LogTrackingRecorder):
    """One that a user derived."""


class Factory(Store, shipped.InfrastructureFactoryTestCase[LogFactory]):
    def setUp(self) -> None:
        self.env = Environment("", self.settings)
        super().setUp()

    def expected_factory_class(self) -> type[LogFactory]:
        return self.factory_class

    def expected_aggregate_recorder_class(self) -> type[LogAggregateRecorder]:
        return LogAggregateRecorder

    def expected_application_recorder_class(self) -> type[LogApplicationRecorder]:
        return LogApplicationRecorder

    def expected_tracking_recorder_class(self) -> type[TrackingRecorder]:
        return LogTrackingRecorder

    def tracking_recorder_subclass(self) -> type[TrackingRecorder]:
        return OwnTrackingRecorder

    def expected_process_recorder_class(self) -> type[LogProcessRecorder]:
        return LogProcessRecorder


class ExampleApplication(Store, shipped_application.ExampleApplicationTestCase):
    def setUp(self) -> None:
        self.expected_factory_topic = get_topic(self.factory_class)


@pytest.mark.filterwarnings("always:'log' is deprecated:DeprecationWarning")  # which a case looks for
class Applications(Store, shipped_application.ApplicationTestCase):
    pass


class CountersView(LogProcessRecorder, shipped_projection.EventCountersView):
    """Counts by recording: a counter is an originator whose versions are the notifications that it counted."""

    def get_created_event_counter(self) -> int:
        return len(self.select_events("created"))

    def get_subsequent_event_counter(self) -> int:
        return len(self.select_events("subsequent"))

    def incr_created_event_counter(self, tracking: Tracking) -> None:
        self._count("created", tracking)

    def incr_subsequent_event_counter(self, tracking: Tracking) -> None:
        self._count("subsequent", tracking)

    def _count(self, counter: str, tracking: Tracking) -> None:
        counted = StoredEvent(counter, tracking.notification_id, "counted", b"")
        self.insert_events([counted], tracking=tracking)


class EventCountersView(Store, shipped_projection.EventCountersViewTestCase):
    def construct_event_counters_view(self) -> CountersView:
        view: CountersView = self.make_factory("counters").tracking_recorder(CountersView)
        return view


class CountersProjection(Store, shipped_projection.AggregateEventCountersProjectionTestCase):
    view_class = CountersView


class EventSourcedProjection(Store, shipped_projection.EventSourcedProjectionTestCase):
    pass
