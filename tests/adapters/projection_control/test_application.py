"""Projection control as an application, in memory and on Redis."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from awe.adapters.projection_control.application import EventSourcedProjectionControl, Projections
from awe.projections.control import ControlRefused, ControlUnavailable, ProjectionControl, VersionState
from support.server_process import ValkeyProcess

REDIS = "awe.adapters.redis_streams.eventsourcing"


def redis_at(url: str, keyspace: str) -> Mapping[str, str]:
    return {"PERSISTENCE_MODULE": REDIS, "AWE_REDIS_URL": url, "AWE_EVENTSOURCING_PREFIX": keyspace}


@pytest.fixture(params=["memory", "valkey_url", "redis_url"])
def env(request: pytest.FixtureRequest, keyspace: str) -> Mapping[str, str]:
    if request.param == "memory":
        return {"PERSISTENCE_MODULE": "awe.adapters.memory.eventsourcing"}
    return redis_at(request.getfixturevalue(request.param), keyspace)


@pytest.fixture
def control(env: Mapping[str, str]) -> Iterator[EventSourcedProjectionControl]:
    with closing(EventSourcedProjectionControl(env)) as made:
        yield made


def build(control: ProjectionControl, number: int) -> None:
    control.register("runs", number, f"code {number}")
    control.start_build("runs", number)
    control.caught_up("runs", number)


def test_i29_a_version_is_built_verified_switched_to_and_rolled_back(control: ProjectionControl) -> None:
    assert control.status("runs").versions == {}
    build(control, 1)
    control.switch("runs", 1)
    build(control, 2)
    with pytest.raises(ControlRefused, match="verify it against live version 1"):
        control.switch("runs", 2)
    control.verified("runs", 2, equal=True, report="10 rows")
    control.switch("runs", 2)
    control.roll_back("runs", 1, reason="wrong totals")
    control.drop("runs", 2)
    found = control.status("runs")
    assert (found.live, found.former, found.revision) == (1, (), 11)
    assert found.versions[2].state is VersionState.DROPPED
    assert control.status("other").versions == {}


def test_a_step_taken_twice_is_kept_once(control: ProjectionControl) -> None:
    steps: Sequence[Callable[[], None]] = (
        lambda: control.register("runs", 1, "code 1"),
        lambda: control.start_build("runs", 1),
        lambda: control.caught_up("runs", 1),
        lambda: control.switch("runs", 1),
        lambda: control.register("runs", 2, "code 2"),
        lambda: control.drop("runs", 2),
    )
    for revision, step in enumerate(steps, 1):
        step()
        step()
        assert control.status("runs").revision == revision


def test_steps_taken_at_once_are_decided_one_after_the_other(control: ProjectionControl) -> None:
    build(control, 1)
    control.switch("runs", 1)
    for number in range(2, 10):
        build(control, number)

    def switch(number: int) -> bool:
        control.verified("runs", number, equal=True, report="")
        try:
            control.switch("runs", number)
        except ControlRefused:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        switches = list(threads.map(switch, range(2, 10)))
    found = control.status("runs")
    assert any(switches)
    assert [each.state for each in found.versions.values()].count(VersionState.LIVE) == 1
    assert len(found.former) == sum(switches), "each switch was decided from the one before"


def test_what_was_recorded_is_there_for_another_process(valkey_url: str, keyspace: str) -> None:
    env = redis_at(valkey_url, keyspace)
    with (
        closing(EventSourcedProjectionControl(env)) as one,
        closing(EventSourcedProjectionControl(env)) as other,
    ):
        build(one, 1)
        other.switch("runs", 1)
        assert one.status("runs") == other.status("runs")
        assert one.status("runs").live == 1


def test_topics_do_not_follow_modules(valkey_url: str, keyspace: str) -> None:
    env = redis_at(valkey_url, keyspace)
    with closing(EventSourcedProjectionControl(env)) as control, Projections(env=dict(env)) as app:
        build(control, 1)
        noted = app.recorder.select_notifications(None, 10)
    assert [each.topic for each in noted] == [
        "awe.projection.registered",
        "awe.projection.build-started",
        "awe.projection.caught-up",
    ]
    assert {each.originator_id for each in noted} == {"runs"}


def test_a_store_that_is_away_is_told_in_the_ports_words(own_valkey: ValkeyProcess, keyspace: str) -> None:
    env = {**redis_at(own_valkey.url, keyspace), "AWE_EVENTSOURCING_PATIENCE_S": "0.05"}
    with closing(EventSourcedProjectionControl(env)) as control:
        build(control, 1)
        own_valkey.kill9()
        with pytest.raises(ControlUnavailable):
            control.switch("runs", 1)
        own_valkey.start()
        control.switch("runs", 1)
        assert control.status("runs").live == 1
