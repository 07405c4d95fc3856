"""A client that begins runs and cancels them, and repeats what was not answered, as its keys allow."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from awe.adapters.redis_streams.keys import Keys
from awe.api.bootstrap import EventStore
from awe.api.bootstrap.tool_names import queue_of_file
from awe.commands.handling import Handled
from awe.commands.log import LogUnavailable
from awe.commands.messages import RequestCancel, SubmitGoal
from awe.domain.identifiers import RunId
from chaos.engine import tools
from chaos.engine.plans import plan

TOOLS = Path(tools.__file__)
_ACTOR = "chaos"
_AGAIN_S = 0.2


class Client:
    """`runs` are those whose submission was answered; `answers` counts everything that was."""

    def __init__(self, store: EventStore, seed: int) -> None:
        self._store = store
        self._seed = seed
        self._queue = queue_of_file(TOOLS)
        self.runs: list[RunId] = []
        self.answers: Counter[str] = Counter()

    async def submit(self, number: int) -> RunId:
        """Begin the run of that number; its plan is its own."""
        return await self.begin(number, plan(random.Random(f"{self._seed} {number}"), f"chaos-{number}"))

    async def begin(self, number: int, document: dict[str, Any]) -> RunId:
        """Begin the run of that number with this plan."""
        command = SubmitGoal(
            actor=_ACTOR,
            goal=f"come through, for the {number}. time",
            planning={"planner": "given", "plan": document},
            queue=self._queue,
            idempotency_key=f"run-{number}",
        )
        run = (await self._answered(lambda: self._store.runs.submit(command))).run
        self.answers["submitted"] += 1
        self.runs.append(run)
        return run

    async def cancel(self, run: RunId) -> None:
        await self._answered(lambda: self._store.runs.cancel(RequestCancel(actor=_ACTOR, run=run)))
        self.answers["cancelled"] += 1

    async def _answered(self, ask: Callable[[], Awaitable[Handled]]) -> Handled:
        while True:
            try:
                return await ask()
            except LogUnavailable:
                self.answers["not now"] += 1
                await asyncio.sleep(_AGAIN_S)

    async def marks(self, partition: str) -> tuple[int, int]:
        """Up to which position a partition is written, and archived."""
        found = await self._store.client.execute_command("HMGET", Keys(partition).meta, "n", "archived")
        return int(found[0] or 0), int(found[1] or 0)
