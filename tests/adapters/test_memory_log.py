"""The event log in memory has every property of an event log."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.conformance import EventLogConformance, Harness
from support.conformance.histories import KNOBS, TOP, WORDS, Step, live
from support.memory_harness import MemoryHarness

STEPS = st.lists(
    st.builds(Step, st.sampled_from(sorted(WORDS)), st.tuples(*[st.integers(0, TOP)] * KNOBS)), max_size=40
)


class TestMemoryEventLog(EventLogConformance):
    @pytest.fixture
    async def harness(self) -> AsyncIterator[Harness]:
        async with MemoryHarness.opened() as harness:
            yield harness


@given(STEPS)
@settings(max_examples=300, deadline=None)
def test_i02_i04_i05_i07_i08_i11_i12_i16_i23_every_history_is_that_of_the_model(steps: list[Step]) -> None:
    async def run() -> None:
        async with MemoryHarness.opened() as harness:
            await live(harness, steps)

    asyncio.run(run())
