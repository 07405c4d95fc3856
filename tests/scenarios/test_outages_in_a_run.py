"""A server is away while a run is at work: what was begun is reported once, and the run goes on when it is back."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from awe.api.roles.engine import Roles
from awe.domain.failures import FailureClass
from awe.domain.run.state import RunStatus
from awe.domain.task.events import RetryScheduled
from awe.domain.task.state import TaskStatus
from awe.domain.vocabulary import decode
from awe.projections.views.run import RunView
from chaos.engine.watch import Watch
from support.engine_room import LEASE_S, EngineRoom, engine_room
from support.server_process import PostgresProcess, ValkeyProcess
from support.waiting import until, until_async

AWAY_S = 1.5 * LEASE_S
STARING: dict[str, Any] = {
    "name": "staring",
    "tasks": [
        {
            "id": "stare",
            "tool_requests": [
                {"tool": "chaos.stare", "arguments": {"after": [], "ms": int(2_000 * LEASE_S)}}
            ],
            "acceptance_criteria": [{"id": "told", "source": "output.value != ''"}],
        }
    ],
}


@pytest.fixture
def room(own_valkey: ValkeyProcess, own_postgres: PostgresProcess, server_home: Path) -> Iterator[EngineRoom]:
    with engine_room(own_valkey, own_postgres, server_home / "room") as made:
        yield made


def done(view: RunView) -> int:
    return sum(task.status is TaskStatus.SUCCEEDED for task in view.tasks.values())


def lost_workers(watch: Watch) -> int:
    events = [decode(event.type, event.body)[0] for event in watch.events("awe.00")]
    return sum(
        isinstance(event, RetryScheduled) and event.failure is FailureClass.WORKER_LOST for event in events
    )


async def test_redis_is_away_for_longer_than_a_lease_and_no_worker_is_lost(
    room: EngineRoom, own_valkey: ValkeyProcess
) -> None:
    async with room.at_work(Roles()) as (client, watch):
        short, long = await client.submit(0), await client.begin(1, STARING)
        await until(lambda: room.effects.calls_of("stare") == 1 and done(watch.views()[short]) > 2)

        own_valkey.kill9()
        await asyncio.sleep(AWAY_S)
        own_valkey.start()

        await until(lambda: watch.views()[short].ended and watch.views()[long].ended)
        assert {watch.views()[run].status for run in (short, long)} == {RunStatus.SUCCEEDED}
        assert lost_workers(watch) == 0
    assert set(room.effects.calls.values()) == {1}


async def test_a_run_goes_on_while_postgres_is_away_and_is_archived_when_it_is_back(
    room: EngineRoom, own_postgres: PostgresProcess
) -> None:
    async with room.at_work(Roles()) as (client, watch):
        run = await client.submit(0)
        await until(lambda: run in watch.views() and done(watch.views()[run]) > 2)

        own_postgres.stop()
        before = done(watch.views()[run])
        await until(lambda: done(watch.views()[run]) > before + 2)
        own_postgres.start()

        await until(lambda: watch.views()[run].ended)
        assert watch.views()[run].status is RunStatus.SUCCEEDED

        async def archived() -> bool:
            n, head = await client.marks("awe.00")
            return n == head

        await until_async(archived)
    assert set(room.effects.calls.values()) == {1}
