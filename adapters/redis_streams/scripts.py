"""Scripts travel with the release that calls them: a server keeps them by digest, so no two releases share one."""

from functools import cache
from hashlib import sha1
from importlib.resources import files
from typing import Any

from redis.exceptions import NoScriptError

from awe.adapters.redis_streams.cancellation import heed_cancel
from awe.adapters.redis_streams.connection import AsyncClient


@cache
def source(name: str) -> str:
    """Return the text of a script of this package."""
    return files("awe.adapters.redis_streams").joinpath(f"{name}.lua").read_text(encoding="utf-8")


@cache
def digest(name: str) -> str:
    """Return the name under which a server keeps a loaded script."""
    return sha1(source(name).encode(), usedforsecurity=False).hexdigest()


async def evaluate(client: AsyncClient, name: str, *arguments: Any) -> Any:
    """Run a script; ``arguments`` are the number of keys, the keys and the rest. Loads it where it is missing."""
    try:
        reply = await client.execute_command("EVALSHA", digest(name), *arguments)
    except NoScriptError:
        reply = await client.execute_command("EVAL", source(name), *arguments)
    heed_cancel()
    return reply
