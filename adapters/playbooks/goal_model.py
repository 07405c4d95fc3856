"""What a goal file may say, typed."""

from typing import Annotated, Any, Final, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from awe.adapters.playbooks.durations import PATTERN, milliseconds
from awe.domain.events import Json
from awe.domain.run.events import Priority, QueueName

IDENTITY: Final = "urn:awe:goal:1"
WAYS: Final = ("plan", "playbook", "planning")


def _duration(text: str) -> str:
    try:
        milliseconds(text)
    except ValueError as error:
        raise PydanticCustomError("duration", "{fault}", {"fault": str(error)}) from error
    return text


def _file_beside(name: str) -> str:
    parts = name.replace("\\", "/").split("/")
    if name.startswith(("/", "~")) or ".." in parts or ":" in parts[0]:
        raise PydanticCustomError(
            "file_beside", "a file beside the goal file, or in a folder below, is named here"
        )
    return name


Duration = Annotated[
    str,
    AfterValidator(_duration),
    WithJsonSchema({"type": "string", "pattern": PATTERN, "examples": ["90s", "10m", "1h30m"]}),
]
Beside = Annotated[str, Field(min_length=1, max_length=1_000), AfterValidator(_file_beside)]


class GoalFile(BaseModel):
    """A goal as a file: what is wanted, with which inputs, and how a plan is found.

    At most one of `plan` (a file), `playbook` (a file, or the name of a known playbook) and `planning` (in full)
    says where the plan comes from; without any, the `plan.json` or `playbook.yaml` beside the goal file does, or
    else whichever playbook matches the goal.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    goal: Annotated[str, Field(min_length=1, max_length=20_000, description="What is wanted, in words.")]
    inputs: Annotated[dict[str, Json], Field(description="The inputs of the run.")] = {}
    tools: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=200)], ...] | None,
        Field(description="The only tools that the plan may call; all, when left out."),
    ] = None
    deadline: Annotated[Duration | None, Field(description="How long the run may take in all.")] = None
    queue: Annotated[QueueName | None, Field(description="The task queue whose workers serve the run.")] = (
        None
    )
    priority: Annotated[Priority | None, Field(description="Runs with a higher number are served first.")] = (
        None
    )
    plan: Annotated[Beside | None, Field(description="The file with the plan.")] = None
    playbook: Annotated[
        Beside | None, Field(description="A file with a playbook, or the name of a known playbook.")
    ] = None
    planning: Annotated[dict[str, Json] | None, Field(description="How the plan is found, in full.")] = None

    @model_validator(mode="after")
    def _one_way_to_a_plan(self) -> Self:
        said = [way for way in WAYS if getattr(self, way) is not None]
        if len(said) > 1:
            ways = " and ".join(f"`{way}`" for way in said)
            raise PydanticCustomError("one_way", "{ways} exclude each other", {"ways": ways})
        return self


def goal_json_schema() -> dict[str, Any]:
    """The schema of a goal file, Draft 2020-12: committed as `goal.schema.json`, compared by a test."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": IDENTITY}
    return head | GoalFile.model_json_schema()
