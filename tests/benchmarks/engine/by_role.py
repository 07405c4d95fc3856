"""What the engine needs as it is deployed: each role in a process of its own, and a client in this one."""

import asyncio
import http.client
import json
import os
import sys
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from awe.api.bootstrap import event_store
from awe.api.bootstrap.kit import kit
from awe.api.bootstrap.tool_names import queue_of_file
from awe.api.settings import Settings as Installed
from awe.commands.log import EventLog, LogUnavailable
from benchmarks.engine import noop
from benchmarks.engine.driving import client
from benchmarks.engine.installation import SLOTS, Installation
from benchmarks.engine.workloads import NAMED, small
from benchmarks.resident import peak_mib
from benchmarks.row import Entry, Row, Target
from benchmarks.servers import archive_server, hot_server
from benchmarks.settings import Settings
from benchmarks.spread import Spread
from chaos.engine.roles import Role
from support.server_process import free_port
from support.waiting import until_async

_MEMORY_MIB = Target(280.0)
_TOOLS = Path(noop.__file__)
_QUESTIONS = 100
_LIST = json.dumps({"query": "{ runs(first: 100) { nodes { id status goal submittedAt outputs } } }"})
_ROLES: Mapping[str, Sequence[str]] = {
    "projector": ("projector",),
    "scheduler": ("scheduler",),
    "worker": ("worker", "--tools", str(_TOOLS)),
}


async def engine_roles(settings: Settings) -> Sequence[Row]:
    """Chain and layered through `awe projector`, `awe scheduler` and `awe worker`; `awe serve` beside them, stated apart."""
    taken: list[Mapping[str, float]] = []
    for _ in range(settings.repeats):
        with hot_server(settings) as hot, archive_server(settings) as cold:
            async with _deployed(hot.url, cold.url) as (at, roles, port):
                async with client(at) as asking:
                    for name in ("chain", "layered"):
                        await asking.drive(small(NAMED[name], settings))
                for _ in range(settings.sized(_QUESTIONS)):
                    await asyncio.to_thread(_ask, port)
                taken.append({name: peak_mib(role.process.pid) for name, role in roles.items()})
    all_of_them = Spread.of([sum(each[name] for name in _ROLES) for each in taken])
    by_role = {name: Spread.of([each[name] for each in taken]) for name in taken[0]}
    told = ", ".join(f"{name} {by_role[name].median:.0f}" for name in _ROLES)
    serve = by_role["serve"]
    return [
        Row(
            "engine by role, peak memory",
            "MiB",
            all_of_them,
            all_of_them,
            target=_MEMORY_MIB,
            note=f"resident, of the roles' Python processes, read models fed, after chain and layered: {told}",
            entry=Entry("memory", "peak_rss_mib_by_role", {"all": all_of_them, **by_role}),
        ),
        Row(
            "awe serve, peak memory",
            "MiB",
            serve,
            serve,
            note="resident, of `awe serve` beside the roles, after lists of runs through GraphQL",
        ),
    ]


@asynccontextmanager
async def _deployed(
    redis: str, postgres: str
) -> AsyncGenerator[tuple[Installation, Mapping[str, Role], int]]:
    """Run the roles and `awe serve`, at a port of loopback, on servers that are given; they end with the block."""
    with ExitStack() as held:
        home = Path(held.enter_context(TemporaryDirectory(prefix="awe-bench-")))
        told = {
            "AWE_REDIS_URL": redis,
            "AWE_POSTGRES_URL": postgres,
            "AWE_PARTITIONS": "1",
            "AWE_SLOTS": str(SLOTS),
            "AWE_HOME": str(home),
        }
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWE_")}
        environment = {**kept, **told, "PYTHONPATH": os.pathsep.join(sys.path)}
        port = free_port()
        commands = {**_ROLES, "serve": ("serve", "--port", str(port))}
        roles = {
            name: Role(environment, home / f"{name}.log", *command) for name, command in commands.items()
        }
        for role in roles.values():
            role.start()
            held.callback(role.kill9)
        settings = Installed.from_environment(told)
        made = held.enter_context(kit(settings))
        async with event_store(settings) as store:
            await until_async(partial(_is_open, store.log(0)))
            await until_async(lambda: asyncio.to_thread(_listens, port))
            yield Installation(store, made, queue_of_file(_TOOLS)), roles, port


async def _is_open(log: EventLog) -> bool:
    try:
        await log.head()
    except LogUnavailable:
        return False
    return True


def _listens(port: int) -> bool:
    try:
        _ask(port)
    except ConnectionError:
        return False
    return True


def _ask(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("POST", "/graphql", _LIST, {"content-type": "application/json"})
        said = connection.getresponse().read()
    finally:
        connection.close()
    if "errors" in json.loads(said):
        raise RuntimeError(said.decode())
