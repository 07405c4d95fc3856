"""A cancelled task ends, also where the client library loses the cancellation.

redis-py sends through `asyncio.wait_for`, which before Python 3.12 swallows a cancellation that arrives together with
the result; a loop that only ends by being cancelled would then run for ever.
"""

import asyncio


def heed_cancel() -> None:
    """End the current task if it was cancelled and went on nevertheless."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
