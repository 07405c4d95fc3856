"""The rules: each decision returns the event of a step, ``None`` for a step taken already, or refuses it."""

from datetime import datetime
from typing import NamedTuple

from awe.adapters.projection_control.events import (
    BuildStarted,
    CaughtUp,
    Dropped,
    Registered,
    RolledBack,
    Switched,
    Verified,
)
from awe.projections.control import ControlRefused, Projection, Verification, Version, VersionState

_FED = (VersionState.CAUGHT_UP, VersionState.RETIRED)


class Stamp(NamedTuple):
    """What every event begins with."""

    projection: str
    revision: int
    timestamp: datetime


def register(projection: Projection, stamp: Stamp, number: int, code: str) -> Registered | None:
    """Numbers only rise; one number is one code."""
    known = projection.versions.get(number)
    if known is not None:
        if known.code != code:
            raise ControlRefused(
                f"Version {number} of {projection.name} is code {known.code}, not {code}: give the new code a new number."
            )
        return None
    highest = max(projection.versions, default=0)
    if number <= highest:
        raise ControlRefused(
            f"{projection.name} has a version {highest}: a new one needs a higher number than {number}."
        )
    return Registered(*stamp, number, code)


def start_build(projection: Projection, stamp: Stamp, number: int) -> BuildStarted | None:
    """A version that is or was live is never built again under its readers."""
    version = _known(projection, number)
    if version.state is VersionState.BUILDING:
        return None
    if version.state not in {VersionState.REGISTERED, VersionState.CAUGHT_UP}:
        raise _refused(projection, version, "register a new version to build")
    return BuildStarted(*stamp, number)


def caught_up(projection: Projection, stamp: Stamp, number: int) -> CaughtUp | None:
    """Only what is being built catches up."""
    version = _known(projection, number)
    if version.state is VersionState.CAUGHT_UP:
        return None
    if version.state is not VersionState.BUILDING:
        raise _refused(projection, version, "start its build first")
    return CaughtUp(*stamp, number)


def verify(projection: Projection, stamp: Stamp, number: int, *, equal: bool, report: str) -> Verified | None:
    """Only what is caught up can be compared, and only with a live version."""
    version = _known(projection, number)
    if version.state not in _FED:
        raise _refused(projection, version, "only a version that is caught up can be compared")
    if projection.live is None:
        raise ControlRefused(f"{projection.name} has no live version to compare with: switch to {number}.")
    if version.verification == Verification(projection.live, equal, report):
        return None
    return Verified(*stamp, number, projection.live, equal, report)


def switch(projection: Projection, stamp: Stamp, number: int, *, forced: str) -> Switched | None:
    """The version is caught up and verified against the live one, or somebody says why it is read all the same."""
    version = _known(projection, number)
    if projection.live == number:
        return None
    if version.state in {VersionState.REGISTERED, VersionState.DROPPED}:
        raise _refused(projection, version, "it has nothing to read: build it first, or a new one")
    if not forced:
        _check_ready(projection, version)
    return Switched(*stamp, number, forced)


def roll_back(projection: Projection, stamp: Stamp, number: int, *, reason: str) -> RolledBack | None:
    """Back to the version that was live before, with a reason."""
    _known(projection, number)
    if not reason:
        raise ControlRefused(f"Say why {projection.name} is rolled back.")
    if projection.live == number:
        return None
    if projection.former[-1:] != (number,):
        target = f"is {projection.former[-1]}" if projection.former else "was dropped, or there was none"
        raise ControlRefused(
            f"{projection.name} cannot be rolled back to version {number}: the one before the live one {target}."
        )
    return RolledBack(*stamp, number, reason)


def drop(projection: Projection, stamp: Stamp, number: int) -> Dropped | None:
    """Never the live version."""
    version = _known(projection, number)
    if version.state is VersionState.DROPPED:
        return None
    if projection.live == number:
        raise _refused(projection, version, "switch to another one first")
    return Dropped(*stamp, number)


def _check_ready(projection: Projection, version: Version) -> None:
    if version.state not in _FED:
        raise _refused(projection, version, "wait until it is caught up, or force the switch with a reason")
    verification = version.verification
    if projection.live is None or (
        verification is not None and verification.equal and verification.against == projection.live
    ):
        return
    if verification is None or verification.against != projection.live:
        raise _refused(
            projection, version, f"verify it against live version {projection.live}, or force with a reason"
        )
    raise _refused(
        projection, version, f"but differs: {verification.report}; force with a reason if that is wanted"
    )


def _known(projection: Projection, number: int) -> Version:
    version = projection.versions.get(number)
    if version is None:
        raise ControlRefused(f"{projection.name} has no version {number}: register it first.")
    return version


def _refused(projection: Projection, version: Version, instead: str) -> ControlRefused:
    return ControlRefused(f"Version {version.number} of {projection.name} is {version.state}: {instead}.")
