"""The tasks of a plan as its reader thinks of them: one step a task, however many items it is done for.

A step that has not begun has no events, so what is still to come is read from the plan.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from awe.domain.identifiers import split_task_key
from awe.domain.plan.graph import Graph
from awe.domain.task.state import ENDED, TaskStatus
from awe.projections.views.run import RunView
from awe.projections.views.task import TaskView

AT_WORK: Final = (TaskStatus.CLAIMED, TaskStatus.READY, TaskStatus.WAITING, TaskStatus.FAILED)
"""What goes on by itself; the most lively first."""

_WEIGHT: Final = (
    *AT_WORK,
    TaskStatus.UNKNOWN,
    TaskStatus.DEAD_LETTERED,
    TaskStatus.CANCELLED,
    TaskStatus.SUCCEEDED,
    TaskStatus.SKIPPED,
    TaskStatus.ABSENT,
)


@dataclass(frozen=True, slots=True)
class Step:
    """One task of the plan, or of the engine itself (`sys.plan`).

    Attributes:
        level: the longest chain of tasks before it; 0 for what stands in no plan.
        status: of its items the one that says most about what goes on.
        items: the tasks behind it: one, or the items seen so far, in order; none before it began.
    """

    id: str
    level: int
    status: TaskStatus
    items: tuple[TaskView, ...]
    fans_out: bool = False

    @property
    def begun_ms(self) -> int | None:
        return min((item.begun_ms for item in self.items if item.begun_ms is not None), default=None)

    @property
    def ended_ms(self) -> int | None:
        """When its last item came to rest; None while one has not."""
        ends = [item.ended_ms for item in self.items]
        return None if not ends or None in ends else max(end for end in ends if end is not None)

    @property
    def attempts(self) -> int:
        """The most attempts that any item took."""
        return max((item.state.attempt for item in self.items), default=0)

    @property
    def counts(self) -> Counter[TaskStatus]:
        return Counter(item.status for item in self.items)

    @property
    def told(self) -> TaskView | None:
        """The item that gave the step its status."""
        return next((item for item in self.items if item.status is self.status), None)


def steps(view: RunView) -> tuple[Step, ...]:
    """The engine's own steps first, then those of the plan in its order, then what an earlier plan left behind."""
    found: dict[str, list[TaskView]] = {}
    for key, task in view.tasks.items():
        found.setdefault(split_task_key(key)[0], []).append(task)
    for items in found.values():
        items.sort(key=lambda task: split_task_key(task.key)[1] or 0)
    planned = [] if view.plan is None else list(zip(view.plan.tasks, Graph.of(view.plan).levels, strict=True))
    ids = {task.id for task, _ in planned}
    return (
        *(_step(name, 0, items) for name, items in found.items() if name.startswith("sys.")),
        *(
            _step(task.id, level, found.get(task.id, ()), fans_out=task.for_each is not None)
            for task, level in planned
        ),
        *(
            _step(name, 0, items)
            for name, items in found.items()
            if name not in ids and not name.startswith("sys.")
        ),
    )


def unresolved(view: RunView) -> tuple[TaskView, ...]:
    """The tasks whose outcome nobody knows, if the run waits for nothing else; else none.

    Whatever is not behind one of them has ended, so nothing will happen before a person has looked.
    """
    if view.ended or view.plan is None:
        return ()
    unknown = tuple(task for task in view.tasks.values() if task.status is TaskStatus.UNKNOWN)
    if not unknown or any(task.status in AT_WORK for task in view.tasks.values()):
        return ()
    by_id = {step.id: step for step in steps(view)}
    graph = Graph.of(view.plan)
    blocked: set[int] = set()
    for number in graph.order:
        step = by_id[view.plan.tasks[number].id]
        if step.status is TaskStatus.UNKNOWN or not blocked.isdisjoint(graph.predecessors[number]):
            blocked.add(number)
        elif step.status not in ENDED and not _cancelling(view):
            return ()
    return unknown


def _cancelling(view: RunView) -> bool:
    """Nothing new begins then."""
    return view.status == "cancelling"


def _step(name: str, level: int, items: Sequence[TaskView], *, fans_out: bool = False) -> Step:
    status = min((item.status for item in items), key=_WEIGHT.index, default=TaskStatus.ABSENT)
    return Step(name, level, status, tuple(items), fans_out)
