"""Archived batches become tables, each event once, whoever is killed at which step, whoever else does the same."""

import asyncio
import json
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import pytest

from awe.api.reading.entries import decoded
from awe.domain.events import Event
from awe.domain.run.events import GoalSubmitted
from awe.projections import archive, positions
from awe.projections.archive import Head
from awe.projections.errors import Fenced
from awe.projections.folding import wanted
from awe.projections.ports import Connections, Duties
from awe.projections.projecting import MOST_PARKED, Projecting
from awe.projections.projector import Key, Projector, Row, Table
from awe.projections.read_models import BUILT_IN
from awe.projections.stored import StoredEntry
from awe.projections.tables import Statements
from awe.projections.views.entry import Entry
from awe.projections.views.run import RunView
from simulation.seed import play
from support.archives import PARTITION, begun, migrated
from support.kill_points import DeadlyConnections, Killed, KillPoint
from support.read_models import rows
from support.waiting import until_async


def goal(n: int, run: str, text: str = "g") -> StoredEntry:
    body = json.dumps(
        {
            "data": {"tenant": "t", "goal": text, "inputs": {}},
            "actor": "a",
            "causation": "",
            "correlation": "",
        }
    )
    return StoredEntry(
        n, b"awe.run.goal_submitted/2", f"{run}\trun\t1\tap{n}\t0\t{1000 + n}".encode(), body.encode()
    )


class Goals(Projector):
    """Counts goals by their text; some texts it cannot count."""

    name = "goals"
    version = 1
    events: ClassVar[tuple[type[Event], ...]] = (GoalSubmitted,)
    table = Table(columns={"goal": "text", "count": "smallint"}, key=("goal",))

    def keys(self, entry: Entry) -> Iterable[Key]:
        assert isinstance(entry.event, GoalSubmitted)
        return ((entry.event.goal,),)

    def apply(self, row: Row, entry: Entry) -> None:
        if row["goal"] == "poison":
            raise RuntimeError(f"cannot count event {entry.n}")
        row["count"] = 99_999 if row["goal"] == "too many" else (row["count"] or 0) + 1


async def archived(connections: Connections, base: Head, entries: Sequence[StoredEntry]) -> Head:
    async with connections.connection() as connection:
        return await archive.append(connection, PARTITION, base, entries, Duties())


async def install(connections: Connections, projectors: Sequence[Projector]) -> None:
    async with connections.connection() as connection:
        await positions.install(connection, projectors, [PARTITION])


async def table(connections: Connections, projector: Projector, number: int = 1) -> dict[Key, Row]:
    names = tuple(projector.table.columns)
    async with connections.connection() as connection:
        cursor = await connection.execute(
            f"SELECT {', '.join(names)} FROM {Statements(projector, number).table}".encode()  # noqa: S608 (names are checked)
        )
        found = [dict(zip(names, row, strict=True)) for row in await cursor.fetchall()]
    return {tuple(row[name] for name in projector.table.key): row for row in found}


async def counted(connections: Connections, goals: int) -> bool:
    return await table(connections, Goals()) == {("g",): {"goal": "g", "count": goals}}


async def caught_up(projecting: Projecting) -> None:
    while await projecting.step():
        pass


def projecting(connections: Connections, projectors: Sequence[Projector], page: int = 1_000) -> Projecting:
    return Projecting(connections, PARTITION, projectors, decoded, page=page)


def as_stored(found: dict[Key, Row]) -> dict[Key, Row]:
    return {key: json.loads(json.dumps(row)) for key, row in found.items()}


def history(seed: int) -> Sequence[StoredEntry]:
    """A story of the simulation as an archive would hold it."""
    return [
        StoredEntry(
            event.n,
            event.type.encode(),
            "\t".join(
                (
                    event.run,
                    event.aggregate,
                    str(event.version),
                    event.append_id,
                    str(event.place),
                    str(event.time_ms),
                )
            ).encode(),
            event.body,
        )
        for event in play(seed).log
    ]


@pytest.mark.parametrize("page", [7, 1_000])
async def test_i27_tables_are_a_fold_of_the_events_whatever_the_batches(
    postgres_database: str, page: int
) -> None:
    told = await asyncio.to_thread(history, 3)  # it has an event loop of its own
    async with migrated(postgres_database) as owned:
        await archived(owned, await begun(owned), told)
        await install(owned, BUILT_IN)
        await caught_up(projecting(owned, BUILT_IN, page))
        for projector in BUILT_IN:
            expected = as_stored(rows(projector, map(decoded, told)))
            assert await table(owned, projector) == expected, projector.name
            assert expected or projector.name in {"artifacts", "dead_letters"}


