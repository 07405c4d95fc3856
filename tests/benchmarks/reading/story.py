"""Runs as the archive holds them: each task becomes ready, is claimed, calls once and succeeds, as most do."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, Final

from awe.domain.contracts import Effect
from awe.domain.events import Context, Event, encode
from awe.domain.identifiers import RUN_AGGREGATE, TaskKey, task_aggregate
from awe.domain.run.events import GoalSubmitted, PlanAccepted, PlanProposed, RunSucceeded
from awe.domain.task.events import OperationStarted, OperationSucceeded, TaskClaimed, TaskReady, TaskSucceeded
from awe.projections.stored import StoredEntry

EVENTS_OF_TASK: Final = 5
EVENTS_OF_RUN: Final = 4

_DIGEST: Final = "d" * 64
_FIRST_MS: Final = 1_700_000_000_000
_OUTPUT: Final[dict[str, Any]] = {
    "rows": 128,
    "ok": True,
    "summary": "what the call saw, in a few words, and no more than that",
}
_TRACE: Final = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def events_of(tasks: int) -> int:
    """How many events a run of so many tasks has."""
    return EVENTS_OF_RUN + EVENTS_OF_TASK * tasks


@lru_cache(maxsize=4)
def told(tasks: int) -> Sequence[tuple[str, Event]]:
    """The events of a run of so many tasks, each with its aggregate."""
    keys = [TaskKey(f"step_{number:04d}") for number in range(tasks)]
    plan: dict[str, Any] = {
        "name": "a plan",
        "tasks": [{"id": key, "tool_requests": [{"tool": "bench.noop", "arguments": {}}]} for key in keys],
    }
    goal = GoalSubmitted(
        tenant="default",
        goal="write notes on what was read",
        inputs={"seed": 1},
        planning={"planner": "given"},
    )
    return [
        (RUN_AGGREGATE, goal),
        (RUN_AGGREGATE, PlanProposed(number=1, digest=_DIGEST, plan=plan)),
        (RUN_AGGREGATE, PlanAccepted(number=1, digest=_DIGEST)),
        *((task_aggregate(key), event) for key in keys for event in _task()),
        (RUN_AGGREGATE, RunSucceeded(outputs={"seen": 1})),
    ]


def _task() -> Sequence[Event]:
    return (
        TaskReady(attempt=1, plan=1),
        TaskClaimed(attempt=1, worker="worker-1", lease_ms=30_000),
        OperationStarted(
            attempt=1,
            index=0,
            generation=1,
            tool="bench.noop@1",
            contract=_DIGEST,
            effect=Effect.READ,
            repeatable=True,
            arguments_digest=_DIGEST,
            call_until_ms=_FIRST_MS,
        ),
        OperationSucceeded(attempt=1, index=0, generation=1, output=dict(_OUTPUT)),
        TaskSucceeded(attempt=1, output=dict(_OUTPUT)),
    )


@lru_cache(maxsize=4)
def _encoded(tasks: int) -> Sequence[tuple[bytes, str, bytes]]:
    """Type, aggregate and version, and body of each."""
    versions: dict[str, int] = {}
    found: list[tuple[bytes, str, bytes]] = []
    for aggregate, event in told(tasks):
        versions[aggregate] = version = versions.get(aggregate, 0) + 1
        body = encode(event, Context("worker:worker-1", f"a{version}.0", "what-set-it-in-motion", _TRACE))
        found.append((event.event_type.encode(), f"{aggregate}\t{version}", body))
    return found


def entries(run: str, first: int, tasks: int) -> Iterator[StoredEntry]:
    """A run's entries from position ``first`` on, a millisecond each."""
    for n, (kind, place, body) in enumerate(_encoded(tasks), first):
        yield StoredEntry(n, kind, f"{run}\t{place}\ta{n}\t0\t{_FIRST_MS + n}".encode(), body)
