"""Completes and examines a goal. What a worker would refuse is refused here, before a run begins."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from awe.adapters.playbooks.goals import Goal
from awe.api.bootstrap.kit import Kit
from awe.api.bootstrap.tool_names import queue_of_file
from awe.commands.messages import SubmitGoal
from awe.commands.planning.findings import Finding
from awe.commands.planning.preview import Preview, preview
from awe.commands.planning.request import fit_for_an_event
from awe.domain.events import Json


class GoalRefused(Exception):  # noqa: N818 (named for the fact, like the rejections)
    """No run can begin with this goal; `findings` say why, an error among them."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("; ".join(f"{found.code} at {found.path}: {found.message}" for found in findings))
        self.findings = findings


class GoalMalformed(ValueError):  # noqa: N818 (likewise)
    """The goal is of no shape that a run can have, for instance empty."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What comes beside the goal itself, from whoever asks; None leaves what the goal says."""

    actor: str
    tenant: str = "default"
    inputs: dict[str, Json] | None = None
    key: str | None = None
    priority: int | None = None
    playbook: str | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    command: SubmitGoal
    preview: Preview


async def prepare(goal: Goal | str, asked: Asked, kit: Kit) -> Prepared:
    """Make the command that begins the run.

    Raises:
        GoalRefused: nothing may begin with it.
        GoalMalformed: a text is empty or too long.
        ToolLoadError: the goal's own tools cannot be loaded.
    """
    file = goal if isinstance(goal, Goal) else None
    words = goal if isinstance(goal, str) else goal.goal
    inputs = {**(file.inputs if file else {}), **(asked.inputs or {})}
    tools = file.tools if file else None
    planning: dict[str, Json] | None = file.planning if file else None
    if asked.playbook is not None:
        planning = {"planner": "playbook", "name": asked.playbook}
    seen = await preview(
        goal=words,
        inputs=inputs,
        tools=tools,
        planning=planning,
        planners=kit.planners,
        catalogue=kit.registry.catalogue,
        expressions=kit.expressions,
        schemas=kit.schemas,
    )
    if not seen.ok:
        raise GoalRefused(seen.findings)
    priority = asked.priority if asked.priority is not None else (file.priority if file else None)
    try:
        command = SubmitGoal(
            tenant=asked.tenant,
            actor=asked.actor,
            goal=words,
            inputs=seen.inputs,
            tools=tools,
            deadline_ms=file.deadline_ms if file else None,
            planning=await fit_for_an_event(planning, kit.blobs),
            queue=_queue(file),
            priority=priority,
            idempotency_key=asked.key,
        )
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        raise GoalMalformed(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}") from error
    return Prepared(command, seen)


def _queue(file: Goal | None) -> str | None:
    """As the goal file says, else the queue of its own tools, if it has any."""
    if file is None:
        return None
    if file.queue is None and file.tools_file is not None:
        return queue_of_file(file.tools_file)
    return file.queue