async def test_i27_and_whoever_goes_on_with_them(postgres_database: str) -> None:
    """Nobody who takes over has a row in memory: what is not new must be found in its table."""
    told = await asyncio.to_thread(history, 5)
    async with migrated(postgres_database) as owned:
        await archived(owned, await begun(owned), told)
        await install(owned, BUILT_IN)
        while await projecting(owned, BUILT_IN, 3).step():
            pass
        for projector in BUILT_IN:
            assert await table(owned, projector) == as_stored(rows(projector, map(decoded, told)))


@pytest.mark.parametrize("seed", range(6))
def test_rows_that_begin_were_not_there_before(seed: int) -> None:
    told = [decoded(each) for each in history(seed)]
    for projector in BUILT_IN:
        there: set[Key] = set()
        for each in wanted(projector, told):
            keys = set(projector.keys(each))
            assert not (projector.begins(each) and keys & there), (projector.name, each.n)
            there |= keys


@pytest.mark.parametrize("seed", range(6))
def test_the_rows_say_what_the_views_of_each_run_say(seed: int) -> None:
    told = [decoded(each) for each in history(seed)]
    by_name = {projector.name: rows(projector, told) for projector in BUILT_IN}
    for run in {each.run for each in told}:
        view = RunView.of(run, (each for each in told if each.run == run))
        row = by_name["runs"][(run,)]
        assert (row["status"], row["submitted_ms"], row["ended_ms"]) == (
            view.status,
            view.submitted_ms,
            view.ended_ms,
        )
        for key, task in view.tasks.items():
            seen = by_name["tasks"][(run, key)]
            assert (seen["status"], seen["attempt"], seen["output"]) == (
                task.status,
                task.state.attempt,
                task.output,
            )


async def test_i27_what_is_handed_over_needs_no_reading_and_what_is_missed_is_read(
    postgres_database: str,
) -> None:
    async with migrated(postgres_database) as owned:
        await install(owned, [Goals()])
        feed = projecting(owned, [Goals()])
        head = await begun(owned)
        for n, heard in ((1, True), (3, False), (5, True)):
            batch = [goal(n, "r-00-a"), goal(n + 1, "r-00-b")]
            if heard:
                feed.hear(head.n, batch)
            head = await archived(owned, head, batch)
            await caught_up(feed)
        assert await table(owned, Goals()) == {("g",): {"goal": "g", "count": 6}}


async def test_i27_killed_at_every_step_and_begun_again_each_event_counts_once(
    postgres_database: str,
) -> None:
    batches = [
        [goal(3 * at + n, f"r-00-{n}", "poison" if n == 2 else "g") for n in (1, 2, 3)] for at in range(3)
    ]
    killed_at: list[str] = []
    async with migrated(postgres_database) as owned:
        head = await begun(owned)
        for batch in batches:
            head = await archived(owned, head, batch)
        for number in range(1, 200):
            async with owned.connection() as connection:
                await connection.execute("DELETE FROM awe.projection")
                await connection.execute("DROP SCHEMA IF EXISTS awe_goals_v1 CASCADE")
            await install(owned, [Goals()])
            point = KillPoint(number)
            try:
                await caught_up(projecting(DeadlyConnections(owned, point), [Goals()], page=3))
            except Killed as killed:
                killed_at.append(str(killed))
            await caught_up(projecting(owned, [Goals()], page=3))
            assert await table(owned, Goals()) == {("g",): {"goal": "g", "count": 6}}
            async with owned.connection() as connection:
                parked = await positions.parked(connection, PARTITION, "goals", 1)
            assert {name: (each.n, each.events) for name, each in parked.items()} == {"r-00-2": (2, 3)}
            if point.reached < number:
                break
        else:
            raise AssertionError("the steps have no end")
    assert len(killed_at) > 20


