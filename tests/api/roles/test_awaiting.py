"""Roles wait for servers that are away when they start; what only a person can mend ends them at once."""

import asyncio
import signal
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

import psycopg
import pytest

from awe.adapters.redis_streams.connection import spreads
from awe.api.bootstrap import event_store
from awe.api.cli.exit_codes import ExitCode
from awe.api.roles.awaiting import opened
from awe.api.roles.openness import ensure_open
from awe.api.settings import Settings
from support.cluster_process import ClusterProcess
from support.installation import Installation
from support.running import running
from support.server_homes import next_home
from support.server_process import PostgresProcess, ValkeyProcess

Place = Callable[..., Installation]


@pytest.fixture
def place(own_valkey: ValkeyProcess, own_postgres: PostgresProcess, server_home: Path) -> Place:
    """An installation on servers that the test starts and stops; settings may name others."""

    def made(**variables: str) -> Installation:
        home = server_home / "awe"
        urls = {"AWE_REDIS_URL": own_valkey.url, "AWE_POSTGRES_URL": own_postgres.url}
        return Installation(home, {"AWE_HOME": str(home), **urls, **variables})

    return made


def test_a_projector_waits_for_postgres_and_outlives_its_restarts(
    place: Place, own_postgres: PostgresProcess
) -> None:
    own_postgres.stop()
    with place().begun("projector") as projector:
        said = projector.wait_for("asked again in 1 s")
        assert "asked again in 0.5 s" in said
        assert "there is no such socket" in said
        own_postgres.start()
        projector.wait_for("running")
        own_postgres.kill9()
        own_postgres.start()
        own_postgres.restart()
        assert projector.process.poll() is None
        projector.signal(signal.SIGTERM)
        ended = projector.end()
    assert ended.code == ExitCode.OK, ended.err


@pytest.mark.parametrize("role", ["projector", "up", "worker", "scheduler"])
def test_every_role_waits_for_redis_until_it_is_told_to_stop(
    place: Place, own_valkey: ValkeyProcess, role: str
) -> None:
    own_valkey.stop()
    with place().begun(role) as begun:
        begun.wait_for("waiting for a server")
        begun.signal(signal.SIGTERM)
        ended = begun.end()
    assert ended.code == ExitCode.OK, ended.err
    assert ended.err.splitlines()[-1] == f"awe {role}: stopped"


def test_a_worker_begins_without_postgres(place: Place, own_postgres: PostgresProcess) -> None:
    own_postgres.stop()
    with place().begun("worker") as worker:
        worker.wait_for("running")
        worker.signal(signal.SIGTERM)
        ended = worker.end()
    assert ended.code == ExitCode.OK, ended.err


@pytest.mark.parametrize("role", ["projector", "worker"])
def test_who_is_refused_is_told_so_at_once(
    place: Place, own_valkey: ValkeyProcess, own_postgres: PostgresProcess, role: str
) -> None:
    for variables in (
        {"AWE_POSTGRES_URL": own_postgres.url.replace("awe@", "nobody:secret@")},
        {"AWE_REDIS_URL": own_valkey.url.replace("://", "://nobody:secret@")},
    ):
        ended = place(**variables).awe(role)
        assert ended.code == ExitCode.UNAVAILABLE
        assert "refuses the user or the password" in ended.err
        assert "secret" not in ended.err
    ended = place(AWE_POSTGRES_URL=own_postgres.database_url("none")).awe(role)
    assert ended.code == ExitCode.UNAVAILABLE
    assert "has no such database" in ended.err


def test_a_schema_of_another_release_is_refused_at_once(place: Place, own_postgres: PostgresProcess) -> None:
    with place().begun("projector") as projector:
        projector.wait_for("running")
        projector.signal(signal.SIGTERM)
        projector.end()
    with psycopg.connect(own_postgres.url, autocommit=True) as connection:
        connection.execute("INSERT INTO awe.migration (number, name, checksum) VALUES (9999, 'later', '')")
    ended = place().awe("projector")
    assert ended.code == ExitCode.CONFLICT
    assert "start a release at least as new" in ended.err


async def test_postgres_may_be_killed_at_any_moment_of_a_start(
    own_valkey: ValkeyProcess, own_postgres: PostgresProcess
) -> None:
    settings = Settings.from_environment(
        {"AWE_REDIS_URL": own_valkey.url, "AWE_POSTGRES_URL": own_postgres.url, "AWE_PARTITIONS": "4"}
    )
    for moment in range(8):
        is_open = asyncio.Event()

        async def keep(is_open: asyncio.Event = is_open) -> None:
            async with AsyncExitStack() as held:
                opening = partial(event_store, settings, keeper=True)
                store = await opened(held, opening, settings, keeper=True)
                await ensure_open(store, "awe.03", patience_s=60)
                is_open.set()
                await asyncio.Event().wait()

        async with running(keep()):
            await asyncio.sleep(0.012 * moment)
            own_postgres.kill9()
            await asyncio.sleep(0.05)
            own_postgres.start()
            await asyncio.wait_for(is_open.wait(), 60)
        with psycopg.connect(own_postgres.url, autocommit=True) as connection:
            connection.execute("DROP SCHEMA awe CASCADE")
            connection.execute("DROP SCHEMA IF EXISTS awe_read CASCADE")
        own_valkey.restart()


async def test_a_cluster_that_was_away_is_known_as_one(
    own_postgres: PostgresProcess, server_home: Path
) -> None:
    with ClusterProcess(next_home(server_home)) as cluster:
        urls = {"AWE_REDIS_URL": cluster.url, "AWE_POSTGRES_URL": own_postgres.url}
        settings = Settings.from_environment(urls)
        cluster.nodes[0].kill9()
        async with AsyncExitStack() as held:
            opening = asyncio.create_task(
                opened(held, partial(event_store, settings), settings, keeper=False)
            )
            await asyncio.sleep(0.2)
            assert not opening.done()
            cluster.nodes[0].start()
            assert spreads((await opening).client)
