"""The list of runs is the same from the read models, from them and the end of the log, and from the log alone."""

import random
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from typing import Any, Final, cast

import pytest

from awe.api.reading import run_list
from awe.api.reading.documents import summary_document
from awe.api.reading.run_list import newest_runs
from awe.commands.log import EventLog, LogUnavailable, Page, Position, Rewound
from awe.domain.failures import FailureClass
from awe.domain.run.events import (
    CancelRequested,
    GoalSubmitted,
    PlanAccepted,
    RunCancelled,
    RunFailed,
    RunSucceeded,
)
from awe.domain.task.events import TaskReady
from awe.projections.projector import Row
from awe.projections.queries.runs import RunFilter
from awe.projections.read_models import BUILT_IN
from awe.projections.read_models.runs import Runs
from awe.projections.views.entry import Entry
from support.reading_room import ReadingRoom, reading_room, run_id
from support.server_process import ValkeyProcess

EVERYTHING: Final = RunFilter()
WORDS: Final = ("release", "notes", "poem", "report", "über")
FAILED: Final = RunFailed(failure=FailureClass.TOOL_ERROR, message="m")
ENDS: Final[Sequence[Any]] = (RunSucceeded(), FAILED, RunCancelled(), CancelRequested())
READY: Final = TaskReady(attempt=1, plan=1)


def wanted(text: str, *, playbook: str | None = None, tenant: str = "t") -> GoalSubmitted:
    planning: Any = None if playbook is None else {"planner": "playbook", "name": playbook}
    return GoalSubmitted(tenant=tenant, goal=text, inputs={}, planning=planning)


async def listed(room: ReadingRoom, asked: RunFilter = EVERYTHING, limit: int = 100) -> Any:
    """The list, which must be the same without the read models."""
    found = await newest_runs(room.sources, asked, limit)
    head = await room.tiers.log.head()
    folded = await run_list._from_logs(  # pyright: ignore[reportPrivateUsage]
        room.sources.logs, {room.partition: head}, asked, limit
    )
    assert list(map(summary_document, found.runs)) == list(map(summary_document, folded))
    assert not found.stale
    return [summary.run for summary in found.runs]


@pytest.fixture
def pages_read(monkeypatch: pytest.MonkeyPatch) -> Callable[[ReadingRoom], list[int]]:
    """From where on the log is read since."""

    def of(room: ReadingRoom) -> list[int]:
        log: Any = type(room.tiers.log)
        read = log.read
        found: list[int] = []

        async def noted(self: Any, after: Position, *more: Any) -> Any:
            found.append(after.n)
            return await read(self, after, *more)

        monkeypatch.setattr(log, "read", noted)
        return found

    return of


async def test_one_query_answers_while_nothing_is_behind(
    room: ReadingRoom, pages_read: Callable[[ReadingRoom], list[int]]
) -> None:
    for number in range(7):
        await room.happen(run_id(number), ("run", wanted(f"goal {number}")))
    await room.happen(run_id(3), ("run", FAILED))
    await room.project()
    read = pages_read(room)
    found = await newest_runs(room.sources, EVERYTHING, 3)
    assert [each.run for each in found.runs] == [run_id(6), run_id(5), run_id(4)]
    (failed,) = (await newest_runs(room.sources, RunFilter(statuses=("failed",)), 3)).runs
    assert (failed.run, failed.goal, failed.ended_ms is not None) == (run_id(3), "goal 3", True)
    assert not read
    await listed(room, limit=3)


async def test_what_the_read_models_lack_is_folded_on_top(
    room: ReadingRoom, pages_read: Callable[[ReadingRoom], list[int]]
) -> None:
    for number in range(5):
        await room.happen(run_id(number), ("run", wanted(f"goal {number}")))
    await room.project()
    position = (await room.tiers.log.head()).n
    await room.happen(run_id(4), ("run", FAILED))
    await room.happen(run_id(5), ("run", wanted("a new one")))
    await room.happen(run_id(2), ("a", READY))
    read = pages_read(room)
    await newest_runs(room.sources, EVERYTHING, 3)
    assert read == [position]
    assert await listed(room, limit=3) == [run_id(5), run_id(4), run_id(3)]
    assert await listed(room, RunFilter(statuses=("planning",)), limit=2) == [run_id(5), run_id(3)]
    assert await listed(room, RunFilter(statuses=("failed",))) == [run_id(4)]
    assert await listed(room, RunFilter(text="goal"), limit=2) == [run_id(4), run_id(3)]


async def test_whatever_is_asked_and_however_far_the_read_models_are(room: ReadingRoom) -> None:
    choose = random.Random(5)
    made = 0
    for step in range(6):
        for _ in range(12):
            goal = " ".join(choose.choices(WORDS, k=3)) + choose.choice(("", " and more " * 30))
            told = wanted(goal, playbook=choose.choice((None, "weekly")), tenant=choose.choice("ab"))
            await room.happen(run_id(made), ("run", told))
            if choose.random() < 0.5:
                await room.happen(run_id(made), ("run", PlanAccepted(number=1, digest="d" * 64)))
            made += 1
        for _ in range(6):
            await room.happen(run_id(choose.randrange(made)), ("run", choose.choice(ENDS)))
        if step % 2 == 0:
            await room.project()
        times = [each.submitted_ms for each in (await newest_runs(room.sources, EVERYTHING, made)).runs]
        assert len(times) == made
        for _ in range(15):
            asked = RunFilter(
                statuses=tuple(
                    choose.sample(
                        ("planning", "running", "failed", "succeeded", "cancelled"), choose.randrange(3)
                    )
                ),
                text=choose.choice(
                    (None, "poem", "report -poem", '"release notes"', "über or poem", "!", "-notes")
                ),
                playbook=choose.choice((None, None, "weekly", "none")),
                tenant=choose.choice((None, None, "a")),
                since_ms=choose.choice((None, choose.choice(times))),
                until_ms=choose.choice((None, choose.choice(times))),
            )
            await listed(room, asked, choose.choice((1, 3, 100)))


