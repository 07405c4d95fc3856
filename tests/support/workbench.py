"""Tools that run, and calls of them by name."""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from awe.adapters.memory.blobs import MemoryBlobs
from awe.adapters.schemas import JsonSchemas
from awe.adapters.tools.registry import Registry
from awe.adapters.tools.runner import LocalTools
from awe.adapters.tools.workspaces import Workspaces
from awe.commands.tools import Call, Failure, Success
from awe.domain.failures import FailureClass
from awe.domain.identifiers import OperationId, TaskKey, run_id_from

OPERATION = OperationId(run_id_from(bytes(17), 1), TaskKey("collect"), 2, 1)
SCHEMAS = JsonSchemas()


class Workbench:
    """Tools that run, with blobs in memory."""

    def __init__(self, folder: Path) -> None:
        self.blobs = MemoryBlobs()
        self.workspaces = Workspaces(folder / "workspaces")
        self.registry = Registry()
        self.tools = LocalTools(self.registry, SCHEMAS, self.blobs, self.workspaces)

    def serving(self, registry: Registry, **limits: int) -> LocalTools:
        self.registry = registry
        self.tools = LocalTools(registry, SCHEMAS, self.blobs, self.workspaces, **limits)
        return self.tools

    async def call(self, name: str, /, *, limit_s: float = 30.0, **arguments: Any) -> Success | Failure:
        contract = self.registry.catalogue.find(name, None)
        assert contract is not None
        return await self.tools.call(Call(OPERATION, contract, arguments, 3, limit_s))

    async def output(self, name: str, /, **arguments: Any) -> Any:
        done = await self.call(name, **arguments)
        assert isinstance(done, Success), done
        return done.output

    async def failure(self, name: str, /, **arguments: Any) -> tuple[FailureClass, str, bool]:
        done = await self.call(name, **arguments)
        assert isinstance(done, Failure), done
        return done.failure, done.message, done.sent


Serve = Callable[..., Coroutine[Any, Any, "Workbench"]]
"""Starts the tools that are given as functions or as a file."""
