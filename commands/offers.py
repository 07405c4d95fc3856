"""A message of a work queue: a `TaskReady` event, as the append that wrote it sent it along.

It names the event it stands for, so the worker knows the task's version without loading anything, and so that its
acknowledgement can never hit another event's message (I14).
"""

from typing import NamedTuple

from pydantic_core import from_json

from awe.commands.log import Ack
from awe.domain.codec import Codec, Undecodable
from awe.domain.events import Context
from awe.domain.identifiers import RunId, TaskKey, parse_run_id, task_of_aggregate
from awe.domain.task.events import TaskReady

DEFAULT_QUEUE = "default"
"""The task queue that every worker serves."""


class MalformedOffer(ValueError):  # noqa: N818 (named for the fact)
    """The message is no offer of a task; nobody can work on it."""


class Offer(NamedTuple):
    """An offered task: where the offer came from, which event it is, and what that says."""

    queue: str
    message_id: str
    n: int
    run: RunId
    task: TaskKey
    aggregate: str
    version: int
    append_id: str
    ready: TaskReady
    context: Context

    @property
    def ack(self) -> Ack:
        """What acknowledges this message."""
        return Ack(self.queue, self.message_id, self.n, self.append_id)


def read_offer(queue: str, message_id: str, data: bytes, codec: Codec) -> Offer:
    """Read a message of a queue.

    Raises:
        MalformedOffer: it is none.
        UnknownEvent: a newer release wrote it.
    """
    try:
        said = from_json(data, cache_strings="keys")
        event, context = codec.decode_content(said["type"], said["event"])
        aggregate = said["aggregate"]
        place = (said["n"], parse_run_id(said["run"]), task_of_aggregate(aggregate))
        version, append_id = said["version"], said["append"]
    except Undecodable:
        raise
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise MalformedOffer(f"message {message_id} of queue {queue!r} cannot be read: {error}") from error
    n, run, task = place
    if task is None or not isinstance(event, TaskReady):
        raise MalformedOffer(f"message {message_id} of queue {queue!r} offers no task")
    return Offer(queue, message_id, n, run, task, aggregate, version, append_id, event, context)
