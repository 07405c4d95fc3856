"""The port of tools: what they promise, and one call of one of them.

Whoever implements it holds every limit of the contract: arguments and output are checked against its schemas, the
output's size against its cap, the call's time against `Call.limit_s`. Whatever a tool does comes back as `Success` or
`Failure`; only a cancelled caller is an exception.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from awe.domain.artifacts import Artifact
from awe.domain.contracts import ToolContract
from awe.domain.events import Json
from awe.domain.failures import FailureClass
from awe.domain.identifiers import OperationId
from awe.domain.plan.lint.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Call:
    """One call: `limit_s` are the seconds it may take from now on, after which it is killed (I21)."""

    operation: OperationId
    contract: ToolContract
    arguments: dict[str, Json]
    attempt: int
    limit_s: float


@dataclass(frozen=True, slots=True)
class Success:
    """An output that keeps the contract, and the files that the call made, stored durably."""

    output: Json
    artifacts: Sequence[Artifact] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no output; `sent` is False when the call certainly never reached the tool."""

    failure: FailureClass
    message: str
    sent: bool = True


class Tools(Protocol):
    @property
    def catalogue(self) -> Catalogue:
        """Every contract that can be called here, for lint and for choosing."""
        ...

    def contract(self, digest: str) -> ToolContract | None:
        """Return the contract of that digest, or None when no such tool is here."""
        ...

    async def call(self, call: Call) -> Success | Failure:
        """Call a tool once, and never again on its own."""
        ...
