"""Writes of a healing that make a partition's derived state anew; each refused once a later healing has begun.

The partition is marked first, so a healer killed at any point leaves behind that the work is to be done again. Work
queues are reconciled, not replaced: a worker keeps the message that it holds, with its id.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import msgpack

from awe.adapters.redis_streams.keys import GROUP, Keys
from awe.adapters.redis_streams.obligations import Message, RunState
from awe.adapters.redis_streams.steps import Page, Script, Steps
from awe.projections.stored import StoredEntry

_PER_CALL = 500
_PER_COMMAND = 1_000
_Command = Sequence[str | int | bytes]


class Overtaken(Exception):  # noqa: N818 - named for the fact, like the outcomes of the log
    """Another healing has begun, or the server restarted under this one: it must begin again."""


def write(keys: Keys, token: int, touched: Iterable[str], commands: Sequence[_Command]) -> Steps[None]:
    """Run commands in one step under the healing's token.

    Raises:
        Overtaken: the partition does not carry the token.
    """
    packed = msgpack.packb(commands, use_bin_type=False)
    done = yield Script("under_token", (keys.meta, *dict.fromkeys(touched)), (token, packed))
    if not done:
        raise Overtaken


def close(keys: Keys, token: int) -> Steps[None]:
    """Close the partition under a token.

    Raises:
        Overtaken: it carries a higher one, or this one.
    """
    done = yield Script("close", (keys.meta,), (token,))
    if not done:
        raise Overtaken


def mark(keys: Keys, token: int, dropped: int) -> Steps[None]:
    """Mark the rebuild, and before any index goes, up to where a missing one means the archive."""
    yield from write(keys, token, (), [("HSET", keys.meta, "rebuild", 1, "dropped", dropped)])


def wipe(keys: Keys, token: int) -> Steps[Collection[str]]:
    """Drop indexes, counters and positions; return the names of the work queues there are."""
    queues: set[str] = set()
    prefix = keys.queue("")
    cursor: bytes = b"0"
    yield from write(keys, token, (keys.positions,), [("UNLINK", keys.positions)])
    while True:
        cursor, found = yield Script("scan", (keys.meta,), (cursor, f"{{{keys.partition}}}:[xbq]:*"))
        names = [name.decode() for name in found]
        queues.update(name.removeprefix(prefix) for name in names if name.startswith(prefix))
        derived = [name for name in names if not name.startswith(prefix)]
        if derived:
            yield from write(keys, token, derived, [("UNLINK", *derived)])
        if cursor == b"0":
            return queues


def begin_log(keys: Keys, token: int) -> Steps[None]:
    """Drop the log: all it holds is archived, and the archive holds more."""
    yield from write(keys, token, (keys.log,), [("UNLINK", keys.log)])


def extend_log(keys: Keys, token: int, entries: Sequence[StoredEntry]) -> Steps[None]:
    """Write archived entries to the log again."""
    adding = [
        ("XADD", keys.log, f"{n}-0", "t", kind, "m", meta, "b", body) for n, kind, meta, body in entries
    ]
    for at in range(0, len(adding), _PER_CALL):
        yield from write(keys, token, (keys.log,), adding[at : at + _PER_CALL])


def cut_log(keys: Keys, token: int, n: int, last: int) -> Steps[None]:
    """Take away entries ``n + 1 .. last``: part of a unit whose append failed half way; nobody was told of them."""
    deleting: list[_Command] = [("XDEL", keys.log, f"{each}-0") for each in range(n + 1, last + 1)]
    # An id is lowered in two steps: a server first wants to forget the highest one deleted.
    renumbering: list[_Command] = [
        ("XSETID", keys.log, f"{last}-0", "ENTRIESADDED", last, "MAXDELETEDID", "1-0"),
        ("XSETID", keys.log, f"{n}-0"),
    ]
    cutting = [*deleting, *renumbering] if n else [("UNLINK", keys.log)]
    yield from write(keys, token, (keys.log,), cutting)


def restore_runs(keys: Keys, token: int, states: Iterable[RunState]) -> Steps[None]:
    """Write indexes and counters of some runs in one step."""
    touched: list[str] = []
    commands: list[_Command] = []
    for state in states:
        index, counters = keys.index(state.run), keys.counters(state.run)
        touched += (index, counters)
        commands += (
            ("UNLINK", index, counters),
            *_hset(index, state.index),
            *_hset(counters, state.counters),
        )
    yield from write(keys, token, touched, commands)


def restore_positions(keys: Keys, token: int, positions: Mapping[str, tuple[int, int]]) -> Steps[None]:
    """Write where reactors stand."""
    told = {reactor: f"{n};{epoch}" for reactor, (n, epoch) in positions.items()}
    yield from write(
        keys, token, (keys.positions,), [("UNLINK", keys.positions), *_hset(keys.positions, told)]
    )


def reconcile_queues(
    keys: Keys, token: int, queues: Collection[str], messages: Iterable[Message]
) -> Steps[None]:
    """Let each work queue hold just the messages that are owed, and have its consumer group."""
    owed: dict[str, dict[tuple[int, str], Message]] = {queue: {} for queue in queues}
    for message in sorted(messages, key=lambda each: each.n):
        owed.setdefault(message.queue, {})[message.n, message.append_id] = message
    for queue, missing in owed.items():
        key = keys.queue(queue)
        group: _Command = ("XGROUP", "CREATE", key, GROUP, "0", "MKSTREAM")
        yield from write(keys, token, (key,), [group])
        for message_id in (yield from _surplus(key, missing)):
            commands = [("XACK", key, GROUP, message_id), ("XDEL", key, message_id)]
            yield from write(keys, token, (key,), commands)
        adding = [("XADD", key, "*", "__data__", message.data) for message in missing.values()]
        for at in range(0, len(adding), _PER_CALL):
            yield from write(keys, token, (key,), adding[at : at + _PER_CALL])


def _surplus(key: str, missing: dict[tuple[int, str], Message]) -> Steps[list[bytes]]:
    """Take the messages that a queue holds out of ``missing``; return the ids of those that nobody is owed."""
    surplus: list[bytes] = []
    start = "-"
    while True:
        page = yield Page(key, start, _PER_CALL)
        for message_id, fields in page:
            named = _named(fields)
            if named is not None and missing.pop(named, None) is None:
                surplus.append(message_id)
            start = f"({message_id.decode()}"
        if len(page) < _PER_CALL:
            return surplus


def _named(fields: Sequence[bytes]) -> tuple[int, str] | None:
    """Return the event that a message carries, by position and append; None for what the log did not send."""
    try:
        told: dict[str, Any] = json.loads(fields[1])
        return int(told["n"]), str(told["append"])
    except (ValueError, KeyError, TypeError):
        return None


def _hset(key: str, fields: Mapping[str, str] | Mapping[str, int]) -> list[_Command]:
    flat = [part for field in fields.items() for part in field]
    return [("HSET", key, *flat[at : at + _PER_COMMAND]) for at in range(0, len(flat), _PER_COMMAND)]
