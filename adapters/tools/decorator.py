"""A tool is a typed function: its contract follows from its signature and from what the decorator says.

Wrong use is an error when the module is imported, not when a run calls the tool.
"""

import inspect
import re
from collections.abc import Callable
from typing import Any, Final, Literal, TypeVar

from pydantic import ValidationError

from awe.adapters.tools.definition import Definition, attach
from awe.adapters.tools.errors import ToolDefinitionError
from awe.adapters.tools.signature import read_signature
from awe.domain.contracts import Effect, Idempotency, ToolContract

F = TypeVar("F", bound=Callable[..., Any])

_MS: Final = 1_000
_NOTE: Final = (
    "{label} may change the world and does not say what happens when it is called twice, so a call whose outcome is "
    "not known waits for a person; state idempotency"
)


def tool(
    *,
    name: str,
    version: str = "1",
    effect: Literal["read", "write", "destructive"],
    idempotency: Literal["idempotent", "key", "none"] | None = None,
    timeout_s: float = 30,
    output_cap_bytes: int = 262_144,
    heavy: bool = False,
) -> Callable[[F], F]:
    """Make a sync or async function a tool; called directly, it stays the function it is.

    Args:
        name: what plans call it, like `text.count`.
        version: raised when the contract changes.
        effect: what a call may do to the world.
        idempotency: what happens when one call is made twice; `none` when not said.
        timeout_s: how long a call may take.
        output_cap_bytes: how large the output may be, as JSON.
        heavy: run it in a process of its own, which is killed at the limit: for what burns the CPU, hangs or
            imports much. Import heavy libraries inside the function.

    Raises:
        ToolDefinitionError: the function cannot be a tool as it stands.
    """

    def decorate(function: F) -> F:
        place = _place(function)
        try:
            attach(function, define(function, place))
        except ToolDefinitionError as error:
            raise ToolDefinitionError(f"tool {name!r} ({place}): {error}") from error
        return function

    def define(function: Callable[..., Any], place: str) -> Definition:
        _require_function(function)
        signature = read_signature(function)
        try:
            contract = ToolContract(
                name=name,
                version=version,
                input_schema=signature.input_schema,
                output_schema=signature.output_schema,
                effect=Effect(effect),
                idempotency=Idempotency(idempotency or "none"),
                timeout_ms=round(timeout_s * _MS),
                output_cap_bytes=output_cap_bytes,
            )
        except ValidationError as error:
            fault = error.errors(include_url=False)[0]
            raise ToolDefinitionError(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}") from error
        except ValueError as error:  # of the two enumerations
            raise ToolDefinitionError(str(error)) from error
        silent = contract.effect is not Effect.READ and idempotency is None
        return Definition(
            contract=contract,
            function=function,
            asynchronous=inspect.iscoroutinefunction(function),
            heavy=heavy,
            context=signature.context,
            place=place,
            notes=(_NOTE.format(label=f"{name}@{version}"),) if silent else (),
            arguments=signature.arguments,
            output=signature.output,
        )

    return decorate


def _require_function(function: Callable[..., Any]) -> None:
    if not inspect.isfunction(function):
        raise ToolDefinitionError("only a function can be a tool; decorate a def or an async def")
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise ToolDefinitionError("a tool returns its output once; return a list instead of yielding")


def _place(function: Any) -> str:
    code = getattr(function, "__code__", None)
    return f"{code.co_filename}:{code.co_firstlineno}" if code else re.sub(r"\s+at 0x\w+", "", repr(function))
