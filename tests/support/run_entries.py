"""The entries of one run as a view is given them: one event a second, from position 1 on."""

from typing import Any, Final

from awe.domain.events import Event
from awe.domain.identifiers import TaskKey, task_aggregate
from awe.domain.run.events import GoalSubmitted, PlanAccepted, PlanProposed
from awe.projections.views.entry import Entry
from awe.projections.views.run import RunView

RUN: Final = "r-00-" + "0" * 26
DIGEST: Final = "d" * 64


def entries(*told: tuple[str, Event | None]) -> list[Entry]:
    """`told` are pairs of `run` or a task's key, and an event (None: one of a newer release)."""
    return [
        Entry(
            n,
            RUN,
            name if name == "run" else task_aggregate(TaskKey(name)),
            n * 1000,
            "awe.run.dreamt/1" if event is None else event.event_type,
            event,
            "ana",
        )
        for n, (name, event) in enumerate(told, 1)
    ]


def view(*told: tuple[str, Event | None]) -> RunView:
    return RunView.of(RUN, entries(*told))


def goal(text: str = "write notes") -> GoalSubmitted:
    return GoalSubmitted(tenant="default", goal=text, inputs={})


def planned(*tasks: dict[str, Any], number: int = 1) -> tuple[tuple[str, Event], ...]:
    """A goal and its accepted plan; each task needs only its `id`."""
    whole = [{"tool_requests": [{"tool": "t"}], **task} for task in tasks]
    plan: dict[str, Any] = {"name": "notes", "tasks": whole}
    return (
        ("run", goal()),
        ("run", PlanProposed(number=number, digest=DIGEST, plan=plan)),
        ("run", PlanAccepted(number=number, digest=DIGEST)),
    )
