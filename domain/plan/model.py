"""A plan is a value: a typed graph of tasks, equal to another plan when its canonical form is equal.

What is written here is what can be read from the shape alone; whether a plan makes sense is the linter's question.
The rules of the language that no schema can say:

- `deps` are dependencies that carry data: something in the task binds to each. `order_only` are dependencies that
  only order. A task begins when all of both have ended.
- The tool requests of a task run one after the other. The output of the last one is the output of the task.
- `output_schema`, where given, narrows what the contract of the last tool promises. In a `for_each` task it
  describes one item's output, and the acceptance criteria judge one item's output.
- `when` is judged once, when the task would become ready; in a `for_each` task before the items are listed. False
  means skipped. It sees `inputs`, `run` and, as `tasks.ID`, the outputs of the tasks that come before it.
- A criterion sees `output`, `inputs`, `task`, `artifacts` and `run`, and must come to `true`.
"""

from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError

from awe.domain.plan import pointer
from awe.domain.plan.bindings import RESERVED, Binding, Json, Reference, candidates

IDENTIFIER = r"^[A-Za-z_][A-Za-z0-9_]{0,63}$"

NAME = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"

Schema = dict[str, Json]


def _not_reserved(name: str) -> str:
    if name in RESERVED:
        raise PydanticCustomError("reserved_id", "'{name}' is a reserved word", {"name": name})
    return name


Identifier = Annotated[str, StringConstraints(pattern=IDENTIFIER)]
TaskId = Annotated[Identifier, AfterValidator(_not_reserved)]


class Part(BaseModel):
    """Every part of a plan is frozen and knows no key but its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ToolRequest(Part):
    """One call of a tool; its arguments may hold reference objects anywhere."""

    tool: Annotated[str, StringConstraints(min_length=1, max_length=128)]
    version: str | None = None
    arguments: dict[str, Json] = {}

    @cached_property
    def bindings(self) -> tuple[Binding, ...]:
        """The references in the arguments, in document order."""
        return tuple(Binding(at, _reference(at, value)) for at, value in candidates(self.arguments))

    @model_validator(mode="after")
    def _references_are_well_formed(self) -> Self:
        _ = self.bindings
        return self


def _reference(at: tuple[str | int, ...], value: dict[str, JsonValue]) -> Reference:
    try:
        return Reference.model_validate(value)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        place = pointer.join("arguments", *at, *fault["loc"])
        raise PydanticCustomError("reference", "{fault}", {"at": place, "fault": fault["msg"]}) from error


class Criterion(Part):
    """A condition in CEL that the output of its task must meet."""

    id: Identifier
    source: str
    description: str = ""


class ForEach(Part):
    """Do the task once for each item of an array; without `max_items` the linter refuses it."""

    items: Reference
    max_items: Annotated[int, Field(ge=1)] | None = None


class Task(Part):
    """One node of the plan."""

    id: TaskId
    title: str = ""
    deps: tuple[str, ...] = ()
    order_only: tuple[str, ...] = ()
    tool_requests: Annotated[tuple[ToolRequest, ...], Field(min_length=1)]
    acceptance_criteria: tuple[Criterion, ...] = ()
    output_schema: Schema | None = None
    when: str | None = None
    for_each: ForEach | None = None
    on_failure: Literal["fail_run", "continue"] = "fail_run"
    deadline_ms: Annotated[int, Field(ge=1)] | None = None

    @property
    def predecessors(self) -> tuple[str, ...]:
        """The ids of all tasks that must have ended before this one begins, as written."""
        return self.deps + self.order_only


class Plan(Part):
    """What is to be done for a goal: `inputs` is the JSON Schema of the run's inputs, `outputs` what the run returns."""

    name: Annotated[str, StringConstraints(pattern=NAME)]
    goal: str = ""
    version: Annotated[int, Field(ge=1)] = 1
    inputs: Schema = {}
    tasks: Annotated[tuple[Task, ...], Field(min_length=1)]
    outputs: dict[str, Reference] = {}
