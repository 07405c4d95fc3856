"""What can be asked of a run. Every command says who asks; its key makes a repetition recognisable."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from awe.domain.events import Json
from awe.domain.identifiers import RunId
from awe.domain.run.events import Priority, QueueName

Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$")]


class Command(BaseModel):
    """Base of all commands.

    Attributes:
        tenant: whose run it is; keys are scoped by tenant and actor.
        actor: who asks; recorded with every event.
        traceparent: W3C trace context of the request, if any.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    tenant: Name = "default"
    actor: Name
    traceparent: Annotated[str, Field(max_length=100)] = ""


class SubmitGoal(Command):
    """Begin a run. The same key with the same goal names the same run; with another goal it is a conflict.

    Attributes:
        planning: how a plan is to be found, as `commands.planning.request` describes it; None: any planner may.
        queue: the task queue of the workers that serve the run; None for the default one.
        priority: of two runs the one with the higher number is served first; None is 0.
    """

    goal: Annotated[str, Field(min_length=1, max_length=20_000)]
    inputs: dict[str, Json] = {}
    tools: tuple[Name, ...] | None = None
    deadline_ms: Annotated[int, Field(gt=0)] | None = None
    planning: dict[str, Json] | None = None
    queue: QueueName | None = None
    priority: Priority | None = None
    idempotency_key: Name | None = None


class RequestCancel(Command):
    """Let nothing new begin in a run."""

    run: RunId
    reason: Annotated[str, Field(max_length=2_000)] = ""
