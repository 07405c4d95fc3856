import pytest

from awe.adapters.redis_streams.eventsourcing import RedisFactory
from support import eventsourcing_cases as cases


class OnCluster(cases.Store):
    factory_class = RedisFactory

    @pytest.fixture(autouse=True)
    def store(self, monkeypatch: pytest.MonkeyPatch, cluster_url: str, keyspace: str) -> None:
        self.use(monkeypatch, {"AWE_REDIS_URL": cluster_url, "AWE_EVENTSOURCING_PREFIX": keyspace})


class TestAggregateRecorder(OnCluster, cases.AggregateRecorder):
    pass


class TestSnapshotRecorder(OnCluster, cases.SnapshotRecorder):
    pass


class TestTextOriginators(OnCluster, cases.TextOriginators):
    pass


class TestApplicationRecorder(OnCluster, cases.ApplicationRecorder):
    pass


class TestNonInterleaving(OnCluster, cases.NonInterleaving):
    pass


class TestTrackingRecorder(OnCluster, cases.TrackingRecorderCase):
    pass


class TestProcessRecorder(OnCluster, cases.ProcessRecorder):
    pass


class TestFactory(OnCluster, cases.Factory):
    pass


class TestExampleApplication(OnCluster, cases.ExampleApplication):
    pass


class TestApplications(OnCluster, cases.Applications):
    pass


class TestEventCountersView(OnCluster, cases.EventCountersView):
    pass


class TestCountersProjection(OnCluster, cases.CountersProjection):
    pass


class TestEventSourcedProjection(OnCluster, cases.EventSourcedProjection):
    pass
