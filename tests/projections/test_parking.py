"""Parked sequences are tried again or given up; the feed that has their rows in memory notices (I28)."""

import asyncio
from collections.abc import Mapping
from typing import Any, ClassVar

from awe.api.reading.entries import decoded
from awe.projections import parking, positions
from awe.projections.errors import Fenced
from awe.projections.folding import Parked
from awe.projections.parking import ParkedSequence, Retried
from awe.projections.ports import Connections
from awe.projections.projecting import Projecting
from awe.projections.projector import Projector
from awe.projections.views.entry import Entry
from support.archives import PARTITION, migrated
from support.kill_points import DeadlyConnections, Killed, KillPoint
from support.rebuilds import Goals, Mended, archived, goal, goals, installed, read, versions


class Picky(Goals):
    """What it cannot count stands here, so it may be mended while it is fed."""

    cannot: ClassVar[set[str]] = set()

    @property
    def poison(self) -> tuple[str, ...]:  # type: ignore[override]
        return tuple(self.cannot)


async def parked(connections: Connections) -> Mapping[str, ParkedSequence]:
    async with connections.connection() as connection:
        return {each.sequence: each for each in await parking.listed(connection, "goals")}


async def retry(connections: Connections, projector: Projector, each: ParkedSequence) -> Retried:
    async with connections.connection() as connection:
        return await parking.retry(connection, projector, each, decoded)


async def caught_up(feed: Any) -> None:
    """As it runs, and looks again when somebody else was there."""
    while True:
        try:
            while await feed.step():
                pass
        except Fenced:
            feed._forget()
            continue
        return


def look_again(feed: Any) -> None:
    """As it does of itself after a while."""
    feed._look_at = 0.0


TOLD = [
    *goals(1, 2),
    goal(3, "r-00-bad"),
    goal(4, "r-00-bad", "poison"),
    goal(5, "r-00-bad"),
    goal(6, "r-00-worse", "too many"),
    goal(7, "r-00-worse"),
]


async def test_i28_a_mended_projector_applies_what_was_parked_and_the_running_feed_goes_on(
    postgres_database: str,
) -> None:
    async with migrated(postgres_database) as owned:
        head = await archived(owned, TOLD)
        await installed(owned, Goals())
        feed = Projecting(owned, PARTITION, [Mended()], decoded)  # with rows and parked sequences in memory
        await caught_up(feed)
        head = await archived(owned, [goal(8, "r-00-bad")], head)
        await caught_up(feed)
        waiting = (await parked(owned))["r-00-bad"]
        assert (waiting.n, waiting.events) == (4, 3)
        assert await read(owned) == {"g": 3}
        assert await retry(owned, Goals(), waiting) == Retried(0, (await positions_parked(owned))["r-00-bad"])
        assert await retry(owned, Mended(), waiting) == Retried(3, None)
        assert await retry(owned, Mended(), waiting) == Retried(0, None)
        assert await read(owned) == {"g": 5, "poison": 1}
        await archived(owned, [goal(9, "r-00-bad")], head)
        await caught_up(feed)
        assert await read(owned) == {"g": 6, "poison": 1}
        assert set(await parked(owned)) == {"r-00-worse"}


async def positions_parked(connections: Connections) -> Mapping[str, Parked]:
    async with connections.connection() as connection:
        return await positions.parked(connection, PARTITION, "goals", 1)


async def test_i28_what_fails_again_is_parked_from_there_on(postgres_database: str) -> None:
    async with migrated(postgres_database) as owned:
        told = [goal(1, "r", "first"), goal(2, "r"), goal(3, "r", "too many"), goal(4, "r"), *goals(5, 1)]
        await archived(owned, told)
        Picky.cannot.add("first")
        await installed(owned, Picky())
        Picky.cannot.clear()
        done = await retry(owned, Picky(), (await parked(owned))["r"])
        assert done.parked is not None
        assert (done.applied, done.parked.n, done.parked.events) == (2, 3, 2)
        again = (await parked(owned))["r"]
        assert (again.n, again.events) == (3, 2)
        assert "out of range" in again.error
        assert await read(owned) == {"g": 2, "first": 1}


