"""Examines plans beside other work: what is small at once, what is large in a thread, what was judged lately not again.

One plan often serves many runs, so what depends on the plan and the catalogue alone is remembered; what depends on
the run is looked at each time. A thread shares the interpreter with the event loop, to which many small jobs in
threads are dearer than the jobs themselves, and several large ones at once end no sooner than one after the other.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from functools import partial
from typing import Final, NamedTuple

from awe.commands.planning.acceptance import Examined, Judged, examine, judge
from awe.commands.planning.recent import Recent
from awe.commands.planning.request import encoded
from awe.domain.events import Json
from awe.domain.expressions import Expressions
from awe.domain.plan.lint.catalogue import Catalogue
from awe.domain.schemas import Schemas

AT_ONCE_BYTES: Final = 8_192
"""Up to this size a plan is judged on the event loop: some milliseconds, 0.2 s for the worst that one could think of."""

AT_ONCE_INPUTS: Final = 262_144
"""The same for inputs: their bytes times those of their schema."""

REMEMBERED_PLANS: Final = 256
REMEMBERED_BYTES: Final = 2 * 1024 * 1024
"""Of plans as JSON; in memory they take seven times as much."""

_FINDING_BYTES: Final = 256


class _Remembered(NamedTuple):
    judged: Judged
    catalogue: Catalogue
    """Kept, so that no other one gets its identity."""


class Examiner:
    """Examines for one event loop; a catalogue is known by its identity, since a change of tools makes a new one."""

    def __init__(self, expressions: Expressions, schemas: Schemas) -> None:
        self._expressions = expressions
        self._schemas = schemas
        self._remembered: Recent[tuple[int, bytes], _Remembered] = Recent(
            most=REMEMBERED_PLANS, heaviest=REMEMBERED_BYTES
        )
        self._thread = asyncio.Lock()

    async def examine(
        self,
        plan: dict[str, Json] | bytes,
        *,
        inputs: dict[str, Json],
        tools: Sequence[str] | None,
        catalogue: Catalogue,
    ) -> Examined:
        """All that speaks against a plan for a run with these inputs, which may use these tools (None: every one)."""
        judged = await self._judged(plan if isinstance(plan, bytes) else encoded(plan), catalogue)
        examining = partial(examine, judged, inputs=inputs, tools=tools, schemas=self._schemas)
        if judged.inputs_bytes * len(encoded(inputs)) <= AT_ONCE_INPUTS:
            return examining()
        async with self._thread:
            return await asyncio.to_thread(examining)

    async def _judged(self, data: bytes, catalogue: Catalogue) -> Judged:
        key = (id(catalogue), hashlib.sha256(data).digest())
        if (known := self._remembered.get(key)) is not None:
            return known.judged
        if len(data) <= AT_ONCE_BYTES:
            judged = judge(data, catalogue, self._expressions, self._schemas)
            return self._remember(key, judged, catalogue, len(data))
        async with self._thread:
            if (known := self._remembered.get(key)) is not None:
                return known.judged  # another run waited for the same
            judged = await asyncio.to_thread(judge, data, catalogue, self._expressions, self._schemas)
            return self._remember(key, judged, catalogue, len(data))

    def _remember(self, key: tuple[int, bytes], judged: Judged, catalogue: Catalogue, size: int) -> Judged:
        weight = size + _FINDING_BYTES * len(judged.findings)
        self._remembered.put(key, _Remembered(judged, catalogue), weight)
        return judged
