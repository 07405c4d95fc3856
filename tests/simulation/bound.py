"""Compares the arguments of a call with what the log says of the tasks that they were bound to."""

import json
from typing import Any, cast

from awe.domain.events import Json
from awe.domain.identifiers import TaskKey, split_task_key
from awe.domain.plan import pointer
from awe.domain.plan.bindings import Reference
from awe.domain.plan.model import Plan, Task
from awe.domain.task.events import OperationStarted
from simulation.story import RunStory


class _Elsewhere(Exception):  # noqa: N818 (an answer)
    """The value lies in a blob, or cannot be said from here."""


def unlike_what_was_bound(story: RunStory, key: TaskKey, started: OperationStarted) -> str | None:
    """What differs between a call's arguments and the recorded outputs that its plan binds them to, if anything does."""
    name, item = split_task_key(key)
    plan = story.plan
    task = next((each for each in plan.tasks if each.id == name), None) if plan is not None else None
    if plan is None or task is None or started.arguments is None:
        return None
    arguments: Any = started.arguments
    for at, reference in task.tool_requests[started.index].bindings:
        try:
            meant = _meant(story, plan, task, item, reference)
        except _Elsewhere:
            continue
        given = pointer.resolve(arguments, [str(each) for each in at])
        if json.dumps(given, sort_keys=True) != json.dumps(meant, sort_keys=True):
            return f"call {started.index} got {given} at {at}, '{reference.source}' recorded {meant}"
    return None


def _meant(story: RunStory, plan: Plan, task: Task, item: int | None, reference: Reference) -> Json:
    try:
        return pointer.resolve(_source(story, plan, task, item, reference), pointer.tokens_of(reference.path))
    except LookupError:
        return reference.default


def _source(story: RunStory, plan: Plan, task: Task, item: int | None, reference: Reference) -> Json:
    if reference.request is not None:
        raise _Elsewhere
    if reference.source == "inputs":
        return story.state.goal.inputs if story.state.goal is not None else {}
    if reference.source == "item" and task.for_each is not None and item is not None:
        items = cast("list[Json]", _meant(story, plan, task, None, task.for_each.items))
        return items[item]
    return _recorded(story, plan, reference.source)


def _recorded(story: RunStory, plan: Plan, source: str) -> Json:
    producer = next(each for each in plan.tasks if each.id == source)
    if producer.for_each is None:
        keys = [TaskKey(source)] if TaskKey(source) in story.outputs else []
    else:
        keys = sorted((key for key in story.outputs if key.startswith(f"{source}[")), key=_item)
    outputs = [story.outputs[key] for key in keys]
    if not outputs and producer.for_each is not None:
        raise _Elsewhere  # no item left anything, or it was skipped as a whole
    if not outputs:
        raise LookupError(source)
    if any(each.output_blob is not None for each in outputs):
        raise _Elsewhere
    if producer.for_each is not None:
        return [each.output for each in outputs]
    return outputs[0].output


def _item(key: TaskKey) -> int:
    return split_task_key(key)[1] or 0
