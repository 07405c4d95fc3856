"""Whether this process can answer truthfully now: both servers there, the schema this release's, the read models fresh.

Looked at once for all who ask within a moment, so probes and scrapes cost the servers nothing to speak of.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from psycopg import AsyncConnection

from awe.api.bootstrap.partitions import partition_name
from awe.api.http.metrics import Lag
from awe.commands.log import EventLog, LogError, Page, Position
from awe.projections.errors import ArchiveError, ArchiveUnavailable
from awe.projections.migrations.migrate import known_migrations
from awe.projections.ports import Connections
from awe.projections.queries.standing import VersionStanding, versions
from awe.projections.read_models import BUILT_IN

_MOMENT_S: Final = 1.0
_PATIENCE_S: Final = 3.0

Ping = Callable[[], Awaitable[Any]]


class Reason(NamedTuple):
    """Why it cannot; `code` is stable. Anybody may read it, so it names no server."""

    code: str
    message: str


@dataclass(slots=True)
class Look:
    """What was found; `lags` by projection, of the versions that are read."""

    reasons: list[Reason] = field(default_factory=list[Reason])
    lags: Mapping[str, Lag] = field(default_factory=dict[str, Lag])


class Standing:
    """Looks at the installation. ``ping`` asks Redis for a sign of life."""

    def __init__(
        self,
        connections: Connections,
        logs: Mapping[int, EventLog],
        ping: Ping,
        *,
        lag_events: int,
        lag_s: float,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._connections = connections
        self._logs = logs
        self._ping = ping
        self._lag_events = lag_events
        self._lag_s = lag_s
        self._now = now
        self._looking = asyncio.Lock()
        self._last: tuple[float, Look] | None = None

    async def look(self) -> Look:
        """What was found a moment ago at most; never raises for what is wrong with the installation."""
        async with self._looking:
            if self._last is None or time.monotonic() - self._last[0] > _MOMENT_S:
                found = await self._look()
                self._last = time.monotonic(), found
            return self._last[1]

    async def _look(self) -> Look:
        found = Look()
        (redis, heads), (postgres, known) = await asyncio.gather(self._redis(), self._postgres())
        found.reasons += [*redis, *postgres]
        if heads and known:
            try:
                async with asyncio.timeout(_PATIENCE_S):
                    found.lags = await self._lags(heads, known)
            except (LogError, TimeoutError):
                found.reasons.append(Reason("log_unreadable", "The log cannot be read now."))
            found.reasons += self._too_stale(found.lags)
        return found

    async def _redis(self) -> tuple[Sequence[Reason], Mapping[int, Position]]:
        try:
            async with asyncio.timeout(_PATIENCE_S):
                await self._ping()
        except Exception:  # noqa: BLE001 (whatever keeps it from answering)
            return [Reason("redis_unavailable", "Redis does not answer.")], {}
        try:
            async with asyncio.timeout(_PATIENCE_S):
                heads = await asyncio.gather(*(log.head() for log in self._logs.values()))
        except (LogError, TimeoutError):
            return [
                Reason("log_unavailable", "A partition of the log is not open: is a projector there?")
            ], {}
        return [], dict(zip(self._logs, heads, strict=True))

    async def _postgres(self) -> tuple[Sequence[Reason], Sequence[VersionStanding]]:
        try:
            async with asyncio.timeout(_PATIENCE_S), self._connections.connection() as connection:
                if reason := await _unmigrated(connection):
                    return [reason], ()
                known = await versions(connection)
        except (ArchiveUnavailable, TimeoutError):
            return [Reason("postgres_unavailable", "Postgres does not answer.")], ()
        except ArchiveError:
            return [Reason("postgres_refuses", "Postgres refuses to answer.")], ()
        live = {each.name for each in known if each.live}
        if missing := [each.name for each in BUILT_IN if each.name not in live]:
            return [
                Reason("projections_missing", f"There are no read models {', '.join(missing)} yet.")
            ], known
        return [], known

    async def _lags(
        self, heads: Mapping[int, Position], known: Sequence[VersionStanding]
    ) -> Mapping[str, Lag]:
        """How far each live version is behind the log, over all partitions."""
        since = _Since(self._logs, self._now() * 1000)
        lags: dict[str, Lag] = {}
        for version in known:
            if not version.live:
                continue
            lag = lags[version.name] = Lag()
            at = {each.partition: each.n for each in version.partitions}
            for number, head in heads.items():
                n = at.get(partition_name(number), 0)
                if n < head.n:
                    lag.events += head.n - n
                    lag.seconds = max(lag.seconds, await since(number, Position(n, head.epoch)))
        return lags

    def _too_stale(self, lags: Mapping[str, Lag]) -> Sequence[Reason]:
        return [
            Reason(
                "too_stale",
                f"{name} is {lag.events} events behind, the first of them {lag.seconds:.0f} s old; "
                f"allowed are {self._lag_events} and {self._lag_s:g} s.",
            )
            for name, lag in lags.items()
            if lag.events > self._lag_events or (lag.events and lag.seconds > self._lag_s)
        ]


class _Since:
    """Seconds since the event behind a position; each is read once."""

    def __init__(self, logs: Mapping[int, EventLog], now_ms: float) -> None:
        self._logs = logs
        self._now_ms = now_ms
        self._known: dict[tuple[int, int], float] = {}

    async def __call__(self, partition: int, after: Position) -> float:
        key = partition, after.n
        if key not in self._known:
            page = await self._logs[partition].read(after, 1)
            told = page.events[0].time_ms if isinstance(page, Page) and page.events else self._now_ms
            self._known[key] = max(0.0, (self._now_ms - told) / 1000)
        return self._known[key]


async def _unmigrated(connection: AsyncConnection[Any]) -> Reason | None:
    """Why the schema is not the one that this release knows."""
    cursor = await connection.execute("SELECT to_regclass('awe.migration') IS NOT NULL")
    ((there,),) = await cursor.fetchall()
    applied: dict[int, str] = {}
    if there:
        cursor = await connection.execute("SELECT number, checksum FROM awe.migration")
        applied = dict(await cursor.fetchall())
    known = {each.number: each.checksum for each in known_migrations()}
    if applied == known:
        return None
    if set(applied) < set(known):
        return Reason("unmigrated", "Postgres is not migrated to this release: is a projector of it there?")
    return Reason("schema_of_another_release", "Postgres was migrated by another release.")
