"""A stretch of log that owes something of every kind: open claims, messages, counters, positions, control."""

import json

from awe.commands.log import Ack, Advance, Limit, NewEvent, Position, Reserve, Settle
from support.two_tiers import TwoTiers

READY = NewEvent("t:a", "awe.task.ready/1", b'{"data":{}}', dispatch="local")


async def some_work(tiers: TwoTiers) -> None:
    """Run `done` ends and owes nothing; `busy` is claimed; `waiting` has a message and no claim."""
    for run in ("done", "busy", "waiting"):
        await tiers.append(run, "run", counters=(Limit("calls", 10),), control="accepted")
        await tiers.append(run, events=(READY, NewEvent("t:b", "awe.task.ready/1", b"{}")))
    for run in ("done", "busy"):
        await tiers.append(run, claims=1, counters=(Reserve("calls", "op1", 2),))
    message, *_ = await messages(tiers)
    await tiers.append(
        "done",
        events=(NewEvent("t:a", "awe.task.succeeded/1", b"{}"), NewEvent("t:a", "awe.task.noted/1", b"{}")),
        claims=-1,
        counters=(Settle("calls", "op1", 1),),
        acks=(message,),
    )
    at = await tiers.log.head()
    await tiers.append("busy", "t:b", advance=Advance("scheduler", Position(at.n, at.epoch)))


async def messages(tiers: TwoTiers, queue: str = "local") -> list[Ack]:
    """Return what acknowledges each message of a queue."""
    found = await tiers.redis("XRANGE", tiers.keys.queue(queue), "-", "+")
    told = [(message_id.decode(), json.loads(fields[1])) for message_id, fields in found]
    return [Ack(queue, message_id, of["n"], of["append"]) for message_id, of in told]
