"""Shows a run until it ends, or until only a person can help it on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from typing import Final

from awe.api.cli.live.telling import Teller
from awe.api.reading.run_views import Seen
from awe.projections.views.run import RunView
from awe.projections.views.steps import unresolved

SETTLE_S: Final = 2.0
"""How long nothing must happen before a run with an unknown outcome counts as waiting for a person."""

_TICK_S: Final = 0.1


async def show(watched: AsyncGenerator[Seen], teller: Teller, *, settle_s: float = SETTLE_S) -> RunView:
    """Return the view as it is in the end."""
    view: RunView | None = None
    quiet_since = time.monotonic()
    coming = asyncio.ensure_future(anext(watched, None))
    try:
        while True:
            done, _ = await asyncio.wait({coming}, timeout=_TICK_S)
            if done:
                seen = coming.result()
                if seen is None:
                    break
                view, quiet_since = seen.view, time.monotonic()
                teller.told(seen)
                coming = asyncio.ensure_future(anext(watched, None))
            if view is not None:
                teller.tick(view)
                if time.monotonic() - quiet_since >= settle_s and unresolved(view):
                    break
    finally:
        coming.cancel()
        await asyncio.wait({coming})
        await watched.aclose()
    if view is None:
        raise AssertionError("a watched run is seen at least once")
    teller.tick(view, last=True)
    return view
