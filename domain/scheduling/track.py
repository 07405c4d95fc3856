"""What the scheduler knows of a task that was begun, read from the heads of its events.

Most events are skipped undecoded: what they say of operations is only needed when a worker is lost or an outcome was
unknown, and is then read from the task's history.
"""

from dataclasses import dataclass
from typing import Final, Protocol

from awe.domain.identifiers import TaskKey
from awe.domain.scheduling.frontier import Candidate
from awe.domain.task.events import OperationFailed, OperationStarted, OperationSucceeded
from awe.domain.task.state import TaskStatus

UNREAD: Final = frozenset(
    f"{event.event_name}/{version}"
    for event in (OperationStarted, OperationSucceeded, OperationFailed)
    for version in range(1, event.schema_version + 1)
)
"""Types of events that need not be decoded here."""


class Stamp(Protocol):
    """What the log says of an event: its position, its version in the aggregate, who appended it, and when."""

    @property
    def n(self) -> int: ...
    @property
    def version(self) -> int: ...
    @property
    def append_id(self) -> str: ...
    @property
    def time_ms(self) -> int: ...


@dataclass(slots=True)
class Track:
    """`attempt` is the one last made ready, at `ready_ms` by event `ready_n`, first at `first_ready_ms`.

    `lease_end_ms` is the end of the claim as it was made; `due_ms` says when a waiting task is to be made ready again.
    `candidate` is its place in the plan, None for what is no task of the plan.
    """

    key: TaskKey
    candidate: Candidate | None = None
    status: TaskStatus = TaskStatus.ABSENT
    version: int = 0
    append_id: str = ""
    attempt: int = 0
    ready_n: int = 0
    ready_append: str = ""
    ready_ms: int = 0
    first_ready_ms: int = 0
    lease_end_ms: int = 0
    lease_ms: int = 0
    due_ms: int = 0
    seen_late: bool = False
    """A late observation may have resolved the unknown outcome: the history tells."""
