"""Everything that takes part: two processes of each role on servers of their own, and a client in this process."""

import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from awe.adapters.postgres.connection import OwnedConnection
from awe.adapters.redis_streams.connection import AsyncClient
from awe.adapters.redis_streams.keys import GROUP, Keys
from awe.api.bootstrap import EventStore, event_store
from awe.api.settings import Settings
from chaos.engine.client import TOOLS, Client
from chaos.engine.read_models import behind
from chaos.engine.roles import Role, Supervisor
from chaos.engine.tools import FILES, FOLDER
from chaos.engine.watch import Watch, watching
from support.running import running
from support.server_process import PostgresProcess, ServerProcess

LEASE_S = 5.0
PARTITIONS = 4
_SLOTS = 4


@dataclass(frozen=True, slots=True)
class Installation:
    store: EventStore
    client: Client
    watch: Watch
    supervisor: Supervisor
    folder: Path
    looking: OwnedConnection

    async def owed(self) -> list[str]:
        """What is not quiet yet: messages in work queues, and events not archived or not in the read models."""
        found: list[str] = []
        for partition in self.store.logs:
            keys = Keys(partition)
            async for queue in _queues(self.store.client, keys):
                length = await self.store.client.execute_command("XLEN", queue)
                pending = (await self.store.client.execute_command("XPENDING", queue, GROUP))["pending"]
                if length or pending:
                    found.append(f"{length} messages in {queue}, {pending} of them delivered")
            n, archived = await self.client.marks(partition)
            if n != archived:
                found.append(f"{partition} is archived up to {archived} of {n}")
        async with self.looking.connection() as connection:
            return [*found, *await behind(connection)]

    async def stop(self) -> list[str]:
        """Stop every role in order; return what is wrong with how they ended."""
        return [*await self.supervisor.stop(), *self.left_behind()]

    def left_behind(self) -> list[str]:
        """Processes of the engine that there still are."""
        found: list[str] = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if process.environ().get(FOLDER) == str(self.folder) and process.status() != "zombie":
                    found.append(f"process {process.pid} is left behind: {' '.join(process.cmdline())}")
        return found


async def _queues(client: AsyncClient, keys: Keys) -> AsyncGenerator[str]:
    for key in await client.execute_command("KEYS", keys.queue("*")):
        yield key.decode()


@asynccontextmanager
async def installation(
    redis: ServerProcess, postgres: PostgresProcess, home: Path, seed: int
) -> AsyncGenerator[Installation]:
    """Run it on servers that are up; no process of it outlives the block."""
    folder = home / "chaos"
    (folder / FILES).mkdir(parents=True)
    settings = {
        "AWE_REDIS_URL": redis.url,
        "AWE_POSTGRES_URL": postgres.url,
        "AWE_PARTITIONS": str(PARTITIONS),
        "AWE_LEASE_S": str(LEASE_S),
        "AWE_SLOTS": str(_SLOTS),
        "AWE_HOME": str(folder / "home"),
        "AWE_ARTIFACTS": str(folder / "artifacts"),
    }
    supervisor = Supervisor(_roles(settings, folder))
    looking = OwnedConnection(postgres.url, "look")
    for role in supervisor.roles:
        role.start()
    try:
        async with (
            event_store(Settings.from_environment(settings)) as store,
            watching(store.logs) as watch,
            running(supervisor.run()),
        ):
            yield Installation(store, Client(store, seed), watch, supervisor, folder, looking)
    finally:
        await looking.aclose()
        supervisor.kill_all()


def _roles(settings: dict[str, str], folder: Path) -> list[Role]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWE_")}
    environment = {**kept, **settings, FOLDER: str(folder), "PYTHONPATH": os.pathsep.join(sys.path)}
    commands = [("projector",), ("scheduler",), ("worker", "--tools", str(TOOLS))]
    return [
        Role(environment, folder / f"{command[0]}-{number}.log", *command)
        for number in range(2)
        for command in commands
    ]
