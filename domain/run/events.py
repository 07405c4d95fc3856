"""What can happen to a run as a whole: 5 to 20 events, whatever the size of its plan."""

from typing import Annotated

from pydantic import Field

from awe.domain.events import Count, Digest, Event, Json, Message, Ordinal, Part, event
from awe.domain.failures import FailureClass
from awe.domain.identifiers import TaskKey

FAILING_NAMED = 100
FINDINGS_NAMED = 50

QueueName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
Priority = Annotated[int, Field(ge=-100, le=100)]


class Finding(Part):
    """One reason against a plan: the rule's code, a JSON Pointer into the plan, what is wrong, what to do."""

    code: str
    path: str
    message: Message
    hint: Message = ""


@event("awe.run.goal_submitted", version=2)
class GoalSubmitted(Event):
    """Somebody wants something.

    `tools` are the names of the tools that may be used, None for all that the tenant may use; `deadline_ms` is a
    duration from this event on. `planning` says how a plan is to be found, None leaves it to the planners. `queue` is
    the task queue whose workers serve the run, None for the one that all serve; of two runs the one with the higher
    `priority` is served first, None is 0.
    """

    tenant: str
    goal: str
    inputs: dict[str, Json]
    tools: tuple[str, ...] | None = None
    deadline_ms: Ordinal | None = None
    planning: dict[str, Json] | None = None
    queue: QueueName | None = None
    priority: Priority | None = None


@event("awe.run.plan_proposed", version=1)
class PlanProposed(Event):
    """A plan waits for acceptance; `number` counts the proposals of the run from 1.

    `digest` is that of the plan's canonical form. A plan too large for an event is None here and lies in the blob
    of that digest.
    """

    number: Ordinal
    digest: Digest
    plan: dict[str, Json] | None = None


@event("awe.run.plan_rejected", version=1)
class PlanRejected(Event):
    """The proposal was refused, for the first of `findings_count` reasons; another may follow."""

    number: Ordinal
    findings: Annotated[tuple[Finding, ...], Field(max_length=FINDINGS_NAMED)]
    findings_count: Count


@event("awe.run.plan_accepted", version=2)
class PlanAccepted(Event):
    """The proposal is the run's first plan: its tasks may begin.

    `contracts` pins the contract's digest of each tool that the plan calls, by `domain.plan.pins.pin_key`.
    """

    number: Ordinal
    digest: Digest
    contracts: dict[str, Digest] | None = None


@event("awe.run.plan_revised", version=1)
class PlanRevised(Event):
    """The proposal replaces the plan in force."""

    number: Ordinal
    digest: Digest
    reason: Message


@event("awe.run.cancel_requested", version=1)
class CancelRequested(Event):
    """Nothing new begins; what runs is still reported, then the run ends as cancelled."""

    reason: Message = ""


@event("awe.run.succeeded", version=1)
class RunSucceeded(Event):
    """The plan's outputs, inline or in the blob of that digest."""

    outputs: dict[str, Json] | None = None
    outputs_blob: Digest | None = None


@event("awe.run.failed", version=1)
class RunFailed(Event):
    """The run cannot reach its goal; `failing` names the first of its `failing_count` tasks that stand in the way."""

    failure: FailureClass
    message: Message
    failing: Annotated[tuple[TaskKey, ...], Field(max_length=FAILING_NAMED)] = ()
    failing_count: Count = 0


@event("awe.run.cancelled", version=1)
class RunCancelled(Event):
    """The requested cancel is complete: nothing of the run is at work any more."""


RunEvent = (
    GoalSubmitted
    | PlanProposed
    | PlanRejected
    | PlanAccepted
    | PlanRevised
    | CancelRequested
    | RunSucceeded
    | RunFailed
    | RunCancelled
)


def restricts(event: RunEvent) -> bool:
    """Whether the event takes back something that was allowed, so that decisions made before it no longer hold (I11).

    Only these raise the run's control version: else a harmless event would make thousands of claims conflict.
    """
    return isinstance(event, CancelRequested | PlanRevised | RunSucceeded | RunFailed | RunCancelled)
