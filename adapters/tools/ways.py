"""What the ways of running a tool have in common: they take JSON and a deadline, and give JSON and files, or a failure."""

from typing import Any, NamedTuple, Protocol

from awe.adapters.tools import failures
from awe.adapters.tools.context import Storage, ToolContext
from awe.adapters.tools.definition import Definition
from awe.adapters.tools.registry import Registered
from awe.adapters.tools.workspaces import Workspaces
from awe.commands.tools import Call, Failure
from awe.domain.artifacts import Artifact


class Returned(NamedTuple):
    """What a tool returned, within its cap and not checked yet, and the files it made, stored durably."""

    output: bytes
    artifacts: tuple[Artifact, ...] = ()


class Way(Protocol):
    async def run(
        self, tool: Registered, call: Call, arguments: bytes, deadline: float
    ) -> Returned | Failure:
        """Run the tool once, until the deadline by `time.monotonic` at the longest."""
        ...


class Prepared(NamedTuple):
    """The keyword arguments of one call of the function, made anew, and the context among them, if it asks for one."""

    keywords: dict[str, Any]
    context: ToolContext | None

    @property
    def artifacts(self) -> tuple[Artifact, ...]:
        return () if self.context is None else self.context.artifacts


def prepared(
    definition: Definition,
    call: Call,
    arguments: bytes,
    deadline: float,
    storage: Storage,
    workspaces: Workspaces,
) -> Prepared:
    """Raises pydantic's `ValidationError` where a parameter's type refuses what its schema allows."""
    keywords = definition.keywords(arguments)
    if definition.context is None:
        return Prepared(keywords, None)
    context = keywords[definition.context] = ToolContext(
        operation=call.operation,
        attempt=call.attempt,
        deadline=deadline,
        storage=storage,
        workspaces=workspaces,
    )
    return Prepared(keywords, context)


def encoded(definition: Definition, result: Any) -> bytes | Failure:
    """The result as JSON within the cap of the contract."""
    try:
        output = definition.encoded(result)
    except Exception as error:  # noqa: BLE001 (a serialiser may be the tool's own code)
        return failures.not_json(error)
    cap = definition.contract.output_cap_bytes
    return output if len(output) <= cap else failures.too_large(len(output), cap)
