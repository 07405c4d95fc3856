"""How a built-in tool refuses what it was given: the caller's fault, before anything happened."""

from awe.adapters.tools.errors import ToolError
from awe.domain.failures import FailureClass


def refused(message: str) -> ToolError:
    """The error for arguments that fit the schema and still make no sense; the message says what to change."""
    return ToolError(message, failure=FailureClass.INVALID_INPUT, sent=False)
