"""How far the read models are."""

import strawberry

from awe.api.graphql import positions
from awe.api.graphql.scalars import Long, PositionToken
from awe.commands.log import Position
from awe.projections.queries.standing import PartitionStanding, VersionStanding


@strawberry.type(description="How far a version is in one partition.")
class ProjectionPosition:
    partition: str
    position: PositionToken
    lag: Long = strawberry.field(description="Archived events that it has not applied.")


@strawberry.type(description="One version of a projection.")
class ProjectionVersion:
    version: int
    code: str = strawberry.field(description="Version and digest of the code that feeds it.")
    live: bool = strawberry.field(description="Whether queries read it.")
    stopped: bool = strawberry.field(description="Whether it is no longer fed: see 'awe projections status'.")
    parked: Long = strawberry.field(description="Runs of which an event could not be applied.")
    lag: Long
    positions: list[ProjectionPosition]


@strawberry.type
class Projection:
    name: str
    live: int | None = strawberry.field(description="The number of the version that queries read.")
    versions: list[ProjectionVersion]


def projections(found: list[VersionStanding]) -> list[Projection]:
    """The versions by the name of their projection."""
    named: dict[str, list[VersionStanding]] = {}
    for each in found:
        named.setdefault(each.name, []).append(each)
    return [
        Projection(
            name=name,
            live=next((each.version for each in versions if each.live), None),
            versions=[_version(each) for each in versions],
        )
        for name, versions in named.items()
    ]


def _version(standing: VersionStanding) -> ProjectionVersion:
    return ProjectionVersion(
        version=standing.version,
        code=standing.code,
        live=standing.live,
        stopped=standing.stopped is not None,
        parked=Long(standing.parked),
        lag=Long(sum(_lag(each) for each in standing.partitions)),
        positions=[
            ProjectionPosition(
                partition=each.partition,
                position=positions.token(_number(each.partition), Position(each.n, each.epoch)),
                lag=Long(_lag(each)),
            )
            for each in standing.partitions
        ],
    )


def _lag(each: PartitionStanding) -> int:
    return max(0, each.head - each.n)


def _number(partition: str) -> int:
    return int(partition.rpartition(".")[2])
