"""The properties that every implementation of the event log has, as a suite to run on your own.

An implementation of `awe.commands.log.EventLog` runs it so, with pytest and pytest-asyncio:

1. Write a `Harness` for the store: how to make clients of a fresh partition, and whichever of the means to disturb
   it the store has. What it has it declares in ``abilities``; tests that need another are skipped, and say so::

       class MyHarness(Harness):
           abilities = frozenset({Ability.LOSE_REPLY, Ability.QUEUES})

           async def log(self) -> EventLog: ...
           async def second_log(self) -> EventLog: ...
           async def other_partition(self) -> EventLog: ...
           async def lose_next_reply(self) -> None: ...
           async def messages(self, queue: str) -> Sequence[QueuedMessage]: ...

2. Subclass `EventLogConformance` (or single themes of it) with a fixture that yields a new harness for each test::

       class TestMyLog(EventLogConformance):
           @pytest.fixture
           async def harness(self, server_url: str) -> AsyncIterator[Harness]:
               async with MyHarness.on(server_url) as harness:
                   yield harness

3. Run pytest with ``asyncio_mode = "auto"``.

A name such as ``test_i08_i23_...`` says which invariants a property holds; ``python -m support.conformance`` prints
all properties as JSON, with their invariants, the abilities they need, and what they say. The themes are abstract: they
name no store, no driver and no key, and time only as the most that may pass.
"""

import pkgutil

import pytest

# Before the themes are imported, so that their assertions explain themselves as those of test files do.
pytest.register_assert_rewrite(*(f"{__name__}.{module.name}" for module in pkgutil.iter_modules(__path__)))

from support.conformance.harness import Ability, Harness, QueuedMessage, Unable  # noqa: E402 (see above)
from support.conformance.themes import THEMES, EventLogConformance  # noqa: E402 (see above)

__all__ = ["THEMES", "Ability", "EventLogConformance", "Harness", "QueuedMessage", "Unable"]
