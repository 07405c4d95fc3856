"""Snapshots beside a real archive, which may lose its tail or be altered behind their back."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from itertools import count
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from awe.adapters.postgres.connection import OwnedConnection
from awe.adapters.postgres.snapshots import PostgresSnapshots
from awe.commands.log import LogUnavailable, Position
from awe.projections import archive, chain, epochs
from awe.projections.archive import Head
from awe.projections.ports import Duties
from support.archives import entries, migrated
from support.contracts.snapshots import FORM, RUNS, SnapshotsContract
from support.server_process import PostgresProcess
from support.waiting import until_async


class PostgresSnapshotsSite:
    """A partition of an archive, and hands on it as an archiver, a healer and an accident have them."""

    def __init__(self, owned: OwnedConnection, partition: str) -> None:
        self.owned = owned
        self.partition = partition
        self.histories = count(1)

    def snapshots(self, manager: str = "scheduler") -> PostgresSnapshots:
        return PostgresSnapshots(self.owned, self.partition, manager)

    async def head(self) -> Head:
        async with self.owned.connection() as connection:
            found = await epochs.head(connection, self.partition)
        assert found is not None
        return found

    async def archive(self, count: int, run: str = "") -> None:
        """Archive events that no other history has, or that `run` has."""
        base = await self.head()
        more = entries(base.n + 1, count, run or f"r-00-{next(self.histories)}")
        async with self.owned.connection() as connection:
            await archive.append(connection, self.partition, base, more, Duties())

    async def begin_epoch(self) -> None:
        async with self.owned.connection() as connection:
            begun = await epochs.begin(connection, self.partition, 0)
            await epochs.start(connection, self.partition, begun.epoch, begun.n + 1)

    async def lose_tail(self, count: int) -> None:
        """Take row, events and checkpoints back, as a backup without the last batches holds them."""
        head = await self.head()
        n = head.n - count
        await self.sql("DELETE FROM awe.event WHERE partition = %s AND n > %s", n)
        await self.sql("DELETE FROM awe.checkpoint WHERE partition = %s AND n > %s", n)
        async with self.owned.connection() as connection:
            cursor = await connection.execute(
                "SELECT digest FROM awe.event WHERE partition = %s ORDER BY n", (self.partition,)
            )
            value = chain.extend_all(chain.GENESIS, 1, [row[0] for row in await cursor.fetchall()])
            await connection.execute(
                "UPDATE awe.partition SET head = %s, chain = %s WHERE name = %s", (n, value, self.partition)
            )

    async def sql(self, statement: str, n: int) -> None:
        """Change something of the partition."""
        async with self.owned.connection() as connection:
            done = await connection.execute(statement.encode(), (self.partition, n))
            assert done.rowcount >= 0

    async def found_at(self, form: str = FORM) -> Position | None:
        found = await self.snapshots().latest(form)
        return None if found is None else found.position


@pytest.fixture(scope="module")
def archive_url(shared_postgres: PostgresProcess) -> Iterator[str]:
    """A database for all tests here: each has a partition of its own."""
    name = f"snapshots_{uuid4().hex[:12]}"
    with psycopg.connect(shared_postgres.url, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield shared_postgres.database_url(name)
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
async def site(archive_url: str, keyspace: str) -> AsyncIterator[PostgresSnapshotsSite]:
    async with migrated(archive_url) as owned:
        site = PostgresSnapshotsSite(owned, keyspace)
        await site.begin_epoch()
        yield site


class TestSnapshots(SnapshotsContract):
    """The `site` above keeps what every snapshot must."""


async def test_a_partition_that_was_never_opened_has_none(site: PostgresSnapshotsSite) -> None:
    never = PostgresSnapshots(site.owned, "never.00")
    assert await never.save(FORM, Position(9, 1), RUNS) is None
    assert await never.latest(FORM) is None


async def test_i16_a_snapshot_is_good_again_when_the_lost_tail_is_archived_again(
    site: PostgresSnapshotsSite,
) -> None:
    await site.archive(4, "r-00-a")
    await site.archive(4, "r-00-a")
    await site.snapshots().save(FORM, Position(8, 1), RUNS)
    await site.lose_tail(4)
    assert await site.found_at() is None
    await site.archive(3, "r-00-a")
    assert await site.found_at() is None
    await site.archive(9, "r-00-a")
    assert await site.found_at() == Position(8, 1)


async def test_i16_a_tail_lost_to_another_history_makes_no_snapshot_of_it_good(
    site: PostgresSnapshotsSite,
) -> None:
    await site.archive(4)
    await site.archive(4)
    await site.snapshots().save(FORM, Position(8, 1), RUNS)
    await site.lose_tail(1)
    for _ in range(3):
        await site.begin_epoch()
        await site.archive(5)
        assert await site.found_at() is None
    await site.snapshots().save(FORM, Position(22, 4), RUNS)
    assert await site.found_at() == Position(22, 4)


@pytest.mark.parametrize(
    "altered",
    [
        "UPDATE awe.event SET digest = sha256('x') WHERE partition = %s AND n = %s",
        "DELETE FROM awe.event WHERE partition = %s AND n = %s",
        "UPDATE awe.event SET n = n + 1000 WHERE partition = %s AND n = %s",
    ],
)
@pytest.mark.parametrize("n", [4, 9, 13])
async def test_i30_an_archive_altered_behind_a_snapshot_does_not_stand_by_it(
    site: PostgresSnapshotsSite, altered: str, n: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("awe.adapters.postgres.snapshots.PAGE", 3)
    await site.archive(3)
    await site.snapshots().save(FORM, Position(3, 1), RUNS)
    await site.archive(10)
    assert await site.found_at() == Position(3, 1), "over several pages"
    await site.sql(altered, n)
    assert await site.found_at() is None


async def test_i30_an_erased_body_does_not_spoil_a_snapshot(site: PostgresSnapshotsSite) -> None:
    await site.archive(3)
    await site.snapshots().save(FORM, Position(3, 1), RUNS)
    await site.archive(3)
    await site.sql("UPDATE awe.event SET body = NULL WHERE partition = %s AND n > %s", 0)
    assert await site.found_at() == Position(3, 1)


async def test_i16_of_two_that_save_at_once_the_later_head_stays(
    site: PostgresSnapshotsSite, archive_url: str
) -> None:
    await site.archive(3)
    async with migrated(archive_url) as other:
        rival = PostgresSnapshots(other, site.partition)

        async def save(snapshots: PostgresSnapshots) -> list[int]:
            saved = [await snapshots.save(FORM, Position(1_000, 1), RUNS) for _ in range(20)]
            return [each.n for each in saved if each is not None]

        async def grow() -> None:
            for _ in range(10):
                await site.archive(2)

        mine, theirs, _ = await asyncio.gather(save(site.snapshots()), save(rival), grow())
    assert mine == sorted(mine)
    assert theirs == sorted(theirs)
    assert await site.found_at() == Position(max(mine[-1], theirs[-1]), 1)


async def test_i16_saving_waits_for_the_batch_under_way_so_saves_come_in_the_order_of_their_heads(
    site: PostgresSnapshotsSite, archive_url: str
) -> None:
    await site.archive(3)
    async with migrated(archive_url, "archiver") as archiving, archiving.connection() as connection:
        async with connection.transaction():
            base = await epochs.head(connection, site.partition)
            assert base is not None
            await archive.append(connection, site.partition, base, entries(4, 2), Duties())
            saving = asyncio.create_task(site.snapshots().save(FORM, Position(9, 1), RUNS))

            async def waits() -> bool:
                cursor = await connection.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
                return saving.done() or await cursor.fetchall() != [(0,)]

            await until_async(waits)
        assert await saving == Position(5, 1)


async def test_an_archive_that_is_away_is_told(site: PostgresSnapshotsSite) -> None:
    nobody = PostgresSnapshots(OwnedConnection("postgresql://awe@/x?host=/nowhere", "test"), site.partition)
    with pytest.raises(LogUnavailable, match="The archive cannot be asked now"):
        await nobody.latest(FORM)
    with pytest.raises(LogUnavailable, match="The archive cannot be asked now"):
        await nobody.save(FORM, Position(1, 1), RUNS)
