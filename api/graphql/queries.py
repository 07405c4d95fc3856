"""What can be asked: runs as the read models have them, one run as it is or was, its events, and the read models themselves."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

import strawberry
from strawberry import Info

from awe.api.graphql import freshness as fresh
from awe.api.graphql import positions
from awe.api.graphql.as_of import RunThen
from awe.api.graphql.codes import Code, Refused
from awe.api.graphql.context import Context
from awe.api.graphql.cursors import cursor, key_of
from awe.api.graphql.event import EventPage, event
from awe.api.graphql.freshness import Freshness, Reached
from awe.api.graphql.members import field
from awe.api.graphql.scalars import PositionToken, Timestamp
from awe.api.graphql.selection import columns, selected
from awe.api.graphql.source import ReadModels
from awe.api.graphql.types.page import Connection, checked_first, edges_of
from awe.api.graphql.types.projection import Projection, projections
from awe.api.graphql.types.run import (
    RUN,
    Run,
    Status,
    details_columns,
    partition_of_run,
    run,
)
from awe.api.reading.event_pages import event_page
from awe.commands.log import Position, Rewound
from awe.domain.identifiers import MalformedIdentifier
from awe.projections.projector import Row
from awe.projections.queries import run_details, runs, standing
from awe.projections.queries.runs import EPOCH, Place, RunFilter, RunKey
from awe.projections.read_models.artifacts import Artifacts
from awe.projections.read_models.operations import Operations
from awe.projections.read_models.run_details import RunDetails
from awe.projections.read_models.runs import Runs
from awe.projections.read_models.tasks import Tasks

_CURSOR: Final = "run"
_LONGEST: Final = 500
_NONE: Final[Mapping[RunKey, Row]] = {}
_OF_A_RUN: Final = tuple(each.name for each in (Runs, RunDetails, Tasks, Operations, Artifacts))

MinPosition = Annotated[
    PositionToken | None,
    strawberry.argument(
        description="Answer as of this position or later: wait for the read models a while, and say if they did not come."
    ),
]


@strawberry.input(description="What is left out or null restricts nothing.")
class RunsFilter:
    status: list[Status] | None = None
    text: str | None = strawberry.field(
        default=None,
        description='Words of the goal, as a web search takes them: "quoted phrases", or, -without.',
    )
    playbook: str | None = None
    tenant: str | None = None
    submitted_from: Timestamp | None = None
    submitted_before: Timestamp | None = None


@strawberry.type(name="RunConnection")
class RunConnection(Connection[Run]):
    freshness: Freshness
    survived: PositionToken | None = strawberry.field(
        description="Of a `minPosition` that was lost: the last position that was not."
    )
    wanted: strawberry.Private[RunFilter]

    @field("How many there are of these; counted only when it is asked for.")
    async def total_count(self, info: Info[Context, Any]) -> int:
        async with info.context.services.reads.connection() as connection:
            return await runs.count(connection, self.wanted)


@strawberry.type
class Query:
    @field("Runs, the newest first.")
    async def runs(
        self,
        info: Info[Context, Any],
        first: int = 20,
        after: str | None = None,
        filter: RunsFilter | None = None,  # noqa: A002 (the name that clients know)
        min_position: MinPosition = None,
    ) -> RunConnection:
        checked_first(first)
        wanted = run_filter(filter)
        place = None if after is None else Place(*key_of(_CURSOR, (int, str), after))
        services = info.context.services
        reached = await fresh.reach(services, (Runs.name, RunDetails.name), min_position)
        names = selected(info, "nodes") | selected(info, "edges", "node")
        details = details_columns(info, "nodes") | details_columns(info, "edges", "node")
        async with services.reads.connection() as connection:
            rows = await runs.page(connection, columns(names, RUN), wanted, after=place, limit=first + 1)
            keys = [(row["partition"], row["run"]) for row in rows[:first]]
            found = await run_details.of_keys(connection, details, keys) if details and keys else _NONE
            by_partition: dict[str, list[str]] = {}
            for partition, of in keys:
                by_partition.setdefault(partition, []).append(of)
            parked = await standing.parked(connection, _OF_A_RUN, by_partition)

        def node(row: dict[str, Any]) -> Run:
            key = (row["partition"], row["run"])
            shown = Freshness.PARKED if key in parked else reached.freshness
            return run(row, found.get(key), ReadModels(info.context.loaders, row), shown)

        edges, page_info = edges_of(
            rows, first, node, lambda row: cursor(_CURSOR, row["submitted_ms"], row["run"])
        )
        _note(info, reached)
        for _, of in parked:
            _note(info, Reached(Freshness.PARKED), run=of)
        return RunConnection(
            edges=edges,
            page_info=page_info,
            freshness=reached.freshness,
            survived=reached.survived,
            wanted=wanted,
        )

    @field("One run: as the read models have it, or with `asOf` as it was at a position.")
    async def run(
        self,
        info: Info[Context, Any],
        id: strawberry.ID,  # noqa: A002 (the name that clients know)
        as_of: PositionToken | None = None,
        min_position: MinPosition = None,
    ) -> Run | None:
        number, partition = _partition(info.context, id)
        if as_of is not None and min_position is not None:
            raise Refused(
                Code.INVALID_ARGUMENT, "A run of the past needs nothing to wait for: leave `minPosition` out."
            )
        if as_of is not None:
            return await _then(info, id, number, partition, as_of)
        return await _now(info, id, partition, min_position)

    @field("What was recorded of a run, word for word, in the order of the log.")
    async def events(
        self,
        info: Info[Context, Any],
        run: strawberry.ID,
        after: PositionToken | None = None,
        first: int = 100,
    ) -> EventPage | None:
        checked_first(first)
        number, _ = _partition(info.context, run)
        log = fresh.log_of(info.context.services, number)
        begin = 0
        if after is not None:
            found = await positions.survived(log, positions.read(after, partition=number).position)
            begin = _kept(number, found).n
        page = await event_page(log, info.context.services.reads, run, begin, first)
        if page is None:
            return None
        return EventPage(
            events=[event(each, number, page.position.epoch) for each in page.events],
            position=positions.token(number, page.position),
            has_more=page.more,
        )

    @field("The read models: their versions, which is read, and how far each is.")
    async def projections(self, info: Info[Context, Any]) -> list[Projection]:
        async with info.context.services.reads.connection() as connection:
            return projections(list(await standing.versions(connection)))


def run_filter(given: RunsFilter | None) -> RunFilter:
    """The filter as queries take it; raises `Refused` for words that no column holds."""
    if given is None:
        return RunFilter()
    for name, value in (("text", given.text), ("playbook", given.playbook), ("tenant", given.tenant)):
        if value is not None and (len(value) > _LONGEST or "\0" in value):
            raise Refused(
                Code.INVALID_ARGUMENT, f"`{name}` has up to {_LONGEST} characters, and none of them is NUL."
            )
    return RunFilter(
        statuses=tuple(dict.fromkeys(each.value for each in given.status or ())),
        text=given.text or None,
        playbook=given.playbook,
        tenant=given.tenant,
        since_ms=given.submitted_from,
        until_ms=given.submitted_before,
    )


async def _now(info: Info[Context, Any], run_id: str, partition: str, token: str | None) -> Run | None:
    services = info.context.services
    reached = await fresh.reach(services, _OF_A_RUN, token)
    details = details_columns(info)
    key = (partition, run_id)
    async with services.reads.connection() as connection:
        rows = await runs.of_keys(connection, columns(selected(info), RUN), [key])
        found = await run_details.of_keys(connection, details, [key]) if details else _NONE
        parked = await standing.parked(connection, _OF_A_RUN, {partition: [run_id]})
    if parked:
        reached = Reached(Freshness.PARKED, reached.survived)
    _note(info, reached, run=run_id)
    row = rows.get(key)
    if row is None:
        return None
    return run(row, found.get(key), ReadModels(info.context.loaders, row), reached.freshness)


async def _then(info: Info[Context, Any], run_id: str, number: int, partition: str, token: str) -> Run | None:
    log = fresh.log_of(info.context.services, number)
    position = _kept(number, await positions.survived(log, positions.read(token, partition=number).position))
    history = await log.history(run_id)
    events = [each for each in history.events if each.n <= position.n]
    then = RunThen(partition, run_id, events)
    row = await then.run()
    if row is None:
        return None
    names = selected(info)
    details = await then.details() if details_columns(info) else None
    if "tasks" in names:
        await then.tasks(frozenset(), 0, 0)  # so that an event that cannot be applied is told here
    shown = Freshness.PARKED if then.stuck else Freshness.CURRENT
    _note(info, Reached(shown), run=run_id)
    return run({**row, EPOCH: position.epoch}, details, then, shown)


def _partition(context: Context, run_id: str) -> tuple[int, str]:
    try:
        number, partition = partition_of_run(run_id)
    except MalformedIdentifier:
        raise Refused(Code.INVALID_ARGUMENT, "This is no id of a run.") from None
    if number not in context.services.logs:
        raise Refused(Code.INVALID_ARGUMENT, "This is no id of a run of this installation.")
    return number, partition


def _kept(number: int, found: Position | Rewound) -> Position:
    if isinstance(found, Rewound):
        raise Refused(
            Code.REWOUND,
            "The position did not survive a loss of the log: go on from the one that is told.",
            position=positions.token(number, found.common),
        )
    return found


def _note(info: Info[Context, Any], reached: Reached, **of: str) -> None:
    """An answer that is not current says so whether the client asked or not."""
    if reached.freshness is not Freshness.CURRENT:
        told: dict[str, Any] = {"state": reached.freshness.value, **of}
        if reached.survived is not None:
            told["survived"] = reached.survived
        info.context.note(info.operation, told)
