"""An event whose body is not of its type parks its run where its type is wanted, and nothing else stands still (I28)."""

from collections.abc import Sequence
from typing import ClassVar

import pytest

from awe.api.reading.entries import decoded
from awe.commands.log import LogCorrupt
from awe.domain.events import Event
from awe.domain.run.events import RunSucceeded
from awe.projections import parking
from awe.projections.folding import Decode
from awe.projections.parking import ParkedSequence, Retried
from awe.projections.ports import Connections
from awe.projections.projecting import Projecting
from awe.projections.projector import Projector
from awe.projections.stored import StoredEntry
from awe.projections.views.entry import Entry
from support.archives import PARTITION, migrated
from support.rebuilds import Goals, archived, goal, goals, installed, read


class ByGoal(Goals):
    def sequence(self, entry: Entry) -> str:
        return f"goal {getattr(entry.event, 'goal', '')}"


class Ends(Goals):
    name = "ends"
    events: ClassVar[tuple[type[Event], ...]] = (RunSucceeded,)


def unreadable(n: int, run: str) -> StoredEntry:
    return goal(n, run)._replace(body=b'{"data":{"tenant":7}}')


def mended(stored: StoredEntry) -> Entry:
    """As a later release reads it."""
    return decoded(goal(stored.n, stored.run) if b'"tenant":7' in stored.body else stored)


async def fed(
    connections: Connections, decode: Decode, told: Sequence[StoredEntry], *projectors: Projector
) -> None:
    await installed(connections, *projectors)
    await archived(connections, told)
    feed = Projecting(connections, PARTITION, projectors, decode)
    while await feed.step():
        pass


async def waiting(connections: Connections, name: str = "goals") -> Sequence[ParkedSequence]:
    async with connections.connection() as connection:
        return await parking.listed(connection, name)


async def retry(
    connections: Connections, projector: Projector, each: ParkedSequence, decode: Decode
) -> Retried:
    async with connections.connection() as connection:
        return await parking.retry(connection, projector, each, decode)


async def test_i28_an_event_that_nobody_can_read_parks_its_run_until_somebody_can(
    postgres_database: str,
) -> None:
    told = [goal(1, "r-00-a"), unreadable(2, "r-00-b"), goal(3, "r-00-b"), goal(4, "r-00-a")]
    async with migrated(postgres_database) as owned:
        await fed(owned, decoded, told, Goals(), Ends())
        assert await read(owned) == {"g": 2}
        assert not await waiting(owned, "ends")
        (parked,) = await waiting(owned)
        assert (parked.sequence, parked.n, parked.events) == ("r-00-b", 2, 2)
        assert parked.error.startswith("MalformedEvent: the body of a awe.run.goal_submitted/2 event")
        again = await retry(owned, Goals(), parked, decoded)
        assert again.parked is not None
        assert (again.applied, again.parked.n, again.parked.events) == (0, 2, 2)
        assert await retry(owned, Goals(), parked, mended) == Retried(2, None)
        assert await read(owned) == {"g": 4}
        assert not await waiting(owned)


async def test_i28_where_sequences_are_no_runs_what_cannot_be_read_waits_by_itself(
    postgres_database: str,
) -> None:
    told = [*goals(1, 2), unreadable(3, "r-00-b"), unreadable(4, "r-00-b"), goal(5, "r-00-b")]
    async with migrated(postgres_database) as owned:
        await fed(owned, decoded, told, ByGoal())
        assert await read(owned) == {"g": 3}
        for left in (2, 1):
            parked = await waiting(owned)
            assert [(each.n, each.events) for each in parked] == [(3, 1), (4, 1)][-left:]
            assert await retry(owned, ByGoal(), parked[0], mended) == Retried(1, None)
        assert await read(owned) == {"g": 5}


async def test_what_nobody_wants_is_not_even_decoded(postgres_database: str) -> None:
    seen: list[int] = []

    def seeing(stored: StoredEntry) -> Entry:
        seen.append(stored.n)
        return decoded(stored)

    other = goal(1, "r-00-a")._replace(type=b"awe.run.plan_proposed/1", body=b"not even JSON")
    newer = goal(2, "r-00-a")._replace(type=b"awe.run.goal_submitted/99")
    async with migrated(postgres_database) as owned:
        await fed(owned, seeing, [other, newer, goal(3, "r-00-a")], Goals())
        assert seen == [2, 3]
        assert await read(owned) == {"g": 1}
        assert not await waiting(owned)


def test_an_entry_whose_run_cannot_be_read_is_no_event_at_all() -> None:
    with pytest.raises(LogCorrupt, match="Entry 1 of the log is not readable"):
        decoded(goal(1, "r-00-a")._replace(meta=b"r-00-a\trun"))
