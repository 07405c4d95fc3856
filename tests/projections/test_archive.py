import asyncio
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from awe.projections import archive_reader, chain, epochs
from awe.projections.archive import Head
from awe.projections.errors import Fenced
from awe.projections.ports import Duties
from awe.projections.verification import verify
from support.archives import PARTITION, begun, entries, grow, migrated


async def test_a_batch_is_read_back_byte_for_byte(postgres_database: str) -> None:
    async with migrated(postgres_database) as owned:
        head = await grow(owned, await begun(owned), 5)
        async with owned.connection() as connection:
            assert list(await archive_reader.entries(connection, PARTITION, 0)) == entries(1, 5)
            assert list(await archive_reader.entries(connection, PARTITION, 2, 2)) == entries(3, 2)
            assert await archive_reader.of_run(connection, PARTITION, "r-00-a") == (entries(1, 5), 5)
            assert await archive_reader.of_run(connection, PARTITION, "r-00-b") == ([], 5)
            assert await archive_reader.of_run(connection, "awe.01", "r-00-a") == ([], 0)
            assert await epochs.head(connection, PARTITION) == head
            assert await epochs.head(connection, "awe.01") is None


async def test_a_batch_is_bounded_by_its_bytes_and_never_empty(postgres_database: str) -> None:
    size = sum(len(entry.body) for entry in entries(1, 3))
    async with migrated(postgres_database) as owned:
        await grow(owned, await begun(owned), 5)
        async with owned.connection() as connection:
            for most_bytes, count in ((0, 1), (size - 1, 2), (size, 3), (1_000, 4)):
                found = await archive_reader.batch(connection, PARTITION, 0, 4, most_bytes)
                assert list(found) == entries(1, count)
            assert await archive_reader.batch(connection, PARTITION, 5, 4, 0) == []


async def test_i30_the_chain_is_kept_with_each_batch_and_answers_for_any_position(
    postgres_database: str,
) -> None:
    async with migrated(postgres_database) as owned:
        head = await grow(owned, await grow(owned, await begun(owned), 3), 4)
        digests = [chain.digest(each.type, each.meta, each.body) for each in entries(1, 7)]
        async with owned.connection() as connection:
            for n in range(8):
                expected = chain.extend_all(chain.GENESIS, 1, digests[:n])
                assert await archive_reader.chain_at(connection, PARTITION, n) == expected
            assert head.chain == chain.extend_all(chain.GENESIS, 1, digests)
            cursor = await connection.execute("SELECT n FROM awe.checkpoint ORDER BY n")
            assert await cursor.fetchall() == [(3,), (7,)]


@pytest.mark.parametrize(
    "stale",
    [{"epoch": 0}, {"epoch": 2}, {"n": 2}, {"n": 4}, {"chain": bytes(32)}],
    ids=lambda stale: next(iter(stale)),
)
async def test_i03_a_writer_that_believes_in_another_epoch_or_head_writes_nothing(
    postgres_database: str, stale: dict[str, Any]
) -> None:
    async with migrated(postgres_database) as owned:
        head = await grow(owned, await begun(owned), 3)
        wrong: Head = replace(head, **stale)
        with pytest.raises(Fenced):
            await grow(owned, wrong, 2)
        async with owned.connection() as connection:
            assert await epochs.head(connection, PARTITION) == head
            assert len(await archive_reader.entries(connection, PARTITION, 0)) == 3


async def test_i03_a_fenced_writer_leaves_what_the_log_owes_as_it_was(postgres_database: str) -> None:
    async with migrated(postgres_database) as owned:
        owed = Duties(claims={"a": 1, "b": 1}, dispatched={(1, "x"): "a"}, positions={"scheduler": (1, 1)})
        base = await begun(owned)
        head = await grow(owned, base, 3, owed)
        late = Duties({"a": -1, "b": 1, "c": 1}, {(2, "y"): "c"}, {(1, "x")}, {"scheduler": (2, 1)})
        with pytest.raises(Fenced):
            await grow(owned, base, 2, late)
        async with owned.connection() as connection:
            assert await epochs.head(connection, PARTITION) == head
            cursor = await connection.execute("SELECT run, claims FROM awe.open_run ORDER BY run")
            assert await cursor.fetchall() == [("a", 1), ("b", 1)]
            cursor = await connection.execute("SELECT n, append_id, run FROM awe.open_message")
            assert await cursor.fetchall() == [(1, "x", "a")]
            assert await archive_reader.reactors(connection, PARTITION) == {"scheduler": (1, 1)}


async def test_i03_of_two_archivers_with_the_same_batch_one_writes(postgres_database: str) -> None:
    async with migrated(postgres_database) as one, migrated(postgres_database) as other:
        base = await begun(one)
        done = await asyncio.gather(grow(one, base, 50), grow(other, base, 50), return_exceptions=True)
        assert sorted(type(each).__name__ for each in done) == ["Fenced", "Head"]


