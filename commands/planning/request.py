"""How a run wants its plan found: what `GoalSubmitted.planning` says, typed.

    {"planner": "given", "plan": {...}}             this plan
    {"planner": "given", "plan_blob": "<sha256>"}   this plan, in a blob since it is large
    {"planner": "playbook", "playbook": {...}}      this playbook, whole
    {"planner": "playbook", "name": "..."}          the playbook of that name
    {"planner": "playbook"}                         whichever playbook matches the goal

Without `planning` any planner may answer that can.
"""

import json
from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import PydanticSerializationError, to_json

from awe.commands.blobs import Blobs
from awe.domain.events import Digest, Json
from awe.domain.plan.playbook.faults import Fault, FaultCode
from awe.domain.plan.playbook.model import Playbook
from awe.domain.plan.playbook.shape import misshapes

INLINE_PLAN_BYTES: Final = 65_536


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Given(Part):
    """The plan itself, or the blob with its bytes."""

    planner: Literal["given"]
    plan: dict[str, Json] | None = None
    plan_blob: Digest | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.plan is None) == (self.plan_blob is None):
            raise ValueError("give either `plan` or `plan_blob`")
        return self


class FromPlaybook(Part):
    """A playbook, its name, or neither: then one has to match the goal."""

    planner: Literal["playbook"]
    playbook: Playbook | None = None
    name: str | None = None

    @model_validator(mode="after")
    def _at_most_one(self) -> Self:
        if self.playbook is not None and self.name is not None:
            raise ValueError("give `playbook` or `name`, not both")
        return self


Planning = Given | FromPlaybook


class PlanningMalformed(ValueError):  # noqa: N818 (named for the fact, like the rejections)
    """`planning` is not of its shape; `faults` say where."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__(f"`planning` is not of its shape at {faults[0].path}: {faults[0].message}")
        self.faults = faults


def read_planning(document: dict[str, Json] | None) -> Planning | None:
    """The typed request.

    Raises:
        PlanningMalformed: the document is none.
    """
    if document is None:
        return None
    models: dict[Json, type[Given | FromPlaybook]] = {"given": Given, "playbook": FromPlaybook}
    kind = document.get("planner")
    model = models.get(kind) if isinstance(kind, str) else None
    if model is None:
        message = "`planner` names none of the ways to find a plan"
        hint = 'Write "given" for a plan, "playbook" for a playbook, or leave `planning` out.'
        raise PlanningMalformed((Fault(FaultCode.G005, "/planning/planner", message, hint),))
    try:
        return model.model_validate(document)
    except ValidationError as error:
        raise PlanningMalformed(
            tuple(
                Fault(FaultCode.G005, "/planning" + wrong.path, wrong.message, wrong.hint)
                for wrong in misshapes(error, model, Playbook)
            )
        ) from error


async def fit_for_an_event(
    planning: dict[str, Json] | None, blobs: Blobs, *, made: dict[str, Json] | None = None
) -> dict[str, Json] | None:
    """The same request in a size that an event can hold: a large plan goes into a blob.

    ``made`` is the plan that a preview came to; it takes the place of a playbook that is large itself.
    """
    if planning is None or len(encoded(planning)) <= INLINE_PLAN_BYTES:
        return planning
    plan = planning.get("plan") if planning.get("planner") == "given" else made
    if plan is None:
        return planning
    return {"planner": "given", "plan_blob": await blobs.put(encoded(plan))}


def encoded(value: Json) -> bytes:
    """The value as compact JSON; what JSON readers disagree on is left in it, to be refused by whoever reads it."""
    try:
        return to_json(value)
    except PydanticSerializationError:  # half a character, which ASCII can say, or nested deeply
        return json.dumps(value, separators=(",", ":")).encode()
