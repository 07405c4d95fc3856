"""Servers of one shape alone, fresh."""

from collections.abc import Generator
from contextlib import contextmanager

from benchmarks.settings import Settings
from support.server_homes import next_home, server_homes
from support.server_process import PostgresProcess, RedisProcess, ServerProcess, ValkeyProcess

_NO_REWRITE = ("--auto-aof-rewrite-percentage", "0")
"""A rewrite of the append-only file would fall on one turn by chance."""


@contextmanager
def hot_server(settings: Settings) -> Generator[ServerProcess]:
    """Redis with an append-only file that is synced before every reply."""
    server_class = RedisProcess if settings.server == "redis" else ValkeyProcess
    with (
        server_homes(on_disk=settings.on_disk) as root,
        server_class(next_home(root), *_NO_REWRITE) as server,
    ):
        yield server


@contextmanager
def archive_server(settings: Settings) -> Generator[PostgresProcess]:
    """Postgres as it comes: synced before every commit returns."""
    with server_homes(on_disk=settings.on_disk) as root, PostgresProcess(next_home(root)) as server:
        yield server
