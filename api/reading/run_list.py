"""The newest runs of an installation in a line each, the same from either source.

The read models answer in one query; what they do not hold yet is folded on top, from the events behind their position.
Without them one pass over the logs tells it all; of a run only its line is kept.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple

from awe.api.reading.run_lines import COLUMNS, Line, LogMoved, chosen, folded
from awe.api.reading.snapshot import Snapshot, snapshot
from awe.api.reading.sources import Head, Sources, stale
from awe.commands.log import EventLog, LogUnavailable
from awe.domain.identifiers import RUN_AGGREGATE
from awe.projections.errors import ArchiveError
from awe.projections.queries import runs
from awe.projections.queries.runs import Place, RunFilter, RunKey
from awe.projections.read_models.runs import Runs
from awe.projections.views.summary import RunSummary

_RUNS: Final = (Runs(),)


class Newest(NamedTuple):
    """`stale` says why something may be missing or old; empty: nothing is."""

    runs: Sequence[RunSummary]
    stale: str = ""


async def newest_runs(sources: Sources, wanted: RunFilter, limit: int) -> Newest:
    """Return the newest runs first, of those that are wanted.

    Raises:
        LogUnavailable: neither source can be asked now.
    """
    while True:
        heads = await sources.heads()
        try:
            async with snapshot(sources.reads, _RUNS) as models:
                return await _newest(models, sources.logs, heads, wanted, limit)
        except LogMoved:
            continue
        except ArchiveError:
            return Newest(await _from_logs(sources.logs, heads, wanted, limit))


async def _from_logs(
    logs: Mapping[str, EventLog], heads: Mapping[str, Head], wanted: RunFilter, limit: int
) -> Sequence[RunSummary]:
    for head in heads.values():
        if isinstance(head, LogUnavailable):
            raise head
    found = await asyncio.gather(*(_whole(logs[partition], wanted) for partition in heads))
    return chosen((line for lines in found for line in lines), wanted, limit)


async def _whole(log: EventLog, wanted: RunFilter) -> Collection[Line]:
    async def nothing(_: Collection[str]) -> Mapping[str, Line]:
        return {}

    while True:
        try:
            return (await folded(log, 0, await log.head(), wanted, nothing)).values()
        except LogMoved:
            continue


async def _newest(
    models: Snapshot,
    logs: Mapping[str, EventLog],
    heads: Mapping[str, Head],
    wanted: RunFilter,
    limit: int,
) -> Newest:
    lines: dict[RunKey, Line] = {}
    away: LogUnavailable | None = None
    parked = await models.parked()
    for partition, head in heads.items():
        try:
            found = await _newer(models, logs[partition], head, parked.get(partition, ()), wanted)
        except LogUnavailable as error:
            away = error
        else:
            lines.update(((partition, run), line) for run, line in found.items())
    rows = await _rows(models, heads.keys(), lines.keys(), wanted, limit)
    told = chosen((*rows, *lines.values()), wanted, limit)
    return Newest(told, "" if away is None else stale(away))


async def _newer(
    models: Snapshot, log: EventLog, head: Head, parked: Collection[str], wanted: RunFilter
) -> Mapping[str, Line]:
    """The runs of a partition that the log knows better than the read model."""
    if isinstance(head, LogUnavailable):
        raise head

    async def before(names: Collection[str]) -> Mapping[str, Line]:
        keys = [(log.partition, run) for run in names]
        rows = await runs.of_keys(models.connection, COLUMNS, keys)
        return {run: Line.of_row(row, wanted) for (_, run), row in rows.items()}

    found = await folded(log, models.reached(log.partition), head, wanted, before)
    for run in parked:
        found[run] = await _of_log(log, run, wanted)
    return found


async def _of_log(log: EventLog, run: str, wanted: RunFilter) -> Line:
    line = Line(RunSummary(run))
    for event in (await log.history(run, RUN_AGGREGATE)).events:
        line.apply(event, wanted)
    return line


async def _rows(
    models: Snapshot, partitions: Collection[str], but: Collection[RunKey], wanted: RunFilter, limit: int
) -> Sequence[Line]:
    """The newest runs of the read model without those that are told otherwise."""
    found: list[Line] = []
    after: Place | None = None
    while True:
        rows = await runs.page(models.connection, COLUMNS, wanted, after=after, limit=limit)
        for row in rows:
            if row["partition"] in partitions and (row["partition"], row["run"]) not in but:
                line = Line.of_row(row, wanted)
                line.fits = True  # the query has said so, and knows words better
                found.append(line)
        if len(rows) < limit or len(found) >= limit:
            return found
        after = Place(rows[-1]["submitted_ms"], rows[-1]["run"])
