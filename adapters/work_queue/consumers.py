"""Consumers come and go with processes; one is removed only by a script that first sees nothing pending (I14)."""

from functools import cache
from importlib.resources import files

from redis.exceptions import ResponseError

from awe.adapters.redis_streams.connection import AsyncClient
from awe.adapters.redis_streams.keys import GROUP


@cache
def _script() -> str:
    return files("awe.adapters.work_queue").joinpath("remove_consumer.lua").read_text(encoding="utf-8")


async def remove_consumer(client: AsyncClient, stream: str, consumer: str) -> bool:
    """Remove a consumer, unless something is pending for it.

    Returns:
        Whether it is gone; also when its stream or group is.
    """
    try:
        return bool(await client.execute_command("EVAL", _script(), 1, stream, GROUP, consumer))
    except ResponseError as error:
        if "NOGROUP" in str(error) or "no such key" in str(error):
            return True
        raise


async def idle_consumers(client: AsyncClient, stream: str, idle_ms: int) -> list[str]:
    """The consumers with nothing pending that nobody has read as for so long."""
    told = await client.execute_command("XINFO CONSUMERS", stream, GROUP)
    return [each["name"].decode() for each in told if each["pending"] == 0 and each["idle"] >= idle_ms]
