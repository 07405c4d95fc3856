"""What the package's cases leave out, on every store."""

from uuid import UUID, uuid4

import pytest
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate
from eventsourcing.persistence import (
    DataError,
    IntegrityError,
    ProgrammingError,
    StoredEvent,
    Tracking,
)
from eventsourcing.utils import Environment, get_topic

from awe.adapters.eventsourcing.factory import LogFactory
from awe.adapters.eventsourcing.recorders import LogApplicationRecorder, LogProcessRecorder
from awe.adapters.memory.eventsourcing import MemoryFactory
from awe.adapters.redis_streams.eventsourcing import RedisFactory


def stored(originator: UUID | str, *versions: int, topic: str = "t") -> list[StoredEvent]:
    return [StoredEvent(originator, version, topic, b"\x00%d" % version) for version in versions]


def test_events_of_several_originators_keep_their_order(factory: LogFactory) -> None:
    recorder = factory.application_recorder()
    together = [*stored("a", 1), *stored("b", 1, 2), *stored("a", 2), *stored("c", 1)]
    assert recorder.insert_events(together) == [1, 2, 3, 4, 5]
    noted = recorder.select_notifications(None, 10)
    assert [(each.id, each.originator_id, each.originator_version) for each in noted] == [
        (1, "a", 1),
        (2, "b", 1),
        (3, "b", 2),
        (4, "a", 2),
        (5, "c", 1),
    ]
    assert recorder.select_events("a") == stored("a", 1, 2)


def test_i08_events_of_several_originators_are_recorded_all_or_none(factory: LogFactory) -> None:
    recorder = factory.application_recorder()
    recorder.insert_events(stored("b", 7))
    with pytest.raises(IntegrityError, match="Version 7 of originator b is already recorded"):
        recorder.insert_events([*stored("a", 1), *stored("b", 6, 7), *stored("c", 1)])
    assert recorder.select_events("a") == recorder.select_events("c") == []
    assert recorder.select_events("b") == stored("b", 7)
    assert recorder.insert_events(stored("a", 1)) == [2]


def test_a_version_repeated_among_other_originators_is_refused(factory: LogFactory) -> None:
    recorder = factory.application_recorder()
    with pytest.raises(IntegrityError, match="repeated"):
        recorder.insert_events([*stored("a", 1), *stored("b", 1), *stored("a", 1)])
    assert recorder.max_notification_id() is None


def test_versions_need_neither_order_nor_contiguity(factory: LogFactory) -> None:
    recorder = factory.aggregate_recorder()
    for version in (40, 0, 10**15, 7, -3):
        recorder.insert_events(stored("a", version))
    assert recorder.select_events("a") == stored("a", -3, 0, 7, 40, 10**15)
    assert recorder.select_events("a", gt=0, lte=40) == stored("a", 7, 40)
    assert recorder.select_events("a", desc=True, limit=2) == stored("a", 10**15, 40)
    assert recorder.select_events("a", lte=40, desc=True, limit=1) == stored("a", 40)


@pytest.mark.parametrize("make", [uuid4, lambda: str(uuid4()), lambda: "ü@;%40\t\n{x}:!~", lambda: ""])
def test_an_originator_comes_back_as_what_it_was(factory: LogFactory, make: type[UUID]) -> None:
    recorder = factory.application_recorder()
    originator = make()
    recorder.insert_events(stored(originator, 1))
    (noted,) = recorder.select_notifications(1, 1)
    (event,) = recorder.select_events(originator)
    assert noted.originator_id == event.originator_id == originator
    assert type(noted.originator_id) is type(originator)


def test_500_events_are_recorded_together_and_more_are_refused(factory: LogFactory) -> None:
    recorder = factory.application_recorder()
    recorder.insert_events([event for name in range(250) for event in stored(f"o{name}", 1, 2)])
    assert recorder.max_notification_id() == 500
    with pytest.raises(ProgrammingError, match="501 events exceed the cap of 500"):
        recorder.insert_events(stored("a", *range(501)))
    assert recorder.max_notification_id() == 500


def test_states_beyond_the_caps_are_refused_before_anything_is_recorded(factory: LogFactory) -> None:
    recorder = factory.application_recorder()
    large = [StoredEvent(f"o{name}", 1, "t", bytes(250_000)) for name in range(5)]
    with pytest.raises(DataError, match="1250000 bytes of state exceed"):
        recorder.insert_events(large)
    with pytest.raises(DataError, match="256001 bytes"):
        recorder.insert_events([StoredEvent("a", 1, "t", bytes(256_001))])
    assert recorder.insert_events(large[:4]) is None or recorder.max_notification_id() == 4