class _Choking(Runs):
    """The projection of runs, with a fault."""

    def apply(self, row: Row, entry: Entry) -> None:
        if isinstance(entry.event, RunFailed):
            raise TypeError("cannot take this")
        super().apply(row, entry)


async def test_i28_parked_runs_are_told_by_the_log(
    valkey_url: str, postgres_database: str, keyspace: str
) -> None:
    projectors = (_Choking(), *(each for each in BUILT_IN if each.name != "runs"))
    async with reading_room(valkey_url, postgres_database, keyspace, projectors) as room:
        await room.happen(run_id(9), ("a", READY), ("run", wanted("its goal came too late")))
        for number in range(4):
            await room.happen(run_id(number), ("run", wanted(f"goal {number}")))
        await room.happen(run_id(1), ("run", FAILED))
        await room.project()
        assert await room.rows("SELECT sequence, n FROM awe.parked ORDER BY n") == [
            (run_id(9), 1),
            (run_id(1), 7),
        ]
        assert set(await listed(room)) == {run_id(number) for number in (0, 1, 2, 3, 9)}
        assert await listed(room, RunFilter(statuses=("failed",))) == [run_id(1)]
        assert await listed(room, RunFilter(text="late")) == [run_id(9)]
        await room.happen(run_id(1), ("run", RunCancelled()))
        assert await listed(room, RunFilter(statuses=("failed",))) == []


@pytest.mark.parametrize(
    "how",
    [
        "UPDATE awe.projection SET code = '99' WHERE name = 'runs'",
        "DROP SCHEMA awe_read CASCADE",
        "UPDATE awe.projection_position SET n = 0 WHERE name = 'runs'",
    ],
)
async def test_without_the_read_model_the_log_tells_it_all(room: ReadingRoom, how: str) -> None:
    for number in range(3):
        await room.happen(run_id(number), ("run", wanted(f"goal {number}")))
    await room.project()
    await room.sql(how)
    assert await listed(room) == [run_id(2), run_id(1), run_id(0)]


async def test_a_goal_of_a_newer_release_is_in_no_list(room: ReadingRoom) -> None:
    await room.happen(run_id(1), ("run", None), ("run", FAILED))
    assert await listed(room) == []
    await room.project()
    assert await listed(room) == []


async def test_nothing_ever_happened(valkey_url: str, postgres_database: str, keyspace: str) -> None:
    async with reading_room(valkey_url, postgres_database, f"{keyspace}-other") as room:
        never = replace(room.sources, logs={keyspace: room.tiers.logs.log(keyspace)})
        assert await newest_runs(never, EVERYTHING, 5) == ([], "")
        await room.sql("DROP SCHEMA awe CASCADE")
        assert await newest_runs(never, EVERYTHING, 5) == ([], "")


async def test_what_was_lost_is_not_taken_for_new(
    room: ReadingRoom,
) -> None:
    await room.happen(run_id(1), ("run", wanted("goal")))
    await room.project()
    await room.tiers.redis("DEL", *await room.tiers.redis("KEYS", f"{{{room.partition}}}*"))
    found = await newest_runs(room.sources, EVERYTHING, 5)
    assert [each.run for each in found.runs] == [run_id(1)]
    assert "not open" in found.stale
    await room.sql("DROP SCHEMA awe_read CASCADE")
    with pytest.raises(LogUnavailable, match="not open"):
        await newest_runs(room.sources, EVERYTHING, 5)


async def test_while_the_log_is_away_the_read_model_is_shown_as_stale(
    own_valkey: ValkeyProcess, postgres_database: str, keyspace: str
) -> None:
    async with reading_room(own_valkey.url, postgres_database, keyspace) as room:
        await room.happen(run_id(1), ("run", wanted("goal")))
        await room.project()
        own_valkey.kill9()
        found = await newest_runs(room.sources, EVERYTHING, 5)
        assert [each.run for each in found.runs] == [run_id(1)]
        assert "may be older" in found.stale
        own_valkey.start()


class _Rewinding:
    """A log that loses its end once, while it is read."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self.partition = log.partition
        self.lost = False

    async def head(self) -> Position:
        return await self._log.head()

    async def read(self, after: Position, limit: int = 500) -> Page | Rewound:
        if not self.lost:
            self.lost = True
            return Rewound(Position(0, after.epoch))
        return await self._log.read(after, limit)

    def follow(self, after: Position, limit: int = 500) -> AsyncIterator[Page | Rewound]:
        return self._log.follow(after, limit)


@pytest.mark.parametrize("how", ["SELECT 1", "DROP SCHEMA awe_read CASCADE"])
async def test_i16_a_log_that_loses_its_end_meanwhile_is_read_again(room: ReadingRoom, how: str) -> None:
    await room.happen(run_id(1), ("run", wanted("goal")))
    await room.sql(how)
    log = _Rewinding(room.tiers.log)
    sources = replace(room.sources, logs={room.partition: cast("EventLog", log)})
    found = await newest_runs(sources, EVERYTHING, 5)
    assert log.lost
    assert [each.run for each in found.runs] == [run_id(1)]
