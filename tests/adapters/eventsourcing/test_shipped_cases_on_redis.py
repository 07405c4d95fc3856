import pytest

from awe.adapters.redis_streams.eventsourcing import RedisFactory
from support import eventsourcing_cases as cases


class OnRedis(cases.Store):
    factory_class = RedisFactory

    @pytest.fixture(autouse=True)
    def store(self, monkeypatch: pytest.MonkeyPatch, redis_url: str, keyspace: str) -> None:
        self.use(monkeypatch, {"AWE_REDIS_URL": redis_url, "AWE_EVENTSOURCING_PREFIX": keyspace})


class TestAggregateRecorder(OnRedis, cases.AggregateRecorder):
    pass


class TestSnapshotRecorder(OnRedis, cases.SnapshotRecorder):
    pass


class TestTextOriginators(OnRedis, cases.TextOriginators):
    pass


class TestApplicationRecorder(OnRedis, cases.ApplicationRecorder):
    pass


class TestNonInterleaving(OnRedis, cases.NonInterleaving):
    pass


class TestTrackingRecorder(OnRedis, cases.TrackingRecorderCase):
    pass


class TestProcessRecorder(OnRedis, cases.ProcessRecorder):
    pass


class TestFactory(OnRedis, cases.Factory):
    pass


class TestExampleApplication(OnRedis, cases.ExampleApplication):
    pass


class TestApplications(OnRedis, cases.Applications):
    pass


class TestEventCountersView(OnRedis, cases.EventCountersView):
    pass


class TestCountersProjection(OnRedis, cases.CountersProjection):
    pass


class TestEventSourcedProjection(OnRedis, cases.EventSourcedProjection):
    pass
