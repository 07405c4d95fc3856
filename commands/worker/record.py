"""A task as the log has it: what its events come to, and what an append must expect of it."""

import logging
from collections.abc import Iterable
from typing import Final, NamedTuple, cast

from awe.commands.clock import Clock
from awe.commands.log import EventLog, LogUnavailable, RecordedEvent, RunHistory
from awe.domain.task.events import TaskClaimed, TaskEvent, TaskReady
from awe.domain.task.state import Task, TaskStatus, evolve
from awe.domain.vocabulary import CODEC

_FIRST_PAUSE_S: Final = 0.05
_LONGEST_PAUSE_S: Final = 2.0

_log = logging.getLogger(__name__)


class Record(NamedTuple):
    """`offered_by` and `claimed_by` are the appends that last made the task ready and claimed it, `appends` are all."""

    task: Task = Task()
    version: int = 0
    append_id: str = ""
    offered_by: str = ""
    claimed_by: str = ""
    appends: frozenset[str] = frozenset()


def read_record(events: Iterable[RecordedEvent]) -> Record:
    """Fold the events of one task.

    Raises:
        Undecodable: one cannot be read by this release.
    """
    task, version, append_id, offered_by, claimed_by = Task(), 0, "", "", ""
    appends: set[str] = set()
    for recorded in events:
        event = cast("TaskEvent", CODEC.decode(recorded.type, recorded.body)[0])
        task = evolve(task, event)
        version, append_id = recorded.version, recorded.append_id
        appends.add(append_id)
        if isinstance(event, TaskReady):
            offered_by = append_id
        elif isinstance(event, TaskClaimed):
            claimed_by = append_id
    return Record(task, version, append_id, offered_by, claimed_by, frozenset(appends))


async def load_record(log: EventLog, run: str, aggregate: str, clock: Clock) -> Record:
    """Read a task, however long the log cannot be asked.

    Raises:
        LogCorrupt: the partition is halted.
        Undecodable: one of its events cannot be read by this release.
    """
    return read_record((await _history(log, run, aggregate, clock)).events)


async def _history(log: EventLog, run: str, aggregate: str, clock: Clock) -> RunHistory:
    pause_s = _FIRST_PAUSE_S
    while True:
        try:
            return await log.history(run, aggregate)
        except LogUnavailable as error:
            _log.warning("The log cannot be asked now, it is asked again: %s", error)
            await clock.sleep(pause_s)
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)


def is_over(task: Task, attempt: int) -> bool:
    """Whether the attempt has ended for ever: the message that offered it may be acknowledged (I14)."""
    if task.attempt != attempt:
        return task.attempt > attempt
    return task.status is not TaskStatus.CLAIMED and task.status is not TaskStatus.READY
