"""Whether a failed attempt is followed by another is data: failure class -> rule -> decision.

The decision names the class and the rule, and the event carries both with it, so replay reads what was decided and
never decides again. Delays spread by a jitter that is derived from the task's identity: tasks that failed together do
not come back together, and the same history always makes the same decision.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from awe.domain.failures import FailureClass


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """At most `attempts` in all; the delay doubles from `first_delay_ms` on, up to `longest_delay_ms`."""

    name: str
    attempts: int
    first_delay_ms: int = 0
    longest_delay_ms: int = 0

    def allows(self, attempt: int) -> bool:
        """Whether another attempt follows on this one (from 1)."""
        return attempt < self.attempts

    def delay_ms(self, attempt: int, identity: str) -> int:
        """The wait after this failed attempt (from 1): between half and the whole of the doubled delay."""
        whole = min(self.first_delay_ms << (attempt - 1), self.longest_delay_ms)
        digest = hashlib.sha256(f"{identity}/{attempt}".encode()).digest()
        return whole // 2 + int.from_bytes(digest[:8], "big") % (whole // 2 + 1)


BACKOFF: Final = Rule(name="backoff", attempts=3, first_delay_ms=1_000, longest_delay_ms=30_000)
NEVER: Final = Rule(name="never", attempts=1)

POLICY: Final[Mapping[FailureClass, Rule]] = MappingProxyType(
    dict.fromkeys(FailureClass, NEVER)
    | {
        FailureClass.TRANSPORT: BACKOFF,
        FailureClass.WORKER_LOST: BACKOFF,
    }
)


@dataclass(frozen=True, slots=True)
class Retry:
    """Try again, `delay_ms` after the decision is in the log."""

    failure: FailureClass
    rule: str
    delay_ms: int


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """Not again without a person."""

    failure: FailureClass
    rule: str


def judge(failure: FailureClass, *, attempt: int, identity: str) -> Retry | DeadLetter:
    """What follows on the failure of this attempt (from 1) of the task with this identity."""
    rule = POLICY[failure]
    if rule.allows(attempt):
        return Retry(failure, rule.name, rule.delay_ms(attempt, identity))
    return DeadLetter(failure, rule.name)
