"""What a log owes is a fold of its entries: open claims, counters, messages nobody acknowledged, reactors' positions.

One fold serves the archiver, which keeps the sum of it beside the archive, and the healer, which restores it. A
message is known by its event's position and append: positions alone are given out again after a loss.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from awe.adapters.redis_streams import counters, index
from awe.adapters.redis_streams.entries import effects_of, effects_told, recorded
from awe.projections.ports import Duties
from awe.projections.stored import StoredEntry


@dataclass(frozen=True, slots=True)
class Message:
    """An event that is a message of a work queue, as the append script sends it."""

    queue: str
    n: int
    append_id: str
    data: bytes


@dataclass(frozen=True, slots=True)
class RunState:
    """What the hot tier keeps of one run."""

    run: str
    index: Mapping[str, str]
    counters: Mapping[str, int]
    messages: Sequence[Message]


def run_state(run: str, entries: Sequence[StoredEntry]) -> RunState:
    """Return the state of a run from all its entries in log order."""
    messages: dict[tuple[int, str], Message] = {}
    for entry in entries:
        effects = effects_of(entry)
        if effects.queue:
            sent = message(effects.queue, entry)
            messages[sent.n, sent.append_id] = sent
        for ack in effects.acks:
            messages.pop((ack.n, ack.append_id), None)
    steps = (step for entry in entries for step in effects_of(entry).counters)
    return RunState(run, index.fold(entries), counters.fold(steps), tuple(messages.values()))


def message(queue: str, entry: StoredEntry) -> Message:
    """Return the message that an entry became."""
    event = recorded(entry)
    head = json.dumps(
        {
            "n": event.n,
            "run": event.run,
            "aggregate": event.aggregate,
            "version": event.version,
            "append": event.append_id,
            "type": event.type,
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )
    data = b'%s,"event":%s}' % (head[:-1].encode(), event.body)
    return Message(queue, event.n, event.append_id, data)


def duties(entries: Iterable[StoredEntry]) -> Duties:
    """Return what entries in log order add to and take from what the log owes."""
    claims: defaultdict[str, int] = defaultdict(int)
    dispatched: dict[tuple[int, str], str] = {}
    acked: set[tuple[int, str]] = set()
    positions: dict[str, tuple[int, int]] = {}
    for n, _, meta, _ in entries:
        if not meta.endswith(b"}"):  # ends with its time: no effects
            continue
        run, append_id, told = effects_told(meta)
        if "q" in told:
            dispatched[n, append_id] = run
        claims[run] += told.get("o", 0)
        for _, _, at, by in told.get("k", ()):
            if dispatched.pop((at, by), None) is None:
                acked.add((at, by))
        if "p" in told:
            reactor, at, epoch = told["p"]
            positions[reactor] = (at, epoch)
    return Duties(claims, dispatched, acked, positions)