async def test_i28_what_is_given_up_lets_the_later_ones_apply(postgres_database: str) -> None:
    async with migrated(postgres_database) as owned:
        head = await archived(owned, TOLD)
        await installed(owned, Goals())
        feed = Projecting(owned, PARTITION, [Goals()], decoded)
        await caught_up(feed)
        waiting = (await parked(owned))["r-00-bad"]
        async with owned.connection() as connection:
            assert await parking.discard(connection, waiting)
            assert not await parking.discard(connection, waiting)
        await archived(owned, [goal(8, "r-00-bad"), goal(9, "r-00-worse")], head)
        await caught_up(feed)
        assert await read(owned) == {"g": 4}
        assert {name: each.events for name, each in (await parked(owned)).items()} == {"r-00-worse": 3}


async def test_i28_a_sequence_that_is_no_run_is_found_among_all_events(postgres_database: str) -> None:
    class ByGoal(Goals):
        def sequence(self, entry: Entry) -> str:
            return f"goal {getattr(entry.event, 'goal', '')}"

    class Better(ByGoal):
        poison = ()

    async with migrated(postgres_database) as owned:
        await archived(owned, [*goals(1, 3, "poison"), *goals(4, 3), *goals(7, 2, "poison")])
        await installed(owned, ByGoal())
        waiting = (await parked(owned))["goal poison"]
        assert (waiting.n, waiting.events) == (1, 5)
        assert await retry(owned, Better(), waiting) == Retried(5, None)
        assert await read(owned) == {"poison": 5, "g": 3}


async def test_i28_a_retry_is_whole_or_not_at_all(postgres_database: str) -> None:
    async with migrated(postgres_database) as owned:
        await archived(owned, TOLD)
        await installed(owned, Goals())
        waiting = (await parked(owned))["r-00-bad"]
        number = 0
        for number in range(1, 100):
            point = KillPoint(number)
            try:
                await retry(DeadlyConnections(owned, point), Mended(), waiting)
            except Killed:
                if await read(owned) == {"g": 3}:
                    assert "r-00-bad" in await parked(owned)
                    continue
            break
        assert number > 4
        assert await read(owned) == {"g": 4, "poison": 1}
        assert "r-00-bad" not in await parked(owned)


async def test_i28_a_stopped_projection_is_fed_again(postgres_database: str) -> None:
    async with migrated(postgres_database) as owned:
        head = await archived(owned, goals(1, 2))
        await installed(owned, Goals())
        async with owned.connection() as connection:
            await positions.stop(connection, "goals", 1, "enough")
        assert await versions(owned) == {1: "stopped"}
        await archived(owned, goals(3, 2), head)
        await caught_up(Projecting(owned, PARTITION, [Goals()], decoded))
        assert await read(owned) == {"g": 2}
        async with owned.connection() as connection:
            assert await positions.resume(connection, "goals") == [1]
            assert await positions.resume(connection, "goals") == []
            assert await parking.codes(connection, "goals")
        await caught_up(Projecting(owned, PARTITION, [Goals()], decoded))
        assert await read(owned) == {"g": 4}


async def test_i27_a_feed_that_looks_again_forgets_rows_that_another_has_changed(
    postgres_database: str,
) -> None:
    async with migrated(postgres_database) as owned:
        head = await archived(owned, goals(1, 2))
        await installed(owned, Goals())
        feed = Projecting(owned, PARTITION, [Goals()], decoded)
        head = await archived(owned, goals(3, 2), head)
        await caught_up(feed)
        head = await archived(owned, goals(5, 2), head)
        await caught_up(Projecting(owned, PARTITION, [Goals()], decoded))  # another one was faster
        look_again(feed)
        await archived(owned, goals(7, 2), head)
        await caught_up(feed)
        assert await read(owned) == {"g": 8}
        await asyncio.sleep(0)
