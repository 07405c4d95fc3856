"""Given a history, when something is decided, then these events follow: tests of aggregates in their own words.

given = Decider(Task(), evolve).given
given(ready, claimed).when(succeed, attempt=1, output=7).then(TaskSucceeded(attempt=1, output=7))
given(ready).when(succeed, attempt=1).rejected(StaleAttempt)
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Concatenate, Generic, ParamSpec, TypeVar

from awe.domain.fold import fold
from awe.domain.rejections import Rejected

S = TypeVar("S")
E = TypeVar("E")
P = ParamSpec("P")
R = TypeVar("R", bound=Rejected)


@dataclass(frozen=True)
class Outcome(Generic[S, E]):
    """What a decision came to, and the state with it."""

    before: S
    evolve: Callable[[S, E], S]
    decided: tuple[E, ...] | Rejected

    def then(self, *expected: E) -> S:
        """Exactly these events follow; returns the state after them."""
        if isinstance(self.decided, Rejected):
            raise self.decided
        assert self.decided == expected
        return fold(self.before, self.evolve, expected)

    def nothing(self) -> None:
        """The decision was accepted, and nothing follows."""
        self.then()

    def rejected(self, kind: type[R]) -> R:
        """The decision was rejected, with this very kind."""
        assert type(self.decided) is kind, f"expected {kind.__name__}, got {self.decided!r}"
        return self.decided


@dataclass(frozen=True)
class Given(Generic[S, E]):
    state: S
    evolve: Callable[[S, E], S]

    def when(
        self, decision: Callable[Concatenate[S, P], tuple[E, ...]], *args: P.args, **kwargs: P.kwargs
    ) -> Outcome[S, E]:
        try:
            return Outcome(self.state, self.evolve, decision(self.state, *args, **kwargs))
        except Rejected as rejection:
            return Outcome(self.state, self.evolve, rejection)


@dataclass(frozen=True)
class Decider(Generic[S, E]):
    initial: S
    evolve: Callable[[S, E], S]

    def given(self, *events: E) -> Given[S, E]:
        return Given(fold(self.initial, self.evolve, events), self.evolve)