async def test_a_batch_is_announced_after_it_is_there(postgres_database: str) -> None:
    async with migrated(postgres_database) as owned:
        listener = await psycopg.AsyncConnection.connect(postgres_database, autocommit=True)
        await listener.execute("LISTEN awe_archived")
        await grow(owned, await begun(owned), 3)
        async for told in listener.notifies(timeout=20, stop_after=1):
            assert told.payload == f"{PARTITION} 3"
        cursor = await listener.execute("SELECT head FROM awe.partition")
        assert await cursor.fetchall() == [(3,)]
        await listener.close()


async def test_i05_what_the_log_owes_is_summed_up_over_batches(postgres_database: str) -> None:
    async with migrated(postgres_database) as owned:
        base = await grow(
            owned,
            await begun(owned),
            3,
            Duties(
                claims={"a": 1, "b": 2, "c": 0},
                dispatched={(1, "x"): "a", (2, "y"): "d"},
                positions={"scheduler": (1, 1), "timer": (2, 1)},
            ),
        )
        async with owned.connection() as connection:
            assert list(await archive_reader.open_runs(connection, PARTITION)) == ["a", "b", "d"]
        await grow(
            owned,
            base,
            2,
            Duties(
                claims={"a": -1, "b": -1},
                dispatched={(5, "z"): "e"},
                acked={(1, "x"), (2, "lost"), (99, "y"), (5, "z")},
                positions={"scheduler": (4, 1)},
            ),
        )
        async with owned.connection() as connection:
            assert list(await archive_reader.open_runs(connection, PARTITION)) == ["b", "d", "e"], (
                "acked: the first only"
            )
            assert await archive_reader.reactors(connection, PARTITION) == {
                "scheduler": (4, 1),
                "timer": (2, 1),
            }


async def test_i02_an_epoch_is_above_both_tiers_and_starts_only_while_it_is_the_last(
    postgres_database: str,
) -> None:
    async with migrated(postgres_database) as owned:
        assert (await begun(owned)).epoch == 1
        assert (await begun(owned, above=7)).epoch == 8
        assert (await begun(owned, above=3)).epoch == 9
        async with owned.connection() as connection:
            with pytest.raises(Fenced, match="later than epoch 8"):
                await epochs.start(connection, PARTITION, 8, 1)
            await epochs.start(connection, PARTITION, 9, 1)
            assert await epochs.starts(connection, PARTITION) == {9: 1}


async def test_i19_the_number_of_partitions_is_chosen_once(postgres_database: str) -> None:
    async with migrated(postgres_database) as owned, owned.connection() as connection:
        await epochs.settle_partitions(connection, 16)
        await epochs.settle_partitions(connection, 16)
        with pytest.raises(Exception, match="created with 16 partitions, not 1: set AWE_PARTITIONS=16"):
            await epochs.settle_partitions(connection, 1)


async def test_i30_verify_finds_nothing_in_an_untouched_archive(postgres_database: str) -> None:
    async with migrated(postgres_database) as owned:
        head = await grow(owned, await grow(owned, await begun(owned), 700), 900)
        done = await verify(owned, PARTITION, 1, head.n)
        assert (done.events, done.erased, done.chain, done.finding) == (1600, 0, head.chain, "")
        part = await verify(owned, PARTITION, 650, 1200)
        assert (part.events, part.finding) == (551, "")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE awe.event SET body = 'x' WHERE n = 4", "event 4 differs from its digest"),
        ("UPDATE awe.event SET meta = 'x' WHERE n = 4", "event 4 differs from its digest"),
        ("UPDATE awe.event SET type = 'x' WHERE n = 4", "event 4 differs from its digest"),
        ("UPDATE awe.event SET digest = sha256('x'), body = NULL WHERE n = 4", "checkpoint after event 6"),
        ("DELETE FROM awe.event WHERE n = 4", "event 4 is missing"),
        ("DELETE FROM awe.event WHERE n = 9", "event 9 is missing"),
        ("DELETE FROM awe.event", "event 1 is missing"),
    ],
)
async def test_i30_verify_names_what_was_altered(postgres_database: str, change: str, told: str) -> None:
    async with migrated(postgres_database) as owned:
        head = await grow(owned, await grow(owned, await begun(owned), 6), 3)
        async with owned.connection() as connection:
            await connection.execute(change.encode())
        assert told in (await verify(owned, PARTITION, 1, head.n)).finding


async def test_i30_an_erased_body_still_checks(postgres_database: str) -> None:
    async with migrated(postgres_database) as owned:
        head = await grow(owned, await begun(owned), 6)
        async with owned.connection() as connection:
            await connection.execute("UPDATE awe.event SET body = NULL WHERE n IN (2, 5)")
            (_, erased, *_) = await archive_reader.entries(connection, PARTITION, 0)
        done = await verify(owned, PARTITION, 1, head.n)
        assert (done.events, done.erased, done.chain, done.finding) == (6, 2, head.chain, "")
        assert erased.body == b""
