"""One run's view, as it is now and as it goes on."""

from collections.abc import AsyncGenerator, Sequence
from typing import NamedTuple

from pydantic_core import from_json

from awe.api.reading.entries import entry
from awe.commands.blobs import BlobMissing, Blobs
from awe.commands.log import EventLog, Position, Rewound
from awe.projections.views.entry import Entry
from awe.projections.views.run import RunView


class Seen(NamedTuple):
    """The view with what was just added to it; `anew` when it was built anew, at first and after a loss."""

    view: RunView
    new: Sequence[Entry]
    anew: bool


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
