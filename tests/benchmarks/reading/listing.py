"""The first page of `runs` among a hundred thousand: as it is, filtered, searched; the query, and through GraphQL."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from awe.api.reading.entries import timestamp
from awe.projections.projector import Row as Fields
from awe.projections.queries import runs
from awe.projections.queries.runs import EPOCH, RunFilter
from awe.projections.read_models.runs import Runs
from benchmarks.in_flight import Call
from benchmarks.reading.room import fresh_door, one_row
from benchmarks.reading.runs_table import COMMON, PLAYBOOK, RARE, fill
from benchmarks.reading.timing import row, timed
from benchmarks.row import Row, Target
from benchmarks.settings import Settings
from support.graphql_door import PARTITION, Door

_TARGET: Final = Target(20.0)
_RUNS: Final = 100_000
_PAGE: Final = 20
_CALLS: Final = 200
_COLUMNS: Final = frozenset({*Runs.table.columns, EPOCH})

_FILTERS: Final[Mapping[str, RunFilter]] = {
    "": RunFilter(),
    " of one status": RunFilter(statuses=("failed",)),
    " of three statuses": RunFilter(statuses=("failed", "cancelled", "running")),
    " of a playbook": RunFilter(playbook=PLAYBOOK),
    " of a time": RunFilter(since_ms=1_700_000_000_000, until_ms=1_700_100_000_000),
    " searched, a common word": RunFilter(text=COMMON),
    " searched, a rare word": RunFilter(text=RARE),
    " searched, words of none": RunFilter(text=f'"{RARE} {RARE}"'),
    " searched, failed ones": RunFilter(text=COMMON, statuses=("failed",)),
}

_QUERY: Final = """query ($first: Int!, $filter: RunsFilter) { runs(first: $first, filter: $filter) {
    nodes { id status goal playbook submittedAt endedAt tasksCounted { begun succeeded dead } position }
    pageInfo { hasNextPage endCursor } } }"""


async def reading_runs(settings: Settings) -> Sequence[Row]:
    """All by turns on one server; the floor is a row of the same table by its primary key, by the same connection."""
    count = settings.sized(_CALLS, least=5)
    async with fresh_door(settings) as room:
        await fill(room.tiers.connections, PARTITION, settings.sized(_RUNS))
        some, *_ = await _page(room, RunFilter())
        calls: dict[str, Call] = {"floor": partial(one_row, room, some["run"])}
        for name, wanted in _FILTERS.items():
            calls[f"runs{name}"] = partial(_page, room, wanted)
            calls[f"runs{name}, GraphQL"] = partial(_asked, room, wanted)
        turns = await timed(settings, calls, count)
    note = f"first {_PAGE} of {settings.sized(_RUNS):,}, {count} calls a turn; floor = SELECT by primary key, p99"
    return [
        row(name, _key(name), turns[name], turns["floor"], _TARGET, note if name == "runs" else "")
        for name in calls
        if name != "floor"
    ]


async def _page(room: Door, wanted: RunFilter) -> Sequence[Fields]:
    async with room.tiers.connections.connection() as connection:
        return await runs.page(connection, _COLUMNS, wanted, limit=_PAGE + 1)


async def _asked(room: Door, wanted: RunFilter) -> Any:
    told: dict[str, Any] = {
        "status": [each.upper() for each in wanted.statuses] or None,
        "text": wanted.text,
        "playbook": wanted.playbook,
        "submittedFrom": None if wanted.since_ms is None else timestamp(wanted.since_ms),
        "submittedBefore": None if wanted.until_ms is None else timestamp(wanted.until_ms),
    }
    return (await room.ask(_QUERY, first=_PAGE, filter=told)).data


def _key(name: str) -> str:
    return name.replace(",", "").replace(" ", "_").lower()
