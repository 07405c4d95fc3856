"""A playbook is a plan with holes: a name, the goals it is for, the inputs it takes, and a template of the plan.

The template is a plan in which `{"$param": NAME}` stands for an input. It may leave out `name`, `version`, `goal` and
`inputs`: the plan then has those of the playbook, and the goal in words.
"""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from awe.domain.plan import pointer
from awe.domain.plan.bindings import Json
from awe.domain.plan.model import NAME, Schema
from awe.domain.plan.playbook.placeholders import Placeholder, placeholders

MOST_WORDINGS = 100

Wording = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"\w")]


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Match(Part):
    """The goals that a playbook is for: those that have one of the phrases in them, or all of the keywords."""

    phrases: Annotated[tuple[Wording, ...], Field(max_length=MOST_WORDINGS)] = ()
    keywords: Annotated[tuple[Wording, ...], Field(max_length=MOST_WORDINGS)] = ()


class Playbook(Part):
    """A named plan with parameters: `inputs` is the JSON Schema of what it takes, with defaults."""

    name: Annotated[str, StringConstraints(pattern=NAME)]
    version: Annotated[int, Field(ge=1)] = 1
    title: Annotated[str, StringConstraints(max_length=200)] = ""
    description: Annotated[str, StringConstraints(max_length=10_000)] = ""
    match: Match = Match()
    inputs: Schema = {}
    plan: dict[str, Json]

    @model_validator(mode="after")
    def _placeholders_are_well_formed(self) -> Self:
        for at, value in placeholders(self.plan):
            try:
                Placeholder.model_validate(value)
            except ValidationError as error:
                fault = error.errors(include_url=False)[0]
                place = pointer.join("plan", *at, *fault["loc"])
                raise PydanticCustomError(
                    "placeholder", "{fault}", {"at": place, "fault": fault["msg"]}
                ) from error
        return self
