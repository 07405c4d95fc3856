"""What a call's failure is called: whatever a tool does has a class, and a message without a value of the arguments.

The words of an exception are the tool's own, and are passed on cut.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from pydantic import ValidationError

from awe.adapters.tools.errors import ToolError
from awe.commands.tools import Failure
from awe.domain.failures import FailureClass
from awe.domain.plan import pointer
from awe.domain.schemas import Violation

_LONGEST: Final = 500
_MOST_VIOLATIONS: Final = 3


def raised(error: BaseException) -> Failure:
    """What a tool raised, of whatever kind."""
    if isinstance(error, ToolError):
        return Failure(error.failure, _cut(str(error)) or "the tool gave no reason", sent=error.sent)
    kind = type(error).__name__
    try:
        words = str(error)
    except Exception:  # noqa: BLE001 (also its words are the tool's code)
        words = ""
    return Failure(FailureClass.TOOL_ERROR, _cut(f"{kind}: {words}" if words else kind))


def late(limit_s: float, *, begun: bool) -> Failure:
    """A call that outran its limit; one that never began says nothing of the tool, only of the way to it."""
    if begun:
        return Failure(FailureClass.TIMEOUT, f"no answer within {limit_s:.3g} s")
    return Failure(FailureClass.TRANSPORT, f"its {limit_s:.3g} s were over before it could begin", sent=False)


def unfit_arguments(violations: Iterable[Violation]) -> Failure:
    return Failure(FailureClass.INVALID_INPUT, f"arguments {_places(violations)}", sent=False)


def unwritable_arguments() -> Failure:
    return Failure(FailureClass.INVALID_INPUT, "arguments are no JSON: text that is not Unicode", sent=False)


def unreadable_arguments(error: ValidationError) -> Failure:
    """The types of the function's parameters refuse what its schema allows."""
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    return unfit_arguments(Violation(each["loc"], each["type"], "it is refused") for each in faults)


def unfit_output(violations: Iterable[Violation]) -> Failure:
    return Failure(FailureClass.CONTRACT_OUTPUT, f"output {_places(violations)}")


def not_json(error: BaseException) -> Failure:
    return Failure(FailureClass.CONTRACT_OUTPUT, _cut(f"output is no JSON: {type(error).__name__}: {error}"))


def too_large(size: int, cap: int) -> Failure:
    return Failure(
        FailureClass.OUTPUT_TOO_LARGE,
        f"the output has {size:,} bytes, its contract allows {cap:,}; return less, or an artifact",
    )


def not_stored(error: BaseException) -> Failure:
    return Failure(FailureClass.INTERNAL, f"an artifact could not be stored: {type(error).__name__}")


def _places(violations: Iterable[Violation]) -> str:
    found: Sequence[Violation] = tuple(violations)
    named = [f"{pointer.join(*each.at) or '/'}: {each.keyword}: {each.message}" for each in found]
    more = [f"and {len(found) - _MOST_VIOLATIONS} more"] if len(found) > _MOST_VIOLATIONS else []
    return _cut("; ".join(named[:_MOST_VIOLATIONS] + more))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
