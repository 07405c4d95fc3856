"""The base of each theme: its tests get the harness that a subclass provides, or are skipped naming what it lacks."""

from collections.abc import Callable
from typing import TypeVar

import pytest

from awe.commands.log import EventLog
from support.conformance.harness import Ability, Harness

F = TypeVar("F", bound=Callable[..., object])

_NEEDS: dict[str, frozenset[Ability]] = {}


def needs(*abilities: Ability) -> Callable[[F], F]:
    """Mark a test that only a harness of these abilities can run."""

    def mark(test: F) -> F:
        _NEEDS[f"{test.__module__}:{test.__qualname__}"] = frozenset(abilities)
        return test

    return mark


def needed_by(test: Callable[..., object]) -> frozenset[Ability]:
    """Return the abilities a test needs."""
    return _NEEDS.get(f"{test.__module__}:{test.__qualname__}", frozenset())


class Suite:
    """A theme. The subclass that runs it defines the fixture ``harness``, which yields a new `Harness`."""

    @pytest.fixture(autouse=True)
    def _able(self, request: pytest.FixtureRequest, harness: Harness) -> None:
        missing = needed_by(request.function) - harness.abilities
        if missing:
            pytest.skip(f"the harness cannot {', nor '.join(sorted(missing))}")

    @pytest.fixture
    async def log(self, harness: Harness) -> EventLog:
        return await harness.log()