async def test_i27_two_that_do_the_same_change_each_row_once(postgres_database: str) -> None:
    async with migrated(postgres_database) as one, migrated(postgres_database) as other:
        await install(one, [Goals()])
        await archived(one, await begun(one), [goal(n, f"r-00-{n}") for n in range(1, 201)])

        async def feed(connections: Connections) -> None:
            while True:
                try:
                    return await caught_up(projecting(connections, [Goals()], page=5))
                except Fenced:
                    continue

        await asyncio.gather(feed(one), feed(other))
        assert await table(one, Goals()) == {("g",): {"goal": "g", "count": 200}}


async def test_i27_what_cannot_be_decoded_stops_the_feed_and_not_who_runs_beside_it(
    postgres_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("awe.projections.projecting.LOOK_S", 0.01)
    readable = asyncio.Event()

    def once_readable(stored: StoredEntry) -> Entry:
        if not readable.is_set():
            raise ValueError("a body that is no event")
        return decoded(stored)

    async with migrated(postgres_database) as owned:
        await install(owned, [Goals()])
        await archived(owned, await begun(owned), [goal(1, "r-00-a")])
        running = asyncio.create_task(Projecting(owned, PARTITION, [Goals()], once_readable).run())
        await asyncio.sleep(0.1)
        assert not running.done()
        readable.set()
        await until_async(lambda: counted(owned, 1))
        running.cancel()
        await asyncio.wait({running})


async def test_i28_a_poison_event_parks_its_run_and_no_other(postgres_database: str) -> None:
    async with migrated(postgres_database) as owned:
        await install(owned, [Goals()])
        told = [
            goal(1, "r-00-a"),
            goal(2, "r-00-b", "poison"),
            goal(3, "r-00-b"),
            goal(4, "r-00-a"),
            goal(5, "r-00-c", "too many"),
        ]
        head = await archived(owned, await begun(owned), told)
        feed = projecting(owned, [Goals()], page=4)
        await caught_up(feed)
        await archived(owned, head, [goal(6, "r-00-b"), goal(7, "r-00-c"), goal(8, "r-00-a")])
        await caught_up(feed)
        assert await table(owned, Goals()) == {("g",): {"goal": "g", "count": 3}}
        async with owned.connection() as connection:
            parked = await positions.parked(connection, PARTITION, "goals", 1)
            (version,) = await positions.fed(connection, {"goals": Goals()}, PARTITION)
    assert {name: (each.n, each.events) for name, each in parked.items()} == {
        "r-00-b": (2, 3),
        "r-00-c": (5, 2),
    }
    assert parked["r-00-b"].error == "RuntimeError: cannot count event 2"
    assert "out of range" in parked["r-00-c"].error
    assert (version.n, version.stopped) == (8, None)


async def test_i28_a_projector_that_parks_everything_is_stopped_and_another_goes_on(
    postgres_database: str,
) -> None:
    class Fine(Goals):
        name = "fine"

        def keys(self, entry: Entry) -> Iterable[Key]:
            return (("any",) for _ in super().keys(entry))

    both = [Goals(), Fine()]
    async with migrated(postgres_database) as owned:
        await install(owned, both)
        told = [goal(n, f"r-00-{n}", "poison") for n in range(1, MOST_PARKED + 3)]
        await archived(owned, await begun(owned), told)
        feed = projecting(owned, both)
        with pytest.raises(Fenced, match="was stopped"):
            await caught_up(feed)
        await caught_up(projecting(owned, both))
        async with owned.connection() as connection:
            known = {
                each.name: each
                for each in await positions.fed(connection, {"goals": both[0], "fine": both[1]}, PARTITION)
            }
        assert "more than 20 sequences" in (known["goals"].stopped or "")
        assert (known["goals"].n, known["fine"].n) == (0, MOST_PARKED + 2)


async def test_i27_it_runs_through_an_outage(own_postgres: Any) -> None:
    async with migrated(own_postgres.url) as owned:
        await install(owned, [Goals()])
        head = await archived(owned, await begun(owned), [goal(1, "r-00-a")])
        feed = projecting(owned, [Goals()])
        async with asyncio.TaskGroup() as group:
            running = group.create_task(feed.run())
            await until_async(lambda: counted(owned, 1))
            own_postgres.kill9()
            feed.hear(1, [goal(2, "r-00-a")])
            await asyncio.sleep(0.1)
            own_postgres.start()
            await archived(owned, head, [goal(2, "r-00-a")])
            await until_async(lambda: counted(owned, 2))
            running.cancel()
