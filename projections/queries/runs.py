"""Runs, the newest first: pages by keyset, so that no row is shown twice or passed over while others are added.

Searches are planned for their own values each time: a plan for any word suits neither a rare one nor a common one.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from psycopg import AsyncConnection
from psycopg.rows import dict_row

from awe.projections.projector import Row
from awe.projections.queries.selecting import listed
from awe.projections.read_models.runs import Runs

RunKey = tuple[str, str]
"""Partition and run."""

EPOCH: Final = "epoch"
"""Beside the columns of the table: the epoch of the run's partition by now. An archived position is valid in it."""

FEW: Final = 1_000
"""So many hits of a search are gathered and sorted; of more, the newest are soon met in the order of the list.

Left to itself the planner walks the list for about half of the rare words too, and reads thousands of goals for a page.
"""

FAR: Final = 2
"""So many times `FEW` hits are more for certain, when the planner expects them: it knows common words and values well.

Counting them would cost more than the page: the index gathers all hits of a word before it gives out the first.
"""

_EPOCH: Final = "(SELECT at.epoch FROM awe.partition AS at WHERE at.name = found.partition) AS epoch"


class Place(NamedTuple):
    """Where a run stands in the list."""

    submitted_ms: int
    run: str


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs are wanted; what is None or empty restricts nothing.

    Attributes:
        text: words of the goal, as a web search takes them: quoted phrases, ``or``, ``-without``.
        since_ms: submitted then or later.
        until_ms: submitted before.
    """

    statuses: tuple[str, ...] = ()
    text: str | None = None
    playbook: str | None = None
    tenant: str | None = None
    since_ms: int | None = None
    until_ms: int | None = None


async def page(
    connection: AsyncConnection[Any],
    columns: Collection[str],
    wanted: RunFilter,
    *,
    after: Place | None = None,
    limit: int,
) -> Sequence[Row]:
    """Return up to ``limit`` runs behind a place; `submitted_ms` and `run` are always among the columns."""
    asked = _columns({*columns, "submitted_ms", "run", "partition"})
    terms, values = _terms(wanted)
    if after is not None:
        terms.append("(found.submitted_ms, found.run) < (%(after_ms)s, %(after_run)s)")
        values.update(after_ms=after.submitted_ms, after_run=after.run)
    values["limit"] = limit
    order = "ORDER BY found.submitted_ms DESC, found.run DESC LIMIT %(limit)s"
    if len(wanted.statuses) > 1 and wanted.text is None:
        # One walk along the index for each status: a rare one is not searched for among all others.
        one = f"SELECT {asked} FROM awe_read.runs AS found WHERE found.status = of.status AND {_all(terms)} {order}"  # noqa: S608 (names are checked)
        statement = f"""
            SELECT found.* FROM unnest(%(statuses)s::text[]) AS of (status)
            CROSS JOIN LATERAL ({one}) AS found {order}
            """  # noqa: S608 (likewise)
    elif wanted.text is not None and await _few(
        connection, where := _all([*terms, *_status(wanted)]), values
    ):
        statement = f"""
            WITH found AS MATERIALIZED (SELECT {asked} FROM awe_read.runs AS found WHERE {where})
            SELECT found.* FROM found {order}
            """  # noqa: S608 (likewise)
    else:
        statement = (
            f"SELECT {asked} FROM awe_read.runs AS found WHERE {_all([*terms, *_status(wanted)])} {order}"  # noqa: S608 (likewise)
        )
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(statement.encode(), values, prepare=False)
        return await cursor.fetchall()


async def _few(connection: AsyncConnection[Any], where: str, values: dict[str, Any]) -> bool:
    hit = f"SELECT FROM awe_read.runs AS found WHERE {where}"
    cursor = await connection.execute(f"EXPLAIN (FORMAT JSON) {hit}".encode(), values, prepare=False)
    ((plans,),) = await cursor.fetchall()
    if plans[0]["Plan"]["Plan Rows"] > FAR * FEW:
        return False
    cursor = await connection.execute(
        f"SELECT count(*) FROM ({hit} LIMIT {FEW + 1}) AS hits".encode(),  # noqa: S608 (likewise)
        values,
        prepare=False,
    )
    ((hits,),) = await cursor.fetchall()
    return int(hits) <= FEW


async def count(connection: AsyncConnection[Any], wanted: RunFilter) -> int:
    """Return how many runs there are of these."""
    terms, values = _terms(wanted)
    where = _all([*terms, *_status(wanted)])
    cursor = await connection.execute(
        f"SELECT count(*) FROM awe_read.runs AS found WHERE {where}".encode(),  # noqa: S608 (likewise)
        values,
        prepare=False,
    )
    ((found,),) = await cursor.fetchall()
    return int(found)


async def of_keys(
    connection: AsyncConnection[Any], columns: Collection[str], keys: Sequence[RunKey]
) -> Mapping[RunKey, Row]:
    """Return those of these runs that there are."""
    asked = _columns({*columns, "run", "partition"})
    statement = f"""
        SELECT {asked} FROM unnest(%s::text[], %s::text[]) AS of (partition, run)
        JOIN awe_read.runs AS found USING (partition, run)
        """  # noqa: S608 (likewise)
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(statement.encode(), ([key[0] for key in keys], [key[1] for key in keys]))
        return {(row["partition"], row["run"]): row for row in await cursor.fetchall()}


def _columns(columns: Collection[str]) -> str:
    told = listed([name for name in columns if name != EPOCH], Runs.table, "found")
    return f"{told}, {_EPOCH}" if EPOCH in columns else told


def _status(wanted: RunFilter) -> list[str]:
    return ["found.status = ANY(%(statuses)s)"] if wanted.statuses else []


def _terms(wanted: RunFilter) -> tuple[list[str], dict[str, Any]]:
    """All but the statuses, with the values of everything."""
    terms = ["found.submitted_ms IS NOT NULL"]
    values: dict[str, Any] = {"statuses": list(wanted.statuses)}
    for name, value, term in (
        (
            "text",
            wanted.text,
            "to_tsvector('simple', found.goal) @@ websearch_to_tsquery('simple', %(text)s)",
        ),
        ("playbook", wanted.playbook, "found.playbook = %(playbook)s"),
        ("tenant", wanted.tenant, "found.tenant = %(tenant)s"),
        ("since_ms", wanted.since_ms, "found.submitted_ms >= %(since_ms)s"),
        ("until_ms", wanted.until_ms, "found.submitted_ms < %(until_ms)s"),
    ):
        if value is not None:
            terms.append(term)
            values[name] = value
    return terms, values


def _all(terms: Sequence[str]) -> str:
    return " AND ".join(terms)