def test_events_and_their_tracking_are_recorded_both_or_neither(factory: LogFactory) -> None:
    recorder = factory.process_recorder()
    recorder.insert_events([*stored("a", 1), *stored("b", 1)], tracking=Tracking("up", 5))
    with pytest.raises(IntegrityError, match="already recorded"):
        recorder.insert_events([*stored("c", 1), *stored("b", 1)], tracking=Tracking("up", 6))
    with pytest.raises(IntegrityError, match="stands at notification 5"):
        recorder.insert_events([*stored("c", 1), *stored("d", 1)], tracking=Tracking("up", 5))
    assert recorder.max_tracking_id("up") == 5
    assert recorder.max_notification_id() == 2


def test_an_upstream_may_count_from_zero(factory: LogFactory) -> None:
    recorder = factory.tracking_recorder()
    recorder.insert_tracking(Tracking("up", 0))
    assert recorder.max_tracking_id("up") == 0
    with pytest.raises(IntegrityError):
        recorder.insert_tracking(Tracking("up", 0))


def test_topics_filter_before_the_limit_and_up_to_the_stop(factory: LogFactory) -> None:
    recorder = factory.application_recorder()
    for version in range(0, 1200, 400):
        recorder.insert_events(stored("a", *range(version, version + 400), topic="common"))
        recorder.insert_events(stored("b", version, topic="rare"))
    rare = recorder.select_notifications(None, 2, topics=["rare"])
    assert [each.id for each in rare] == [401, 802]
    assert [each.id for each in recorder.select_notifications(402, 5, topics=["rare"])] == [802, 1203]
    assert [each.id for each in recorder.select_notifications(1, 5, stop=802, topics=["rare"])] == [401, 802]
    assert len(recorder.select_notifications(1, 1200, topics=["common"])) == 1200
    assert [each.id for each in recorder.select_notifications(1199, 1000, stop=1202)] == [
        1199,
        1200,
        1201,
        1202,
    ]


def test_snapshots_stand_apart_from_events(factory: LogFactory) -> None:
    factory.aggregate_recorder().insert_events(stored("a", 1))
    snapshots = factory.aggregate_recorder(purpose="snapshots")
    assert snapshots.select_events("a") == []
    snapshots.insert_events(stored("a", 1))
    assert factory.application_recorder().max_notification_id() == 1


def test_recorders_of_one_application_agree(factory: LogFactory) -> None:
    factory.application_recorder().insert_events(stored("a", 1))
    assert factory.process_recorder().select_events("a") == stored("a", 1)
    with pytest.raises(IntegrityError):
        factory.aggregate_recorder().insert_events(stored("a", 1))


class OwnApplicationRecorder(LogApplicationRecorder):
    pass


class OwnProcessRecorder(LogProcessRecorder):
    pass


def test_a_recorder_of_ones_own_class_is_named_by_topic(factory: LogFactory) -> None:
    factory.env["APPLICATION_RECORDER_TOPIC"] = get_topic(OwnApplicationRecorder)
    factory.env["PROCESS_RECORDER_TOPIC"] = get_topic(OwnProcessRecorder)
    assert type(factory.application_recorder()) is OwnApplicationRecorder
    assert type(factory.process_recorder()) is OwnProcessRecorder
    factory.env["PROCESS_RECORDER_TOPIC"] = get_topic(OwnApplicationRecorder)
    with pytest.raises(TypeError, match="is no LogProcessRecorder"):
        factory.process_recorder()


def test_a_server_must_be_named() -> None:
    with pytest.raises(OSError, match="AWE_REDIS_URL is not set"):
        RedisFactory(Environment("App"))
    RedisFactory(Environment("App", {"APP_REDIS_URL": "redis://127.0.0.1:1/0"})).close()


def test_patience_is_a_number() -> None:
    with pytest.raises(OSError, match="AWE_EVENTSOURCING_PATIENCE_S='long' is no number of seconds"):
        MemoryFactory(Environment("App", {"AWE_EVENTSOURCING_PATIENCE_S": "long"})).application_recorder()


def test_the_library_finds_one_factory_in_each_module() -> None:
    class Accounts(Application[UUID]):
        pass

    with Accounts(env={"PERSISTENCE_MODULE": "awe.adapters.memory.eventsourcing"}) as app:
        assert type(app.factory) is MemoryFactory
        (recording,) = app.save(Aggregate())
        assert recording.notification.id == 1
