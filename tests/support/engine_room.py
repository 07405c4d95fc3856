"""The engine in this process, on servers of the test's own, with the tools that leave a trace of every call and effect."""

import os
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from awe.api.bootstrap import EventStore
from awe.api.bootstrap.kit import Kit, kit
from awe.api.roles.engine import Roles, engine
from awe.api.settings import Settings
from chaos.engine.client import TOOLS, Client
from chaos.engine.effects import Effects
from chaos.engine.tools import FILES, FOLDER
from chaos.engine.watch import Watch, watching
from support.server_process import ServerProcess

LEASE_S = 5.0


class EngineRoom:
    """One partition, and the roles that a test starts in it."""

    def __init__(self, settings: Settings, made: Kit, folder: Path) -> None:
        self._settings = settings
        self._kit = made
        self._folder = folder

    @property
    def effects(self) -> Effects:
        return Effects.read(self._folder)

    @asynccontextmanager
    async def playing(self, roles: Roles) -> AsyncGenerator[EventStore]:
        async with engine(self._settings, self._kit, roles) as store:
            yield store

    @asynccontextmanager
    async def at_work(self, roles: Roles) -> AsyncGenerator[tuple[Client, Watch]]:
        """Roles, a client of theirs, and somebody who watches."""
        async with self.playing(roles) as store, watching(store.logs) as watch:
            yield Client(store, seed=1), watch


@contextmanager
def engine_room(redis: ServerProcess, postgres: ServerProcess, folder: Path) -> Generator[EngineRoom]:
    """An engine room on servers that are up; the tools find their folder while it is there."""
    (folder / FILES).mkdir(parents=True)
    settings = Settings.from_environment(
        {
            "AWE_REDIS_URL": redis.url,
            "AWE_POSTGRES_URL": postgres.url,
            "AWE_PARTITIONS": "1",
            "AWE_LEASE_S": str(LEASE_S),
            "AWE_HOME": str(folder / "home"),
        }
    )
    os.environ[FOLDER] = str(folder)
    try:
        with kit(settings, tools=[str(TOOLS)]) as made:
            yield EngineRoom(settings, made, folder)
    finally:
        del os.environ[FOLDER]
