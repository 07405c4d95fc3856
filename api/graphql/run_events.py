"""The events of one run from a position on: what the log has of them first, then what comes, without gap or duplicate."""

from collections.abc import AsyncGenerator
from typing import Final, NamedTuple

from awe.api.graphql import positions
from awe.api.graphql.codes import Code, Refused
from awe.api.graphql.event import Event, event
from awe.api.graphql.followers import Followers, News, NewsBox
from awe.commands.log import EventLog, Page, Position, Rewound, RunHistory
from awe.domain.identifiers import RUN_AGGREGATE

_NEAR: Final = 1_000
"""Events of a partition that are read through for one run's sooner than all of the run's are gathered."""

_BATCH: Final = 100


class Gap(NamedTuple):
    """The client was too slow: go on from here."""

    position: Position


Told = News | Gap


async def run_events(
    log: EventLog, followers: Followers, partition: int, run: str, after: Position | None
) -> AsyncGenerator[Told]:
    """Yield events behind a position (None: all), told `rewound` where the position did not survive; ends with a `Gap`.

    Raises:
        Refused: there is no such run, or the position is ahead of the log.
        LogUnavailable: the log cannot be asked now.
    """
    async with followers.joined(partition, run) as box:
        if not (await log.history(run, RUN_AGGREGATE)).events:
            raise Refused(Code.NOT_FOUND, f"There is no run {run}.")
        at = Position(0, 0)
        if after is not None:
            found = await positions.survived(log, after)
            if isinstance(found, Rewound):
                yield News(found.common, rewound=True)
                found = found.common
            at = found
        async for news in _before(log, partition, run, at):
            yield news
            at = news.position
        async for told in _from(box, at):
            yield told


async def since(log: EventLog, run: str, at: Position) -> tuple[list[Event], Position] | None:
    """A run's events behind a position by reading on from it; None when that is too far, or was overtaken by a loss."""
    head = await log.head()
    if at.n == 0 or head.n - at.n > _NEAR:
        return None
    partition, events = int(log.partition.rpartition(".")[2]), list[Event]()
    while at.n < head.n:
        page = await log.read(at)
        if not isinstance(page, Page):
            return None
        events += [event(each, partition, page.position.epoch) for each in page.events if each.run == run]
        at = page.position
    return events, at


async def _before(log: EventLog, partition: int, run: str, at: Position) -> AsyncGenerator[News]:
    found = await since(log, run, at)
    if found is None:
        history: RunHistory = await log.history(run)
        epoch = history.position.epoch
        found = [event(each, partition, epoch) for each in history.events if each.n > at.n], history.position
    events, position = found
    for begin in range(0, len(events), _BATCH):
        batch = events[begin : begin + _BATCH]
        last = begin + _BATCH >= len(events)
        yield News(position if last else Position(batch[-1].recorded.n, position.epoch), batch)
    if not events:
        yield News(position)


async def _from(box: NewsBox, at: Position) -> AsyncGenerator[Told]:
    """What comes into the box behind a position."""
    while news := await box.take():
        for each in news:
            if each.position.epoch < at.epoch:
                continue  # of a time before what was read
            if each.rewound:
                if each.position.epoch == at.epoch:
                    continue  # what was read has seen that already
                if each.position.n < at.n:
                    at = each.position
                    yield each
                else:
                    at = Position(at.n, each.position.epoch)
                continue
            events = [one for one in each.events if one.recorded.n > at.n]
            at = Position(max(at.n, each.position.n), each.position.epoch)
            if events:
                yield News(at, events)
    if box.overflowed:
        yield Gap(at)
