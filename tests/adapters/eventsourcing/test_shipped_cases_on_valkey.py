import pytest

from awe.adapters.redis_streams.eventsourcing import RedisFactory
from support import eventsourcing_cases as cases


class OnValkey(cases.Store):
    factory_class = RedisFactory

    @pytest.fixture(autouse=True)
    def store(self, monkeypatch: pytest.MonkeyPatch, valkey_url: str, keyspace: str) -> None:
        self.use(monkeypatch, {"AWE_REDIS_URL": valkey_url, "AWE_EVENTSOURCING_PREFIX": keyspace})


class TestAggregateRecorder(OnValkey, cases.AggregateRecorder):
    pass


class TestSnapshotRecorder(OnValkey, cases.SnapshotRecorder):
    pass


class TestTextOriginators(OnValkey, cases.TextOriginators):
    pass


class TestApplicationRecorder(OnValkey, cases.ApplicationRecorder):
    pass


class TestNonInterleaving(OnValkey, cases.NonInterleaving):
    pass


class TestTrackingRecorder(OnValkey, cases.TrackingRecorderCase):
    pass


class TestProcessRecorder(OnValkey, cases.ProcessRecorder):
    pass


class TestFactory(OnValkey, cases.Factory):
    pass


class TestExampleApplication(OnValkey, cases.ExampleApplication):
    pass


class TestApplications(OnValkey, cases.Applications):
    pass


class TestEventCountersView(OnValkey, cases.EventCountersView):
    pass


class TestCountersProjection(OnValkey, cases.CountersProjection):
    pass


class TestEventSourcedProjection(OnValkey, cases.EventSourcedProjection):
    pass
