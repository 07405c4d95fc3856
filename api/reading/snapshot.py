"""The read models at one moment: what their tables hold, up to which event, and what of it is parked.

All that is read in one snapshot fits together, whatever is projected, switched or dropped meanwhile.
"""

from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from psycopg import AsyncConnection

from awe.projections import parking
from awe.projections.errors import ArchiveError
from awe.projections.ports import Connections
from awe.projections.positions import READ_SCHEMA
from awe.projections.projector import Projector
from awe.projections.queries import standing
from awe.projections.queries.standing import VersionStanding
from awe.projections.tables import code_of

# The lock comes before the first look at anything: a switch waits for this reader, or this reader for the switch.
_BEGIN: Final = (
    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY; LOCK TABLE {} IN ACCESS SHARE MODE"
)


class OtherRelease(ArchiveError):  # noqa: N818 (named for the fact, like its siblings)
    """A read model is none that this release knows how to read; the log has the same."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`connection` reads in it as long as it lasts."""

    connection: AsyncConnection[Any]
    live: Sequence[VersionStanding]

    def reached(self, partition: str) -> int:
        """The position up to which all of these read models hold a partition."""
        return min(
            next((at.n for at in version.partitions if at.partition == partition), 0) for version in self.live
        )

    async def is_parked(self, partition: str, run: str) -> bool:
        """Whether an event of the run could not be applied to one of them."""
        names = [version.name for version in self.live]
        return bool(await standing.parked(self.connection, names, {partition: [run]}))

    async def parked(self) -> Mapping[str, Collection[str]]:
        """Every run of which an event could not be applied to one of them, by partition."""
        found: dict[str, set[str]] = {}
        for version in self.live:
            if version.parked:
                for each in await parking.listed(self.connection, version.name, version=version.version):
                    found.setdefault(each.partition, set()).add(each.sequence)
        return found


@asynccontextmanager
async def snapshot(reads: Connections, projectors: Sequence[Projector]) -> AsyncGenerator[Snapshot]:
    """Read these read models in one snapshot.

    Raises:
        ArchiveError: on entry, or from within: they cannot be read now, or not by this release.
    """
    views = ", ".join(f"{READ_SCHEMA}.{projector.name}" for projector in projectors)
    async with reads.connection() as connection, connection.transaction():
        await connection.execute(_BEGIN.format(views).encode())
        live = {each.name: each for each in await standing.versions(connection) if each.live}
        for projector in projectors:
            if projector.name not in live or live[projector.name].code != code_of(projector):
                raise OtherRelease(f"the read model {projector.name} is that of another release")
        yield Snapshot(connection, [live[projector.name] for projector in projectors])
