from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from awe.adapters.tools.registry import Registry
from support.workbench import Serve, Workbench


@pytest.fixture
def workbench(tmp_path: Path) -> Workbench:
    return Workbench(tmp_path)


@pytest.fixture
async def serve(workbench: Workbench) -> AsyncIterator[Serve]:
    """Whose tools end with the test."""
    async with AsyncExitStack() as stack:

        async def start(*functions: Callable[..., Any], file: Path | None = None, **limits: int) -> Workbench:
            registry = Registry.of(functions) if file is None else Registry.load(files=[file])
            await stack.enter_async_context(workbench.serving(registry, **limits))
            return workbench

        yield start
