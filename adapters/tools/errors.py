"""What can be wrong with a tool: its definition, its loading, or one call of it."""

from typing import Final

from awe.domain.failures import FailureClass

CHOOSABLE: Final = frozenset(
    {
        FailureClass.TOOL_ERROR,
        FailureClass.INVALID_INPUT,
        FailureClass.TRANSPORT,
        FailureClass.RATE_LIMITED,
        FailureClass.AUTH,
        FailureClass.NEEDS_INPUT,
    }
)
"""What a tool may say of its own failure; all else is for the engine to judge."""


class ToolError(Exception):
    """Raised by a tool to say why a call failed: `failure` decides what is done about it, the message is for people.

    Say `sent=False` where the call certainly had no effect: then it may be made again, also of a tool that writes.
    """

    def __init__(
        self, message: str, *, failure: FailureClass | str = FailureClass.TOOL_ERROR, sent: bool = True
    ) -> None:
        super().__init__(message)
        self.failure = FailureClass(failure)
        self.sent = sent
        if self.failure not in CHOOSABLE:
            raise ValueError(
                f"a tool cannot fail as {self.failure}; it can as {', '.join(sorted(CHOOSABLE))}"
            )


class ToolDefinitionError(TypeError):
    """A function cannot become a tool as it stands; the message names it and says what to change."""


class ToolLoadError(Exception):
    """A module or file of tools cannot be used; the message names it and says why."""
