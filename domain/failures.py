"""Why something failed, as a closed set: what is done about a failure is chosen by its class, never by its text.

Whoever sees a failure names its class once, and the class stands in the event; nothing later judges it again.
"""

from enum import StrEnum
from typing import Final


class FailureClass(StrEnum):
    TRANSPORT = "transport"  # the way to the tool broke
    SESSION_LOST = "session_lost"  # the tool forgot our session and refused the call
    RATE_LIMITED = "rate_limited"  # the tool asks to come later
    TIMEOUT = "timeout"  # no answer within the call's limit
    AUTH = "auth"  # our credentials were refused
    INVALID_INPUT = "invalid_input"  # the arguments do not fit the contract
    CONTRACT_OUTPUT = "contract_output"  # the output does not fit the contract
    OUTPUT_TOO_LARGE = "output_too_large"  # the output exceeds the contract's cap
    TOOL_ERROR = "tool_error"  # the tool itself reported a failure
    POLICY_DENIED = "policy_denied"  # a policy forbids the call
    NEEDS_INPUT = "needs_input"  # a person has to say something first
    WORKER_LOST = "worker_lost"  # the worker's lease ended without a report
    CANCELLED = "cancelled"  # stopped on request
    BUDGET_EXHAUSTED = "budget_exhausted"  # the budget has no room for the call
    DEADLINE_EXCEEDED = "deadline_exceeded"  # no time is left for it
    ACCEPTANCE_FAILED = "acceptance_failed"  # the output does not meet the task's criteria
    UNKNOWN_OUTCOME = "unknown_outcome"  # nobody can say whether the effect happened
    INTERNAL = "internal"  # a fault of the engine


OPEN_ENDED: Final = frozenset(
    {
        FailureClass.TRANSPORT,
        FailureClass.TIMEOUT,
        FailureClass.WORKER_LOST,
        FailureClass.CANCELLED,
        FailureClass.DEADLINE_EXCEEDED,
        FailureClass.UNKNOWN_OUTCOME,
        FailureClass.INTERNAL,
    }
)
"""Classes that do not tell whether a call that was sent had its effect; all others do."""
