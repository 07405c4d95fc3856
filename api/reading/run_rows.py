"""What the read models hold of one run, all of it at one moment."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pydantic_core import to_json

from awe.api.reading.call_files import Call, by_call, in_order, positions_of_several
from awe.api.reading.entries import decoded
from awe.api.reading.snapshot import Snapshot
from awe.domain.task.state import TaskStatus
from awe.projections.projector import Projector, Row
from awe.projections.queries import calls, events, run_details, runs, tasks
from awe.projections.queries.calls import ArtifactsBehind, TaskRef
from awe.projections.queries.tasks import TasksBehind
from awe.projections.read_models.artifacts import Artifacts
from awe.projections.read_models.operations import Operations
from awe.projections.read_models.run_details import RunDetails
from awe.projections.read_models.runs import GOAL_LENGTH, MESSAGE_LENGTH, Runs
from awe.projections.read_models.tasks import Tasks

OF_A_RUN: Final[Sequence[Projector]] = (Runs(), RunDetails(), Tasks(), Operations(), Artifacts())

_ALL: Final = 2**31 - 1
_PLAIN: Final = frozenset({TaskStatus.SUCCEEDED.value, TaskStatus.SKIPPED.value})
"""What a call of such a task came to later changes nothing that is shown of it."""

_RUN: Final = (
    "status",
    "tenant",
    "actor",
    "goal",
    "queue",
    "priority",
    "submitted_ms",
    "ended_ms",
    "last_ms",
    "failure",
    "message",
)
_DETAILS: Final = (
    "inputs",
    "tools",
    "deadline_ms",
    "plan_digest",
    "plan",
    "findings",
    "cancel_reason",
    "outputs",
    "outputs_blob",
    "failing",
)
_OPERATION: Final = (
    "call",
    "generation",
    "status",
    "tool",
    "effect",
    "repeatable",
    "attempt",
    "calls",
    "arguments_digest",
    "started_ms",
    "call_until_ms",
    "late",
)
_ARTIFACT: Final = (
    "task",
    "call",
    "generation",
    "n",
    "name",
    "media_type",
    "bytes",
    "sha256",
    "attempt",
)
_TASK: Final = (
    "status",
    "attempt",
    "worker",
    "ready_ms",
    "begun_ms",
    "ended_ms",
    "due_ms",
    "failure",
    "message",
    "output",
    "output_blob",
    "calls",
)


@dataclass(frozen=True, slots=True)
class RunRows:
    """`tasks` stand in the order in which they began; `operations` are there of those whose calls show in the view.

    `artifacts` are those of each call in the order in which its event names them; of calls in `jumbled` they are in
    none. `events` has for each type how many events of the run the read models have taken in, and the last one's
    position.
    """

    run: Row
    details: Row
    tasks: Sequence[Row]
    operations: Mapping[str, Sequence[Row]]
    artifacts: Mapping[Call, Sequence[Row]]
    jumbled: Collection[Call]
    events: Mapping[str, tuple[int, int]]

    @property
    def tell_all(self) -> bool:
        """Whether a view can be made of these rows that is the same as one of the events.

        Long texts are cut, NUL stands as U+FFFD, and of a call that was made or told of more than once only what came
        of it is kept: where that would show, the log must be asked.
        """
        return (
            len(self.run["goal"]) < GOAL_LENGTH
            and len(self.run["message"] or "") < MESSAGE_LENGTH
            and not any(self._is_unclear(task) for task in self.tasks)
            and "\ufffd".encode()
            not in to_json((self.run, self.details, self.tasks, list(self.artifacts.values())))
        )

    def _is_unclear(self, task: Row) -> bool:
        operations = self.operations.get(task["task"], ())
        if task["status"] not in _PLAIN and any(each["late"] for each in operations):
            return True
        if task["status"] == TaskStatus.UNKNOWN and any(each["calls"] != 1 for each in operations):
            return True
        return any(self._has_more_to_tell(task["task"], each) for each in operations)

    def _has_more_to_tell(self, task: str, operation: Row) -> bool:
        """Whether files of one call may be those of more than one success."""
        files = self.files(task, operation)
        return (task, operation["call"], operation["generation"]) in self.jumbled or any(
            each["attempt"] != operation["attempt"] for each in files
        )

    def files(self, task: str, operation: Row) -> Sequence[Row]:
        """The artifacts of one operation."""
        return self.artifacts.get((task, operation["call"], operation["generation"]), ())


async def run_rows(models: Snapshot, partition: str, run: str) -> RunRows | None:
    """Return the rows of a run, or None where there are none, or none that begin with its goal."""
    key, connection = (partition, run), models.connection
    told = (await runs.of_keys(connection, _RUN, [key])).get(key)
    details = (await run_details.of_keys(connection, _DETAILS, [key])).get(key)
    if told is None or details is None or told["submitted_ms"] is None:
        return None
    (of_run,) = await tasks.pages(connection, _TASK, [TasksBehind(partition, run)], _ALL)
    (files,) = await calls.artifacts_of_runs(connection, _ARTIFACT, [ArtifactsBehind(partition, run)], _ALL)
    made = by_call(files)
    told_of = await events.at(connection, partition, positions_of_several(made))
    entries = {n: decoded(stored) for n, stored in told_of.items()}
    ordered = {call: in_order(of_call, entries) for call, of_call in made.items()}
    with_files = {row["task"] for row in files}
    names = [row["task"] for row in of_run if row["status"] not in _PLAIN or row["task"] in with_files]
    operations = await calls.operations(
        connection, _OPERATION, [TaskRef(partition, run, name) for name in names], _ALL
    )
    return RunRows(
        told,
        details,
        of_run,
        dict(zip(names, operations, strict=True)),
        artifacts={call: ordered[call] or of_call for call, of_call in made.items()},
        jumbled={call for call, found in ordered.items() if found is None},
        events=await events.counted(connection, key, models.reached(partition)),
    )
