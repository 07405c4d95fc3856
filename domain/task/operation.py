"""One operation as its task knows it: its latest intent, and what is known of the calls made for it.

One generation may be called by several attempts, when a worker was lost or the way to the tool broke. Each call stays
in doubt until somebody says what became of it, and the operation has failed for certain only when none is in doubt.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple, Self

from awe.domain.artifacts import Artifact
from awe.domain.contracts import Effect
from awe.domain.events import Json


class OperationStatus(StrEnum):
    OPEN = "open"  # the attempt that began it holds the claim and will report
    UNSETTLED = "unsettled"  # nobody will report in the ordinary way, and a call is in doubt
    SUCCEEDED = "succeeded"
    FAILED = "failed"  # for certain


class Request(NamedTuple):
    """What is asked of whom: an operation with another request is another generation (I22)."""

    contract: str
    arguments_digest: str


class Result(NamedTuple):
    """The output, inline or in the blob of that digest, and the files that the call made."""

    output: Json = None
    output_blob: str | None = None
    artifacts: tuple[Artifact, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """`index` is its place among the task's calls, `attempt` the last that began it."""

    index: int
    generation: int
    attempt: int
    request: Request
    effect: Effect
    repeatable: bool
    call_until_ms: int
    in_doubt: frozenset[int]
    """The attempts whose call may have had an effect that nobody reported."""
    open: bool = True
    result: Result | None = None

    @property
    def status(self) -> OperationStatus:
        if self.open:
            return OperationStatus.OPEN
        if self.result is not None:
            return OperationStatus.SUCCEEDED
        return OperationStatus.UNSETTLED if self.in_doubt else OperationStatus.FAILED

    @property
    def settled(self) -> bool:
        """Whether the outcome is known; an abandoned read counts as settled, it had no effect to ask about."""
        if self.open:
            return False
        return self.result is not None or not self.in_doubt or self.effect is Effect.READ

    def closed(self) -> Self:
        """Nobody will report in the ordinary way any more."""
        return replace(self, open=False) if self.open else self

    def succeeded(self, attempt: int, result: Result, *, late: bool) -> Self:
        """The attempt's call is known to have succeeded; a call that was not in doubt changes nothing."""
        if attempt not in self.in_doubt:
            return self if late else self.closed()
        return replace(
            self,
            open=self.open and late,
            in_doubt=self.in_doubt - {attempt},
            result=self.result or result,
        )

    def failed(self, attempt: int, *, late: bool) -> Self:
        """The attempt's call is known to have failed."""
        return replace(self, open=self.open and late, in_doubt=self.in_doubt - {attempt})
