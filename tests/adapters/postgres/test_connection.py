"""One owned connection: lent to one at a time, given anew after any doubt, and never a driver's error outside."""

import asyncio

import pytest

from awe.adapters.postgres.cold_tier import PostgresColdTier
from awe.adapters.postgres.connection import OwnedConnection
from awe.commands.log import LogUnavailable
from awe.projections.errors import ArchiveError, ArchiveUnavailable
from support.server_process import PostgresProcess


async def backend(owned: OwnedConnection) -> int:
    async with owned.connection() as connection:
        return connection.info.backend_pid


async def test_the_same_connection_serves_one_user_after_the_other(postgres_url: str) -> None:
    owned = OwnedConnection(postgres_url, "test")
    busy = 0

    async def use() -> int:
        nonlocal busy
        async with owned.connection() as connection:
            busy += 1
            assert busy == 1
            await connection.execute("SELECT pg_sleep(0.01)")
            busy -= 1
            return connection.info.backend_pid

    assert len(set(await asyncio.gather(*(use() for _ in range(5))))) == 1
    await owned.aclose()


async def test_the_server_knows_who_asks_and_for_how_long(postgres_url: str) -> None:
    owned = OwnedConnection(postgres_url, "archiver", statement_timeout_s=0.1)
    async with owned.connection() as connection:
        cursor = await connection.execute("SELECT current_setting('application_name')")
        assert await cursor.fetchall() == [("awe archiver",)]
    with pytest.raises(ArchiveUnavailable, match="does not answer the archiver: canceling statement"):
        async with owned.connection() as connection:
            await connection.execute("SELECT pg_sleep(30)")
    await owned.aclose()


async def test_a_transaction_left_half_way_is_never_inherited(postgres_url: str) -> None:
    owned = OwnedConnection(postgres_url, "test")
    first = await backend(owned)
    async with owned.connection() as connection:
        await connection.execute("BEGIN")
    assert await backend(owned) != first
    await owned.aclose()


async def test_a_cancelled_user_leaves_a_usable_connection(postgres_url: str) -> None:
    owned = OwnedConnection(postgres_url, "test")

    async def sleep() -> None:
        async with owned.connection() as connection, connection.transaction():
            await connection.execute("SELECT pg_sleep(30)")

    task = asyncio.create_task(sleep())
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await backend(owned)
    await owned.aclose()


async def test_a_restarted_server_is_found_again(own_postgres: PostgresProcess) -> None:
    owned = OwnedConnection(own_postgres.url, "test")
    await backend(owned)
    own_postgres.kill9()
    with pytest.raises(ArchiveUnavailable, match="check AWE_POSTGRES_URL"):
        await backend_of_a_query(owned)
    with pytest.raises(ArchiveUnavailable):
        await backend(owned)
    own_postgres.start()
    assert await backend_of_a_query(owned)
    await owned.aclose()


async def test_a_server_restarted_between_two_uses_is_not_noticed(own_postgres: PostgresProcess) -> None:
    owned = OwnedConnection(own_postgres.url, "test")
    await backend(owned)
    own_postgres.kill9()
    own_postgres.start()
    assert await backend_of_a_query(owned)
    await owned.aclose()


async def backend_of_a_query(owned: OwnedConnection) -> bool:
    async with owned.connection() as connection:
        await connection.execute("SELECT 1")
    return True


async def test_a_server_that_hangs_is_given_up(own_postgres: PostgresProcess) -> None:
    owned = OwnedConnection(own_postgres.url, "test", use_timeout_s=0.2)
    own_postgres.pause()
    with pytest.raises(ArchiveUnavailable, match="TimeoutError"):
        await backend(owned)
    own_postgres.resume()
    await owned.aclose()


async def test_a_server_that_became_a_standby_is_away_until_it_is_promoted(postgres_database: str) -> None:
    owned = OwnedConnection(postgres_database, "archiver")
    name = postgres_database.partition("?")[0].rpartition("/")[2]

    async def standby(word: str) -> None:
        async with owned.connection() as connection:
            await connection.execute("SET default_transaction_read_only = off")
            await connection.execute(
                f"ALTER DATABASE {name} SET default_transaction_read_only = {word}".encode()
            )

    async def write() -> int:
        async with owned.connection() as connection:
            await connection.execute("CREATE TABLE IF NOT EXISTS t (n int)")
            return connection.info.backend_pid

    before = await write()
    await standby("on")
    await owned.aclose()
    with pytest.raises(
        ArchiveUnavailable, match=r"the archiver write nothing, as a standby does.*the primary"
    ):
        await write()
    await standby("off")
    await owned.aclose()
    assert await write() != before
    await owned.aclose()


async def test_a_refused_statement_is_told_without_the_driver(postgres_url: str) -> None:
    owned = OwnedConnection(postgres_url, "test")
    with pytest.raises(
        ArchiveError, match='refused a statement of the test: relation "nowhere" does not exist'
    ):
        async with owned.connection() as connection:
            await connection.execute("TABLE nowhere")
    cold = PostgresColdTier(owned)
    with pytest.raises(LogUnavailable, match="The archive cannot be asked now"):
        await cold.entries("awe.00", 0, 1)
    await owned.aclose()
