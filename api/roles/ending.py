"""Tasks are cancelled until they have ended: a client library may swallow a cancellation that meets a reply."""

import asyncio
from collections.abc import Iterable
from typing import Any, Final

AGAIN_S: Final = 1.0


async def end(tasks: Iterable[asyncio.Task[Any]], *, patience_s: float = AGAIN_S) -> None:
    """Cancel the tasks and wait for them; `patience_s` is how long they may take before they are cancelled again."""
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=patience_s)
