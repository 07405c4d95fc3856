import pytest

from awe.adapters.memory.eventsourcing import MemoryFactory
from support import eventsourcing_cases as cases


class InMemory(cases.Store):
    factory_class = MemoryFactory

    @pytest.fixture(autouse=True)
    def store(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.use(monkeypatch, {})


class TestAggregateRecorder(InMemory, cases.AggregateRecorder):
    pass


class TestSnapshotRecorder(InMemory, cases.SnapshotRecorder):
    pass


class TestTextOriginators(InMemory, cases.TextOriginators):
    pass


class TestApplicationRecorder(InMemory, cases.ApplicationRecorder):
    pass


class TestNonInterleaving(InMemory, cases.NonInterleaving):
    pass


class TestTrackingRecorder(InMemory, cases.TrackingRecorderCase):
    pass


class TestProcessRecorder(InMemory, cases.ProcessRecorder):
    pass


class TestFactory(InMemory, cases.Factory):
    pass


class TestExampleApplication(InMemory, cases.ExampleApplication):
    pass


class TestApplications(InMemory, cases.Applications):
    pass


class TestEventCountersView(InMemory, cases.EventCountersView):
    pass


class TestCountersProjection(InMemory, cases.CountersProjection):
    pass


class TestEventSourcedProjection(InMemory, cases.EventSourcedProjection):
    pass
