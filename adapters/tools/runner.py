"""The port of tools over the functions of this process' registry: every limit of a contract is held here.

Arguments are checked and made anew from their JSON before a tool sees them, its output is cut off at the cap, made
JSON and checked before anybody else sees it; so nothing a tool changes later changes what was recorded. Checking
something large happens in a thread.
"""

import time
from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import Final, Self, TypeVar

from pydantic_core import from_json, to_json

from awe.adapters.tools import failures
from awe.adapters.tools.children import ChildCalls
from awe.adapters.tools.inline import InlineCalls
from awe.adapters.tools.printing import diverted
from awe.adapters.tools.registry import Registered, Registry
from awe.adapters.tools.threaded import ThreadedCalls
from awe.adapters.tools.threads import Threads
from awe.adapters.tools.ways import Returned, Way
from awe.adapters.tools.workspaces import Workspaces
from awe.commands.blobs import Blobs
from awe.commands.tools import Call, Failure, Success
from awe.domain.contracts import ToolContract
from awe.domain.events import Json
from awe.domain.failures import FailureClass
from awe.domain.plan.lint.catalogue import Catalogue
from awe.domain.schemas import Schemas

_LARGE: Final = 50 * 1024
_CHECKERS: Final = 1

T = TypeVar("T")


class LocalTools:
    """Use it as an async context manager, on the main thread: at its end, its threads and processes end."""

    def __init__(
        self,
        registry: Registry,
        schemas: Schemas,
        blobs: Blobs,
        workspaces: Workspaces,
        *,
        threads: int = 16,
        children: int = 2,
    ) -> None:
        """At most so many sync calls, and so many heavy ones, run at once; more wait, within their limits."""
        self._registry = registry
        self._schemas = schemas
        self._threads = Threads(threads, "awe-tool")
        self._checkers = Threads(_CHECKERS, "awe-check")
        self._inline = InlineCalls(blobs, workspaces)
        self._threaded = ThreadedCalls(self._threads, blobs, workspaces)
        self._children = ChildCalls(children, blobs, workspaces)
        self._ways = {digest: self._way(tool) for digest, tool in registry.tools.items()}
        self._stack = ExitStack()

    async def __aenter__(self) -> Self:
        self._stack.enter_context(diverted())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._stack:
            await self._inline.close()
            await self._children.close()
            self._threads.close()
            self._checkers.close()

    @property
    def catalogue(self) -> Catalogue:
        return self._registry.catalogue

    def contract(self, digest: str) -> ToolContract | None:
        return self._registry.contract(digest)

    @property
    def leaked(self) -> int:
        """Calls that outlived their limit and still run: a process with many of them is to be replaced."""
        return self._threads.leaked + self._inline.leaked

    @property
    def child_pids(self) -> tuple[int, ...]:
        """The processes of heavy tools, warm and at work."""
        return self._children.pids

    async def call(self, call: Call) -> Success | Failure:
        deadline = time.monotonic() + call.limit_s
        tool = self._registry.tools.get(call.contract.digest)
        if tool is None:
            return _not_here(call)
        contract = tool.definition.contract
        try:
            arguments = to_json(call.arguments, inf_nan_mode="constants")
        except ValueError:
            return failures.unwritable_arguments()
        violations = await self._checked(
            len(arguments), lambda: self._schemas.validate(call.arguments, contract.input_schema)
        )
        if violations:
            return failures.unfit_arguments(violations)
        if time.monotonic() >= deadline:
            return failures.late(call.limit_s, begun=False)
        returned = await self._ways[contract.digest].run(tool, call, arguments, deadline)
        if isinstance(returned, Failure):
            return returned
        return await self._checked(len(returned.output), lambda: self._success(contract, returned))

    async def _checked(self, size: int, check: Callable[[], T]) -> T:
        """What the check says, without holding up the loop for something large."""
        if size <= _LARGE:
            return check()
        checked: T = await self._checkers.run(check)
        return checked

    def _success(self, contract: ToolContract, returned: Returned) -> Success | Failure:
        try:
            output: Json = from_json(returned.output, allow_inf_nan=False)
        except ValueError as error:
            return failures.not_json(error)
        violations = self._schemas.validate(output, contract.output_schema)
        if violations:
            return failures.unfit_output(violations)
        return Success(output, returned.artifacts)

    def _way(self, tool: Registered) -> Way:
        if tool.definition.heavy:
            return self._children
        return self._inline if tool.definition.asynchronous else self._threaded


def _not_here(call: Call) -> Failure:
    return Failure(
        FailureClass.INTERNAL,
        f"tool {call.contract.name}@{call.contract.version} with that contract is not here; "
        "start a worker that has it",
        sent=False,
    )
