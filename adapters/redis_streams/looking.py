"""Several reads of one partition in one step.

On one server that is a transaction. redis-py's cluster client queues transactions in a thread with an event loop of its
own, which leaves connections behind that belong to no loop; there the reads are one script.
"""

from collections.abc import Sequence
from typing import Any

import msgpack

from awe.adapters.redis_streams.cancellation import heed_cancel
from awe.adapters.redis_streams.connection import AsyncClient, spreads
from awe.adapters.redis_streams.scripts import evaluate

Command = Sequence[Any]


async def at_once(client: AsyncClient, *commands: Command) -> list[Any]:
    """Run reading commands, each with its one key in second place, and return their replies.

    Raises:
        RedisError, OSError: the server cannot be asked, or refuses a command.
    """
    if spreads(client):
        keys = list(dict.fromkeys(command[1] for command in commands))
        packed = msgpack.packb(commands, use_bin_type=False)
        replies = await evaluate(client, "at_once", len(keys), *keys, packed)
        return [_as_on_one_server(command, reply) for command, reply in zip(commands, replies, strict=True)]
    pipe = client.pipeline(transaction=True)
    for command in commands:
        pipe.execute_command(*command)
    replies = await pipe.execute()
    heed_cancel()
    return replies


def _as_on_one_server(command: Command, reply: Any) -> Any:
    return dict(zip(reply[::2], reply[1::2], strict=True)) if command[0] == "HGETALL" else reply
