"""Which version of a projection is read, and what may be done with the others: the port of projection control.

A version is built beside the live one, compared with it and only then read. A version that was live is fed until it is
dropped, so a rollback is current at once (I29). Every step is kept, with the reason of those that needed one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class VersionState(StrEnum):
    """How far a version is."""

    REGISTERED = "registered"
    """Known; it has no tables."""
    BUILDING = "building"
    CAUGHT_UP = "caught up"
    """Built, and fed from now on."""
    LIVE = "live"
    """Read by queries."""
    RETIRED = "retired"
    """Was live; fed until it is dropped."""
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Verification:
    """A comparison with the version that was live then; it says nothing of a later one."""

    against: int
    equal: bool
    report: str


@dataclass(frozen=True, slots=True)
class Version:
    """One version: its number, the digest of its code, and its state."""

    number: int
    code: str
    state: VersionState = VersionState.REGISTERED
    verification: Verification | None = None


@dataclass(frozen=True, slots=True)
class Projection:
    """What is known of a projection.

    Attributes:
        name: stable name.
        revision: number of steps so far.
        live: number of the version that queries read; ``None`` before the first switch.
        former: versions that a rollback returns to, the next one last.
        versions: by number; dropped ones stay known.
    """

    name: str
    revision: int = 0
    live: int | None = None
    former: tuple[int, ...] = ()
    versions: Mapping[int, Version] = field(default_factory=dict[int, Version])


class ControlRefused(Exception):  # noqa: N818 - named for the fact, like the outcomes of the log
    """A rule forbids the step; the message says what to do instead."""


class ControlUnavailable(Exception):  # noqa: N818 - likewise
    """The store of the control does not answer. A step may have been taken: take it again, that does no harm."""


class ProjectionControl(Protocol):
    """The steps in the life of a projection's versions. Taking a step twice in a row is taking it once.

    Calls wait on the network: under asyncio make them in a thread. Every one raises ``ControlUnavailable`` when the
    store is away, and every step ``ControlRefused`` when a rule forbids it.
    """

    def status(self, projection: str) -> Projection:
        """Return what is known; a projection that nobody registered has no versions."""
        ...

    def register(self, projection: str, number: int, code: str) -> None:
        """Make a version known by the digest of its code. Numbers only rise, and one number is one code."""
        ...

    def start_build(self, projection: str, number: int) -> None:
        """Begin to build a version from nothing, also one that was caught up; not one that is or was live."""
        ...

    def caught_up(self, projection: str, number: int) -> None:
        """Note that a version being built holds all there is."""
        ...

    def verified(self, projection: str, number: int, *, equal: bool, report: str) -> None:
        """Note how a version that is caught up compares with the live one."""
        ...

    def switch(self, projection: str, number: int, *, forced: str = "") -> None:
        """Have queries read a version.

        It must be caught up and, when there is a live one, verified as equal to it; a reason in ``forced`` overrides
        both, for a version that is at least being built.
        """
        ...

    def roll_back(self, projection: str, number: int, *, reason: str) -> None:
        """Have queries read the version again that was live before; ``number`` is that version."""
        ...

    def drop(self, projection: str, number: int) -> None:
        """Give a version up for good; never the live one."""
        ...
