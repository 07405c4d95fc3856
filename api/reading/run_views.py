"""One run's view, as it is now and as it goes on: now from either source, the same; from then on from the log."""

from collections.abc import AsyncGenerator, Sequence
from typing import Final, NamedTuple

from pydantic_core import from_json

from awe.api.reading.entries import entry
from awe.api.reading.rows_view import view_of
from awe.api.reading.run_lines import LogMoved, pages
from awe.api.reading.run_rows import OF_A_RUN, RunRows, run_rows
from awe.api.reading.snapshot import snapshot
from awe.api.reading.sources import Sources, stale
from awe.commands.blobs import BlobMissing, Blobs
from awe.commands.log import EventLog, LogUnavailable, Position, Rewound
from awe.projections.errors import ArchiveError
from awe.projections.views.entry import Entry
from awe.projections.views.run import RunView

_FAR: Final = 2_000
"""So many events behind the read models cost more to look through than most runs to fold."""


class Seen(NamedTuple):
    """The view with what was just added to it; `anew` when it was built anew, at first and after a loss."""

    view: RunView
    new: Sequence[Entry]
    anew: bool


class Shown(NamedTuple):
    """`stale` says why the view may be old; empty: it is not."""

    view: RunView
    stale: str = ""


async def shown(sources: Sources, partition: str, run: str, blobs: Blobs) -> Shown:
    """Return a run as it is now; without any event of it, the view's status is `absent`.

    The read models tell if they hold all that is shown of the run up to its last event, else the log does. While that
    cannot be asked, what they hold is shown.

    Raises:
        LogUnavailable: the log cannot be asked, and the read models cannot be or do not know the run.
    """
    head = await sources.head(partition)
    if head is None:
        return Shown(RunView(run))
    try:
        if isinstance(head, LogUnavailable):
            raise head
        rows, why = await _current_rows(sources, partition, run, head), ""
        if rows is None:
            return Shown(await load(sources.logs[partition], run, blobs))
    except LogUnavailable as away:
        rows, why = await _rows(sources, partition, run), stale(away)
        if rows is None:
            raise
    view = view_of(run, rows)
    await complete(view, blobs)
    return Shown(view, why)


async def _current_rows(sources: Sources, partition: str, run: str, head: Position) -> RunRows | None:
    """The rows of a run if they are as good as its events."""
    try:
        async with snapshot(sources.reads, OF_A_RUN) as models:
            behind = models.reached(partition)
            if head.n - behind > _FAR or await models.is_parked(partition, run):
                return None
            if await _went_on(sources.logs[partition], run, behind, head):
                return None
            rows = await run_rows(models, partition, run)
    except (ArchiveError, LogMoved):
        return None
    return rows if rows is not None and rows.tell_all else None


async def _rows(sources: Sources, partition: str, run: str) -> RunRows | None:
    """The rows of a run as they are."""
    try:
        async with snapshot(sources.reads, OF_A_RUN) as models:
            return await run_rows(models, partition, run)
    except ArchiveError:
        return None


async def _went_on(log: EventLog, run: str, after: int, head: Position) -> bool:
    """Whether something happened to a run behind a position; others may keep the log busy meanwhile."""
    async for events in pages(log, after, head):
        if any(event.run == run for event in events):
            return True
    return False


async def load(log: EventLog, run: str, blobs: Blobs | None = None) -> RunView:
    """Fold all events of a run; without any, the view's status is `absent`."""
    history = await log.history(run)
    view = RunView.of(run, map(entry, history.events))
    if blobs is not None:
        await complete(view, blobs)
    return view


async def watch(log: EventLog, run: str, blobs: Blobs | None = None) -> AsyncGenerator[Seen]:
    """Yield the view now and whenever something happens to the run, until it has ended.

    The same view is yielded each time, moved on; after a loss of the log it is another one.
    """
    while True:
        history = await log.history(run)
        entries = list(map(entry, history.events))
        view = RunView.of(run, entries)
        seen = Seen(view, entries, anew=True)
        async for told in _following(log, history.position, view, seen):
            if blobs is not None:
                await complete(view, blobs)
            yield told
            if view.ended:
                return


async def _following(log: EventLog, after: Position, view: RunView, first: Seen) -> AsyncGenerator[Seen]:
    """Yield what was seen first, then what follows, until the log was rewound behind it."""
    yield first
    async for page in log.follow(after):
        if isinstance(page, Rewound):
            return
        new = [entry(event) for event in page.events if event.run == view.run]
        for each in new:
            view.apply(each)
        if new:
            yield Seen(view, new, anew=False)


async def complete(view: RunView, blobs: Blobs) -> None:
    """Fetch plan and outputs where they lie in blobs; what is not there stays away."""
    try:
        if view.plan is None and view.plan_digest is not None:
            view.read_plan(from_json(await blobs.get(view.plan_digest)))
        if view.outputs is None and view.outputs_blob is not None:
            view.outputs = from_json(await blobs.get(view.outputs_blob))
    except BlobMissing:
        return
