"""What the events of a projection say of its versions."""

from collections.abc import Iterable
from dataclasses import replace
from functools import reduce
from typing import Any

from awe.adapters.projection_control.events import (
    BuildStarted,
    CaughtUp,
    Dropped,
    ProjectionEvent,
    Registered,
    RolledBack,
    Switched,
    Verified,
)
from awe.projections.control import Projection, Verification, Version, VersionState


def fold(name: str, events: Iterable[ProjectionEvent]) -> Projection:
    """Return a projection as its events left it."""
    return reduce(evolve, events, Projection(name))


def evolve(before: Projection, event: ProjectionEvent) -> Projection:
    """Return a projection as one more event leaves it."""
    projection = replace(before, revision=event.originator_version)
    changes: dict[str, Any]
    match event:
        case Registered(number=number, code=code):
            return replace(projection, versions={**projection.versions, number: Version(number, code)})
        case Switched(number=number):
            return _read(
                projection, number, _without(number, (*projection.former, *_numbers(projection.live)))
            )
        case RolledBack(number=number):
            return _read(projection, number, _without(number, projection.former))
        case BuildStarted():
            changes = {"state": VersionState.BUILDING, "verification": None}
        case CaughtUp():
            changes = {"state": VersionState.CAUGHT_UP}
        case Verified(against=against, equal=equal, report=report):
            changes = {"verification": Verification(against, equal, report)}
        case Dropped(number=number):
            projection = replace(projection, former=_without(number, projection.former))
            changes = {"state": VersionState.DROPPED}
    return _change(projection, event.number, **changes)


def _without(number: int, former: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(each for each in former if each != number)


def _read(projection: Projection, number: int, former: tuple[int, ...]) -> Projection:
    for retired in _numbers(projection.live):
        projection = _change(projection, retired, state=VersionState.RETIRED)
    return _change(replace(projection, live=number, former=former), number, state=VersionState.LIVE)


def _numbers(live: int | None) -> tuple[int, ...]:
    return () if live is None else (live,)


def _change(projection: Projection, number: int, **changes: Any) -> Projection:
    changed = replace(projection.versions[number], **changes)
    return replace(projection, versions={**projection.versions, number: changed})
