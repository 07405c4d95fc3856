import asyncio

import pytest

from awe.adapters.postgres.connection import OwnedConnection
from awe.projections.errors import SchemaRefused
from awe.projections.migrations.migrate import Migration, known_migrations, migrate
from support.archives import migrated

FIRST = Migration(1, "0001_one.sql", "CREATE TABLE awe.one (a int); INSERT INTO awe.one VALUES (1)")
SECOND = Migration(2, "0002_two.sql", "CREATE TABLE awe.two (a int)")
BROKEN = Migration(2, "0002_two.sql", "CREATE TABLE awe.two (a int); SELECT 1 / 0")


async def numbers(owned: OwnedConnection) -> list[tuple[int, str]]:
    async with owned.connection() as connection:
        cursor = await connection.execute("SELECT number, name FROM awe.migration ORDER BY 1")
        return await cursor.fetchall()


async def test_this_release_migrates_an_empty_database_and_does_nothing_the_second_time(
    postgres_database: str,
) -> None:
    async with migrated(postgres_database) as owned:
        applied = await numbers(owned)
        assert applied == [(each.number, each.name) for each in known_migrations()]
        async with owned.connection() as connection:
            await migrate(connection)
        assert await numbers(owned) == applied


def test_the_numbers_of_migrations_have_no_gap_and_no_double() -> None:
    assert [each.number for each in known_migrations()] == list(range(1, len(known_migrations()) + 1))


async def test_many_processes_migrate_at_once(postgres_database: str) -> None:
    several = [OwnedConnection(postgres_database, f"test {number}") for number in range(4)]

    async def one(owned: OwnedConnection) -> None:
        async with owned.connection() as connection:
            await migrate(connection, [FIRST, SECOND])
        await owned.aclose()

    await asyncio.gather(*(one(owned) for owned in several))
    assert await numbers(several[0]) == [(1, "0001_one.sql"), (2, "0002_two.sql")]
    async with several[0].connection() as connection:
        cursor = await connection.execute("SELECT count(*) FROM awe.one")
        assert await cursor.fetchall() == [(1,)]
    await several[0].aclose()


async def test_a_migration_that_fails_leaves_the_ones_before_it_and_nothing_of_itself(
    postgres_database: str,
) -> None:
    owned = OwnedConnection(postgres_database, "test")
    with pytest.raises(Exception, match="division by zero"):
        async with owned.connection() as connection:
            await migrate(connection, [FIRST, BROKEN])
    assert await numbers(owned) == [(1, "0001_one.sql")]
    async with owned.connection() as connection:
        await migrate(connection, [FIRST, SECOND])
    assert await numbers(owned) == [(1, "0001_one.sql"), (2, "0002_two.sql")]
    await owned.aclose()


@pytest.mark.parametrize(
    ("known", "told"),
    [
        ([FIRST], "has migration 2, this release knows 1: start a release at least as new"),
        ([FIRST, BROKEN], "0002_two.sql differs from the one applied"),
    ],
)
async def test_i09_a_schema_that_this_release_does_not_know_is_refused(
    postgres_database: str, known: list[Migration], told: str
) -> None:
    owned = OwnedConnection(postgres_database, "test")
    async with owned.connection() as connection:
        await migrate(connection, [FIRST, SECOND])
        with pytest.raises(SchemaRefused, match=told):
            await migrate(connection, known)
    await owned.aclose()


async def test_an_old_server_is_refused_before_anything_is_written(
    postgres_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("awe.projections.migrations.migrate.OLDEST_SERVER", 99)
    owned = OwnedConnection(postgres_database, "test")
    async with owned.connection() as connection:
        with pytest.raises(SchemaRefused, match=r"AWE needs 99 or later\. Upgrade the server"):
            await migrate(connection)
        cursor = await connection.execute("SELECT to_regnamespace('awe') IS NULL")
        assert await cursor.fetchall() == [(True,)]
    await owned.aclose()
