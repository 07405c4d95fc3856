"""What a mutation comes to: what was wanted, or why not, as types that a client tells apart."""

from typing import Annotated

import strawberry

from awe.api.graphql.scalars import JSON, PositionToken
from awe.api.graphql.types.run import Finding


@strawberry.interface(description="Why nothing was done. `code` is stable, `message` is for people.")
class UserError:
    code: str
    message: str


@strawberry.type(description="The goal cannot be run as it is; `findings` say why.")
class ValidationFailed(UserError):  # noqa: N818 (a GraphQL type, not an exception)
    findings: list[Finding]


@strawberry.type(description="The state forbids it, or the key was used for something else.")
class Conflict(UserError):  # noqa: N818 (a GraphQL type, not an exception)
    pass


@strawberry.type
class NotFound(UserError):  # noqa: N818 (a GraphQL type, not an exception)
    pass


@strawberry.type(description="No new work is taken now: try again later, with the same key.")
class Overloaded(UserError):  # noqa: N818 (a GraphQL type, not an exception)
    pass


@strawberry.type(description="The outcome is not known: repeat it with the same key, and it is done once.")
class Unavailable(UserError):  # noqa: N818 (a GraphQL type, not an exception)
    pass


@strawberry.type(description="The run has begun.")
class GoalSubmitted:
    run: strawberry.ID
    created: bool = strawberry.field(description="False when the same key began this run before.")
    position: PositionToken = strawberry.field(
        description="Hand it over as `minPosition`, to read what was written here."
    )
    plan: JSON | None = strawberry.field(description="The plan that was examined.")
    findings: list[Finding] = strawberry.field(description="What was found, none of which stands in the way.")


@strawberry.type(description="Nothing new begins in the run; what runs is still reported.")
class CancelAccepted:
    run: strawberry.ID
    changed: bool = strawberry.field(description="False when a cancel was requested before.")
    position: PositionToken


SubmitGoalResult = Annotated[
    GoalSubmitted | ValidationFailed | Conflict | Overloaded | Unavailable,
    strawberry.union("SubmitGoalResult"),
]
CancelRunResult = Annotated[
    CancelAccepted | ValidationFailed | NotFound | Conflict | Overloaded | Unavailable,
    strawberry.union("CancelRunResult"),
]
