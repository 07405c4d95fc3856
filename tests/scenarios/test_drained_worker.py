"""A worker that is asked to stop ends what it has begun, and leaves the rest to others."""

import os
import signal
from pathlib import Path
from typing import Any

from awe.api.roles.engine import Roles
from awe.api.roles.stopping import stop_asked
from awe.domain.run.state import RunStatus
from awe.domain.task.state import TaskStatus
from support.engine_room import engine_room
from support.server_process import PostgresProcess, ValkeyProcess
from support.waiting import until

AT_ONCE = 3
CALL_MS = 600
WORKER = Roles(keeper=False, scheduler=False)


def call(name: str, *deps: str, ms: int) -> dict[str, Any]:
    after = [{"$from": dep, "path": "/value"} for dep in deps]
    return {
        "id": name,
        "deps": list(deps),
        "tool_requests": [{"tool": "chaos.add", "arguments": {"after": after, "ms": ms}}],
        "acceptance_criteria": [{"id": "told", "source": "output.value != ''"}],
    }


async def test_a_worker_that_is_drained_by_sigterm_finishes_what_it_runs(
    own_valkey: ValkeyProcess, own_postgres: PostgresProcess, server_home: Path
) -> None:
    first = [f"first{number}" for number in range(AT_ONCE)]
    plan = {"name": "p", "tasks": [*(call(name, ms=CALL_MS) for name in first), call("last", *first, ms=0)]}
    with engine_room(own_valkey, own_postgres, server_home / "room") as room:
        async with room.at_work(Roles(worker=False)) as (client, watch):
            with stop_asked() as stop:
                async with room.playing(WORKER):
                    run = await client.begin(0, plan)
                    await until(lambda: room.effects.calls_of("add") == AT_ONCE)
                    assert room.effects.lines.total() < AT_ONCE
                    os.kill(os.getpid(), signal.SIGTERM)
                    await stop.wait()

            await until(lambda: "last" in watch.views()[run].tasks)
            tasks = watch.views()[run].tasks
            assert {name: tasks[name].status for name in first} == dict.fromkeys(first, TaskStatus.SUCCEEDED)
            assert tasks["last"].status is TaskStatus.READY

            async with room.playing(WORKER):
                await until(lambda: watch.views()[run].ended)
            assert watch.views()[run].status is RunStatus.SUCCEEDED
            assert [task.state.attempt for task in tasks.values()] == [1] * len(tasks)
        assert room.effects.lines == {(run, name): 1 for name in (*first, "last")}
