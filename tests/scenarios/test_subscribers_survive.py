"""Subscribers of a run while Redis is killed: one stays, one comes back every second; both hear every event once."""

import asyncio
import json
import os
import sys
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, Final

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from awe.api.bootstrap import EventStore, event_store
from awe.api.settings import Settings
from awe.commands.append_ids import AppendIds
from awe.commands.log import LogUnavailable, NewEvent, Unit
from awe.commands.messages import SubmitGoal
from awe.domain.events import Context, encode
from awe.domain.identifiers import TaskKey, task_aggregate
from chaos.engine.roles import Role
from support.running import running
from support.server_process import PostgresProcess, ValkeyProcess, free_port
from support.task_events import claimed, ready
from support.waiting import until_async

EVENTS: Final = """subscription ($run: ID!, $after: Position) { runEvents(run: $run, after: $after) { __typename
  ... on EventsAdded { position events { id } } ... on Gap { position } ... on Rewound { position } } }"""
TASKS: Final = 120
DOWN_S: Final = 1.0


class Subscriber:
    """Hears a run's events over as many connections as it takes, each from the position where the last one ended."""

    def __init__(self, url: str, run: str, stay_s: float | None) -> None:
        self._url = url
        self._run = run
        self._stay_s = stay_s
        self._after: str | None = None
        self.heard: list[str] = []
        self.connections = 0

    async def run(self) -> None:
        while True:
            with suppress(WebSocketException, OSError, TimeoutError):
                async with connect(self._url, subprotocols=["graphql-transport-ws"], proxy=None) as socket:  # type: ignore[list-item]
                    self.connections += 1
                    async with asyncio.timeout(self._stay_s):
                        await self._listen(socket)
            await asyncio.sleep(0.05)

    async def _listen(self, socket: ClientConnection) -> None:
        await socket.send(json.dumps({"type": "connection_init"}))
        assert json.loads(await socket.recv())["type"] == "connection_ack"
        asked = {"query": EVENTS, "variables": {"run": self._run, "after": self._after}}
        await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": asked}))
        async for message in socket:
            said = json.loads(message)
            if said["type"] == "next" and "errors" not in said["payload"]:
                self._take(said["payload"]["data"]["runEvents"])
            elif said["type"] != "ping":
                return  # ended by the server: come back

    def _take(self, told: Any) -> None:
        assert told["__typename"] != "Rewound", "what was acknowledged was lost"
        self._after = told["position"]
        self.heard += [event["id"] for event in told.get("events", ())]


async def happen(store: EventStore, run: str) -> None:
    """Let tasks be offered and claimed, one after another, over whatever outage."""
    ids, context = AppendIds(b"a test's entropy, 32 bytes long."), Context("worker", "", run, "")
    for number in range(TASKS):
        aggregate = task_aggregate(TaskKey(f"t{number}"))
        events = [
            NewEvent(aggregate, event.event_type, encode(event, context)) for event in (ready(), claimed())
        ]
        await store.log(0).append(Unit(ids.new(), run, events))
        await asyncio.sleep(0.03)


@pytest.mark.parametrize("how", ["kill9", "stop"])
async def test_i16_two_subscribers_hear_the_same_through_a_redis_restart(
    how: str, own_valkey: ValkeyProcess, own_postgres: PostgresProcess, server_home: Path
) -> None:
    home = server_home
    home.mkdir(parents=True, exist_ok=True)
    told = {
        "AWE_REDIS_URL": own_valkey.url,
        "AWE_POSTGRES_URL": own_postgres.url,
        "AWE_PARTITIONS": "1",
        "AWE_HOME": str(home),
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWE_")}
    environment = {**kept, **told, "PYTHONPATH": os.pathsep.join(sys.path)}
    port = free_port()
    roles = [
        Role(environment, home / "projector.log", "projector"),
        Role(environment, home / "serve.log", "serve", "--port", str(port)),
    ]
    with ExitStack() as held:
        for role in roles:
            role.start()
            held.callback(role.kill9)
        async with event_store(Settings.from_environment(told)) as store:

            async def is_open() -> bool:
                with suppress(LogUnavailable):
                    await store.log(0).head()
                    return True
                return False

            await until_async(is_open)
            run = (await store.runs.submit(SubmitGoal(actor="ann", goal="to be watched"))).run
            url = f"ws://127.0.0.1:{port}/graphql"
            steady, restless = Subscriber(url, run, None), Subscriber(url, run, 1.0)
            async with running(steady.run(), restless.run()):
                happening = asyncio.create_task(happen(store, run))
                await asyncio.sleep(TASKS * 0.01)
                getattr(own_valkey, how)()
                await asyncio.sleep(DOWN_S)
                own_valkey.start()
                await happening
                recorded = [event.id for event in (await store.log(0).history(run)).events]
                assert len(recorded) == 1 + 2 * TASKS

                async def all_heard() -> bool:
                    return all(len(each.heard) >= len(recorded) for each in (steady, restless))

                with suppress(TimeoutError):
                    await until_async(all_heard)
    assert steady.heard == recorded, roles[1].told
    assert restless.heard == recorded, roles[1].told
    assert restless.connections > 2
