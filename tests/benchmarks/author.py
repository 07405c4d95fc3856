"""What a worker appends: events of real classes, built and encoded for each append, every one expecting the last.

Runs have a hundred tasks, tasks have five events, an encoded event has 400 bytes.
"""

from os import urandom
from uuid import uuid4

from awe.commands.log import NEW_RUN, Appended, EventLog, Expect, NewEvent, Unit
from awe.domain.events import Context
from awe.domain.identifiers import run_id_from, task_aggregate, task_key
from awe.domain.task.events import TaskSucceeded
from awe.domain.vocabulary import encode

TASKS = 100
EVENTS_OF_TASK = 5
EVENTS_OF_RUN = TASKS * EVENTS_OF_TASK
BODY = 400

AGGREGATES = [task_aggregate(task_key(f"step_{number:02d}")) for number in range(TASKS)]
_TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def new_run() -> str:
    return run_id_from(urandom(17), 1)


def new_append_id() -> str:
    return uuid4().hex


def body(cause: str, summary: str) -> bytes:
    event = TaskSucceeded(attempt=1, output={"rows": 128, "ok": True, "summary": summary})
    return encode(event, Context("worker:bench-1", f"{cause}.0", "r-00-the-run-it-belongs-to", _TRACE))


SUMMARY = "." * (BODY - len(body(new_append_id(), "")))


class Author:
    """Appends the next event on each call."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._appended = 0
        self._run = ""
        self._last = ""

    async def append(self) -> None:
        task, version = divmod(self._appended % EVENTS_OF_RUN, EVENTS_OF_TASK)
        fresh = task == version == 0
        if fresh:
            self._run = new_run()
        if version == 0:
            self._last = ""
        append_id = new_append_id()
        aggregate = AGGREGATES[task]
        outcome = await self._log.append(
            Unit(
                append_id,
                self._run,
                (NewEvent(aggregate, TaskSucceeded.event_type, body(append_id, SUMMARY)),),
                (Expect(aggregate, version, self._last),),
                absent_at=NEW_RUN if fresh else 0,
            )
        )
        if not isinstance(outcome, Appended):
            raise RuntimeError(f"an append without rivals was refused: {outcome}")  # noqa: TRY004 - an outcome, not a type error
        self._appended += 1
        self._last = append_id
