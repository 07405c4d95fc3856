"""What can be done: begin a run, cancel one. A goal's plan is examined first; nothing begins with one that has errors."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any, cast

import strawberry
from pydantic import ValidationError
from strawberry import Info

from awe.api.goals.preparing import Asked, GoalMalformed, GoalRefused, prepare
from awe.api.graphql import positions
from awe.api.graphql.codes import OFTEN, Code
from awe.api.graphql.context import Context
from awe.api.graphql.members import mutation
from awe.api.graphql.scalars import JSON
from awe.api.graphql.types.results import (
    CancelAccepted,
    CancelRunResult,
    Conflict,
    GoalSubmitted,
    NotFound,
    Overloaded,
    SubmitGoalResult,
    Unavailable,
    ValidationFailed,
)
from awe.api.graphql.types.run import Finding
from awe.commands import handling
from awe.commands.handling import Contended, Handled
from awe.commands.log import LogUnavailable, UnitTooLarge
from awe.commands.messages import RequestCancel
from awe.commands.planning.findings import Finding as Found
from awe.domain.identifiers import MalformedIdentifier, parse_run_id, partition_of
from awe.domain.rejections import Rejected, RunMissing

_ANSWERS = (Rejected, handling.Overloaded, LogUnavailable, Contended, TimeoutError)
_UNKNOWN = "The outcome is not known. Repeat it with the same key: it is done once."


@strawberry.input(description="What is wanted.")
class GoalInput:
    goal: str = strawberry.field(description="In words, up to 20,000 characters.")
    inputs: JSON | None = strawberry.field(default=None, description="An object: the inputs by name.")
    playbook: str | None = strawberry.field(default=None, description="Plan with this playbook.")
    priority: int | None = strawberry.field(
        default=None, description="From -100 to 100; of two runs the higher one is served first."
    )


@strawberry.type
class Mutation:
    @mutation("Begin a run for a goal.")
    async def submit_goal(
        self,
        info: Info[Context, Any],
        input: GoalInput,  # noqa: A002 (the name that clients know)
        idempotency_key: Annotated[
            str,
            strawberry.argument(
                description="The same key with the same goal is the same run; with another goal it is a Conflict."
            ),
        ],
    ) -> SubmitGoalResult:
        services, caller = info.context.services, info.context.caller
        given: Any = input.inputs
        if given is not None and not isinstance(given, dict):
            return _invalid("The inputs are an object, by their names.", "/inputs")
        asked = Asked(
            caller.actor,
            caller.tenant,
            inputs=cast("dict[str, Any] | None", given),
            key=idempotency_key,
            priority=input.priority,
            playbook=input.playbook,
        )
        try:
            prepared = await prepare(input.goal, asked, services.kit)
            async with asyncio.timeout(services.limits.append_s):
                handled = await services.runs.submit(prepared.command)
        except GoalRefused as refused:
            return ValidationFailed(
                code=Code.INVALID_GOAL.value,
                message="The goal or its plan has errors.",
                findings=_findings(refused.findings),
            )
        except (GoalMalformed, UnitTooLarge) as unusable:
            return _unusable(unusable)
        except _ANSWERS as answer:
            return _refusal(answer)
        return GoalSubmitted(
            run=strawberry.ID(handled.run),
            created=handled.changed,
            position=_position(handled),
            plan=cast("JSON | None", prepared.preview.plan),
            findings=_findings(prepared.preview.findings),
        )

    @mutation("Let nothing new begin in a run. Asking again changes nothing.")
    async def cancel_run(
        self,
        info: Info[Context, Any],
        run: strawberry.ID,
        reason: str = "",
        idempotency_key: Annotated[
            str | None,
            strawberry.argument(
                description="For clients that name every mutation: a cancel is done once, with any key or none."
            ),
        ] = None,
    ) -> CancelRunResult:
        del idempotency_key
        services, caller = info.context.services, info.context.caller
        try:
            command = RequestCancel(
                tenant=caller.tenant, actor=caller.actor, run=parse_run_id(run), reason=reason
            )
        except MalformedIdentifier:
            return _invalid("This is no id of a run.", "/run")
        except ValidationError:
            return _invalid("A reason has up to 2,000 characters.", "/reason")
        if partition_of(run) not in services.logs:
            return _not_found(run)
        try:
            async with asyncio.timeout(services.limits.append_s):
                handled = await services.runs.cancel(command)
        except RunMissing:
            return _not_found(run)
        except _ANSWERS as answer:
            return _refusal(answer)
        return CancelAccepted(run=run, changed=handled.changed, position=_position(handled))


def _position(handled: Handled) -> Any:
    return positions.token(partition_of(handled.run), handled.position)


def _findings(found: Sequence[Found]) -> list[Finding]:
    return [
        Finding(
            code=each.code,
            path=each.path,
            message=each.message,
            hint=each.hint,
            severity=each.severity.value,
        )
        for each in found
    ]


def _invalid(message: str, path: str) -> ValidationFailed:
    code = Code.INVALID_ARGUMENT.value
    return ValidationFailed(
        code=code, message=message, findings=[Finding(code=code, path=path, message=message, hint="")]
    )


def _not_found(run: str) -> NotFound:
    return NotFound(code=Code.NOT_FOUND.value, message=f"There is no run {run}.")


def _unusable(fault: GoalMalformed | UnitTooLarge) -> ValidationFailed:
    if isinstance(fault, UnitTooLarge):
        return _invalid("The goal is too large: hand large values over as files.", "/inputs")
    return _invalid(f"The goal is of no shape that a run can have: {fault}.", "")


def _refusal(answer: Exception) -> Conflict | Overloaded | Unavailable:
    if isinstance(answer, Rejected):
        return Conflict(code=answer.code, message=OFTEN[Code.CONFLICT])
    if isinstance(answer, handling.Overloaded):
        message = "No new work is taken now. Try again later, with the same key."
        return Overloaded(code=Code.OVERLOADED.value, message=message)
    return Unavailable(code=Code.UNAVAILABLE.value, message=_UNKNOWN)
