"""Every name in the engine is a string that says by itself where the thing lives.

A run's id carries its partition, so whoever holds an id can find the log without a lookup. Names that stand for a
command or an operation are derived from what they identify and from nothing else: the same command always names the
same run (I19), and the same operation has the same idempotency key over attempts and worker losses (I22). What is
hashed is length-prefixed, so no two lists of parts share a hash by running into each other.

Inside its run an aggregate is addressed by a short key: `run` for the run itself, `t:<task key>` for a task.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import Final, NewType

RunId = NewType("RunId", str)
"""`r-PP-` with the partition in two decimal digits, then 26 characters of lowercase Crockford base32 (130 bits)."""

TaskKey = NewType("TaskKey", str)
"""The id of a task in the plan, with `[n]` for the n-th item (from 0) of a `for_each` task: `collect`, `collect[3]`.

What the engine itself has to do in a run is a task too, under an id that no plan can have: `sys.plan`.
"""

RUN_AGGREGATE: Final = "run"
PLANNING: Final = TaskKey("sys.plan")
MAX_PARTITIONS: Final = 100

_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_RUN_ID: Final = re.compile(rf"r-([0-9]{{2}})-[{_ALPHABET}]{{26}}")
_TASK_KEY: Final = re.compile(r"((?:sys\.)?[A-Za-z_][A-Za-z0-9_]{0,63})(?:\[(0|[1-9][0-9]{0,8})\])?")
_TASK_PREFIX: Final = "t:"
_NAME_BITS: Final = 130
_NAME_BYTES: Final = 17


class MalformedIdentifier(ValueError):  # noqa: N818 (named for the fact, like the rejections)
    """The text is no identifier of this kind; the message shows the form that was expected."""


def run_id_for(tenant: str, actor: str, idempotency_key: str, partitions: int) -> RunId:
    """The one run that this command names; the partition is the hash modulo the number of partitions."""
    return _run_id(_hash("run", tenant, actor, idempotency_key), partitions)


def run_id_from(entropy: bytes, partitions: int) -> RunId:
    """A run id out of at least 17 bytes of randomness, for a command that came without an idempotency key."""
    if len(entropy) < _NAME_BYTES:
        raise ValueError(f"a run id needs at least {_NAME_BYTES} bytes of randomness, got {len(entropy)}")
    return _run_id(entropy, partitions)


def parse_run_id(text: str) -> RunId:
    partition_of(text)
    return RunId(text)


def partition_of(run_id: str) -> int:
    """The partition that holds the run; raises `MalformedIdentifier` for what is no run id."""
    match = _RUN_ID.fullmatch(run_id)
    if match is None:
        raise MalformedIdentifier(f"{run_id!r} is no run id; expected r-PP- and 26 characters of {_ALPHABET}")
    return int(match[1])


def task_key(task: str, item: int | None = None) -> TaskKey:
    return parse_task_key(task if item is None else f"{task}[{item}]")


def parse_task_key(text: str) -> TaskKey:
    split_task_key(text)
    return TaskKey(text)


def split_task_key(key: str) -> tuple[str, int | None]:
    """The task's id in the plan, and the number of the item where the key names one."""
    match = _TASK_KEY.fullmatch(key)
    if match is None:
        raise MalformedIdentifier(f"{key!r} is no task key; expected a task id like collect, or collect[3]")
    return match[1], None if match[2] is None else int(match[2])


def task_aggregate(key: TaskKey) -> str:
    """How the task's aggregate is addressed inside its run."""
    return _TASK_PREFIX + key


def task_of_aggregate(aggregate: str) -> TaskKey | None:
    """The task behind an aggregate's address, or None when the aggregate is no task."""
    return TaskKey(aggregate.removeprefix(_TASK_PREFIX)) if aggregate.startswith(_TASK_PREFIX) else None


@dataclass(frozen=True, slots=True)
class OperationId:
    """One tool or model call of a task, the same over attempts and worker losses (I22).

    `index` is its place among the task's calls, from 0; `generation`, from 1, rises when the arguments change or a
    definite failure needs a new key. The item of a `for_each` task is part of the task's key.
    """

    run: RunId
    task: TaskKey
    index: int
    generation: int

    @property
    def idempotency_key(self) -> str:
        """`awe-` and 128 bits in hex: what the target of a call recognises a repetition by."""
        parts = ("operation", self.run, self.task, str(self.index), str(self.generation))
        return f"awe-{_hash(*parts)[:16].hex()}"


def _hash(*parts: str) -> bytes:
    hashed = hashlib.sha256()
    for part in parts:
        encoded = part.encode()
        hashed.update(len(encoded).to_bytes(4, "big"))
        hashed.update(encoded)
    return hashed.digest()


def _run_id(source: bytes, partitions: int) -> RunId:
    if not 1 <= partitions <= MAX_PARTITIONS:
        raise ValueError(f"an installation has 1 to {MAX_PARTITIONS} partitions, not {partitions}")
    number = int.from_bytes(source, "big")
    name = number >> (len(source) * 8 - _NAME_BITS)
    letters = "".join(_ALPHABET[name >> shift & 31] for shift in range(_NAME_BITS - 5, -1, -5))
    return RunId(f"r-{number % partitions:02d}-{letters}")
