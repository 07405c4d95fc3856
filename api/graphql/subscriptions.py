"""What goes on: the events of a run from a position, and the runs of a list as they change."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Any

import strawberry
from strawberry import Info

from awe.api.graphql import freshness as fresh
from awe.api.graphql import positions
from awe.api.graphql.codes import Code, Refused
from awe.api.graphql.context import Context
from awe.api.graphql.event import Event
from awe.api.graphql.members import subscription
from awe.api.graphql.queries import RunsFilter, run_filter
from awe.api.graphql.run_events import Gap as Lost
from awe.api.graphql.run_events import run_events
from awe.api.graphql.scalars import PositionToken
from awe.api.graphql.source import ReadModels
from awe.api.graphql.types.run import Run, details_columns, partition_of_run, run
from awe.domain.identifiers import MalformedIdentifier
from awe.projections.projector import Row
from awe.projections.queries import run_details
from awe.projections.queries.runs import RunFilter


@strawberry.type(description="Events in the order of the log; after a reconnect go on with `position`.")
class EventsAdded:
    events: list[Event]
    position: PositionToken


@strawberry.type(
    description="More came than this client took. The stream ends here: go on with `position`, nothing is lost."
)
class Gap:
    position: PositionToken


@strawberry.type(
    description="More changed than this client took. The stream ends here: ask for the list anew."
)
class Missed:
    reason: str


@strawberry.type(
    description="The log lost its end: what was told behind `position` did not happen. The stream goes on from there."
)
class Rewound:
    position: PositionToken


@strawberry.type(description="A run as it is now. Of changes in quick succession the last one is told.")
class RunChanged:
    run: Run


RunEventsMessage = Annotated[EventsAdded | Gap | Rewound, strawberry.union("RunEventsMessage")]
RunsChangedMessage = Annotated[RunChanged | Missed, strawberry.union("RunsChangedMessage")]


@strawberry.type
class Subscription:
    @subscription(
        "The events of a run behind a position, those of the past first; without `after` all of them."
    )
    async def run_events(
        self, info: Info[Context, Any], run: strawberry.ID, after: PositionToken | None = None
    ) -> AsyncGenerator[RunEventsMessage, None]:
        context = info.context
        try:
            number, _ = partition_of_run(run)
        except MalformedIdentifier:
            raise Refused(Code.INVALID_ARGUMENT, "This is no id of a run.") from None
        log = context.services.logs.get(number)
        if log is None:
            raise Refused(Code.NOT_FOUND, "There is no such run in this installation.")
        at = None if after is None else positions.read(after, partition=number).position
        async with (
            context.followers.subscribed(),
            aclosing(run_events(log, context.followers, number, run, at)) as told,
        ):
            async for each in told:
                place = positions.token(number, each.position)
                if isinstance(each, Lost):
                    yield Gap(position=place)
                elif each.rewound:
                    yield Rewound(position=place)
                else:
                    yield EventsAdded(events=list(each.events), position=place)

    @subscription("Runs as they change. `text` restricts nothing here; ask for the list after a reconnect.")
    async def runs_changed(
        self,
        info: Info[Context, Any],
        filter: RunsFilter | None = None,  # noqa: A002 (the name that clients know)
    ) -> AsyncGenerator[RunsChangedMessage, None]:
        wanted, context = run_filter(filter), info.context
        if wanted.text is not None:
            raise Refused(Code.INVALID_ARGUMENT, "Changes cannot be searched by words: leave `text` out.")
        details = details_columns(info, "run")
        async with context.followers.subscribed(), context.changes.watched() as box:
            while rows := await box.take():
                for row in {row["run"]: row for row in rows if fits(row, wanted)}.values():
                    yield RunChanged(run=await _shown(context, row, details))
            if box.overflowed:
                yield Missed(reason="Too many changes waited for this client.")


async def _shown(context: Context, row: Row, details: frozenset[str]) -> Run:
    key = (row["partition"], row["run"])
    more = None
    if details:
        async with context.services.reads.connection() as connection:
            more = (await run_details.of_keys(connection, details, [key])).get(key)
    parked = await fresh.parked(context.services, ("runs",), {key[0]: [key[1]]})
    shown = fresh.Freshness.PARKED if parked else fresh.Freshness.CURRENT
    return run(row, more, ReadModels(context.loaders, row), shown)


def fits(row: Row, wanted: RunFilter) -> bool:
    """Whether a row is one of those that are wanted, whatever the words of its goal."""
    return (
        (not wanted.statuses or row["status"] in wanted.statuses)
        and wanted.playbook in {None, row["playbook"]}
        and wanted.tenant in {None, row["tenant"]}
        and (wanted.since_ms is None or (row["submitted_ms"] or 0) >= wanted.since_ms)
        and (wanted.until_ms is None or (row["submitted_ms"] or 0) < wanted.until_ms)
    )
