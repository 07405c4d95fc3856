"""When a run ends, and what has to be stopped before it may (I18).

Nothing is cut off unseen: a claimed task is waited for, since it ends by itself or when its lease does. A task whose
outcome is unknown keeps its run open until somebody resolves it, or a cancel gives it up.
"""

from collections.abc import Iterator
from typing import NamedTuple

from awe.domain.events import Json
from awe.domain.failures import FailureClass
from awe.domain.run import decisions
from awe.domain.run.decisions import Events
from awe.domain.run.state import RunStatus
from awe.domain.scheduling.run_schedule import RunSchedule
from awe.domain.scheduling.track import Track
from awe.domain.task import decisions as task_decisions
from awe.domain.task.events import TaskEvent
from awe.domain.task.state import Task, TaskStatus

_STOPPABLE = (TaskStatus.READY, TaskStatus.WAITING, TaskStatus.FAILED)


class Stop(NamedTuple):
    """A task that will not go on, and the events that say so."""

    track: Track
    events: tuple[TaskEvent, ...]


def stops(schedule: RunSchedule, now_ms: int) -> Iterator[Stop]:
    """What is to be stopped because nothing of the run may begin any more."""
    if schedule.ended or schedule.may_begin(now_ms):
        return
    cancelling = schedule.state.status is RunStatus.CANCELLING
    statuses = (*_STOPPABLE, TaskStatus.UNKNOWN) if cancelling else _STOPPABLE
    for track in schedule.tracks_at(*statuses):
        task = Task(status=track.status, attempt=track.attempt)
        if cancelling:
            yield Stop(track, task_decisions.cancel(task, reason="the run is cancelled"))
        elif schedule.failing:
            first = schedule.failing[0]
            reason = (
                f"the run fails, since '{first.task}' did"
                if first.task
                else f"the run fails: {first.message}"
            )
            yield Stop(track, task_decisions.cancel(task, reason=reason))
        else:
            yield Stop(
                track,
                task_decisions.give_up(
                    task,
                    failure=FailureClass.DEADLINE_EXCEEDED,
                    rule="deadline",
                    cause="the deadline of the run has passed",
                ),
            )


def may_end(schedule: RunSchedule, now_ms: int) -> bool:
    """Whether nothing of the run is at work or waited for, so that its end can be decided."""
    if schedule.ended or not schedule.version or any(schedule.by_status.values()):
        return False
    if not schedule.may_begin(now_ms):
        return True
    return schedule.preparation is not None and schedule.preparation.frontier.finished


def end(schedule: RunSchedule, outputs: dict[str, Json] | str, outputs_blob: str | None = None) -> Events:
    """The end of a run that may end; `outputs` are its outputs, or say what is wrong with them."""
    run = schedule.state
    if run.status is RunStatus.CANCELLING:
        return decisions.cancel(run)
    if schedule.failing:
        first = schedule.failing[0]
        return decisions.fail(
            run,
            failure=first.failure,
            message=f"'{first.task}' failed: {first.message}" if first.task else first.message,
            failing=[each.task for each in schedule.failing if each.task],
        )
    if schedule.preparation is None or not schedule.preparation.frontier.finished:
        return decisions.fail(
            run, failure=FailureClass.DEADLINE_EXCEEDED, message="the deadline of the run has passed"
        )
    if isinstance(outputs, str):
        return decisions.fail(run, failure=FailureClass.INVALID_INPUT, message=outputs)
    if outputs_blob is not None:
        return decisions.succeed(run, outputs_blob=outputs_blob)
    return decisions.succeed(run, outputs=outputs)
